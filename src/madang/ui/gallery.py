"""What the gallery page shows: every component with invented figures of a library that does not exist."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.translation import get_language, pgettext, pgettext_lazy

from madang.ui import formats
from madang.ui.charts import (
    Bar,
    BarChart,
    FlowChart,
    FlowLink,
    FlowNode,
    Interval,
    IntervalChart,
    LineChart,
    Measure,
    Series,
    SmallMultiples,
    StackedBarChart,
)
from madang.ui.listing import Column, ListingRules, listing_of
from madang.ui.maps import Shape, ShapeMap

_LENT = (820, 790, 860, 905, 880, 940, 1010, 990, 1060, 1120, 1090, 1185)
_PLAN = (800, 830, 860, 890, 920, 950, 980, 1010, 1040, 1070, 1100, 1130)
_NEW = (120, 150, 140, 180, 210, 205, 240, 260, 255, 290, 310, 330)
_OUTLINES = (
    ("M10 60 90 20 160 40 150 110 70 130Z", 85, 80),
    ("M160 40 260 30 290 100 220 150 150 110Z", 215, 95),
    ("M260 30 380 60 370 140 290 100Z", 330, 88),
    ("M70 130 150 110 220 150 200 230 110 260 40 210Z", 130, 185),
    ("M220 150 290 100 370 140 360 230 280 270 200 230Z", 285, 185),
    ("M110 260 200 230 280 270 260 340 150 350Z", 200, 295),
)
_LOANS = (214, 180, 96, 305, 268, 122)


class GalleryForm(forms.Form):
    """One field of each kind."""

    title = forms.CharField(
        label=pgettext_lazy("gallery", "Title of the book"),
        max_length=60,
        help_text=pgettext_lazy("gallery", "As it stands on the cover."),
    )
    wish = forms.CharField(
        label=pgettext_lazy("gallery", "What should we know?"),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        help_text=pgettext_lazy("gallery", "In your own words. No names, please."),
    )
    shelf = forms.ChoiceField(
        label=pgettext_lazy("gallery", "Shelf"),
        choices=[
            ("", pgettext_lazy("gallery", "Choose one")),
            ("a", pgettext_lazy("gallery", "Stories")),
            ("b", pgettext_lazy("gallery", "Cookery")),
        ],
    )
    fetch = forms.ChoiceField(
        label=pgettext_lazy("gallery", "How do you want it?"),
        widget=forms.RadioSelect,
        choices=[("post", pgettext_lazy("gallery", "By post")), ("desk", pgettext_lazy("gallery", "At the desk"))],
        help_text=pgettext_lazy("gallery", "By post takes two days longer."),
    )
    days = forms.MultipleChoiceField(
        label=pgettext_lazy("gallery", "Days that suit you"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        choices=[("sat", pgettext_lazy("gallery", "Saturday")), ("sun", pgettext_lazy("gallery", "Sunday"))],
    )
    due = forms.DateField(label=pgettext_lazy("gallery", "Needed by"), widget=forms.DateInput(attrs={"type": "date"}))
    photo = forms.FileField(
        label=pgettext_lazy("gallery", "A picture"),
        required=False,
        help_text=pgettext_lazy("gallery", "JPEG or PNG, up to 8 MB."),
    )
    agreed = forms.BooleanField(label=pgettext_lazy("gallery", "Keep my wish until it is answered"))
    token = forms.CharField(widget=forms.HiddenInput, initial="gallery")


def gallery_context(request: HttpRequest) -> Mapping[str, Any]:
    """Return everything that the gallery page draws."""
    language = get_language() or "ko"
    faulty = GalleryForm({"title": "", "fetch": "pigeon", "due": "", "token": "gallery"}, auto_id="faulty_%s")
    rows = [(name, loans, 1000 * loans) for name, loans in zip(_branches(), _LOANS, strict=True)]
    listing = listing_of(request, ListingRules(sortable={"loans": "loans", "name": "name"}, default="-loans"))
    key: Callable[[tuple[str, int, int]], Any] = (
        (lambda row: row[1]) if listing.sort == "loans" else (lambda row: row[0])
    )
    return {
        "fresh": GalleryForm(auto_id="fresh_%s"),
        "faulty": faulty,
        "charts": _charts(),
        "areas": _areas(),
        "columns": (
            Column(label=pgettext("gallery", "Branch"), key="name"),
            Column(label=pgettext("gallery", "Loans"), key="loans", numeric=True),
            Column(label=pgettext("gallery", "Cost"), numeric=True),
        ),
        "table_rows": [
            (name, formats.number(loans, language), formats.won(cost, language))
            for name, loans, cost in sorted(rows, key=key, reverse=listing.descending)
        ],
        "listing": listing,
        "page": Paginator(range(300), 25).get_page(request.GET.get("page", 3)),
        "some_day": date(2026, 11, 23),
        "some_moment": datetime(2026, 11, 23, 6, 5, tzinfo=UTC),
    }


def _branches() -> tuple[str, ...]:
    return (
        pgettext("gallery", "North"),
        pgettext("gallery", "Riverside"),
        pgettext("gallery", "Hill"),
        pgettext("gallery", "Market"),
        pgettext("gallery", "Station"),
        pgettext("gallery", "South"),
    )


def _months() -> tuple[str, ...]:
    return tuple(pgettext("gallery", "%(month)s/26") % {"month": month} for month in range(1, 13))


def _charts() -> tuple[Any, ...]:
    loans = Measure(unit=pgettext("gallery", "loans"))
    return (
        LineChart(
            title=pgettext("gallery", "Loans have been above the plan since October"),
            measure=loans,
            heading=pgettext("gallery", "Month"),
            labels=_months(),
            series=(
                Series(name=pgettext("gallery", "Loans"), values=_LENT),
                Series(name=pgettext("gallery", "New readers"), values=_NEW),
            ),
            target=Series(name=pgettext("gallery", "Plan"), values=_PLAN),
        ),
        BarChart(
            title=pgettext("gallery", "Market lends the most"),
            measure=loans,
            heading=pgettext("gallery", "Branch"),
            bars=tuple(
                Bar(label=name, value=value, plan=200, strong=value == max(_LOANS))
                for name, value in zip(_branches(), _LOANS, strict=True)
            ),
        ),
        BarChart(
            title=pgettext("gallery", "December was the best month"),
            measure=loans,
            heading=pgettext("gallery", "Month"),
            vertical=True,
            bars=tuple(
                Bar(label=month, value=value, strong=index == 11)
                for index, (month, value) in enumerate(zip(_months(), _LENT, strict=True))
            ),
        ),
        StackedBarChart(
            title=pgettext("gallery", "Half of what Market lends are stories"),
            measure=loans,
            heading=pgettext("gallery", "Branch"),
            labels=_branches()[:4],
            series=(
                Series(name=pgettext("gallery", "Stories"), values=(90, 70, 40, 150)),
                Series(name=pgettext("gallery", "Cookery"), values=(64, 60, 30, 85)),
                Series(name=pgettext("gallery", "Maps"), values=(60, 50, 26, 70)),
            ),
        ),
        _panels(),
        _flow(),
        IntervalChart(
            title=pgettext("gallery", "Three of four branches answer within ten days"),
            measure=Measure(unit=pgettext("gallery", "days"), decimals=1),
            heading=pgettext("gallery", "Branch"),
            rows=tuple(
                Interval(label=name, value=value, low=low, high=high)
                for name, (value, low, high) in zip(
                    _branches(), ((6.2, 4.1, 8.9), (8.0, 6.5, 9.7), (12.4, 9.8, 15.5), (7.1, 6.0, 8.4)), strict=False
                )
            ),
            reference=10,
            reference_label=pgettext("gallery", "promised"),
        ),
    )


def _panels() -> SmallMultiples:
    return SmallMultiples(
        title=pgettext("gallery", "Every branch grew, Market the most"),
        measure=Measure(unit=pgettext("gallery", "loans")),
        heading=pgettext("gallery", "Month"),
        labels=_months(),
        panels=tuple(
            Series(name=name, values=tuple(round(value * loans / 1185) for value in _LENT))
            for name, loans in zip(_branches(), _LOANS, strict=True)
        ),
    )


def _flow() -> FlowChart:
    return FlowChart(
        title=pgettext("gallery", "Two thirds of the money are spent, one tenth is free"),
        measure=Measure(money=True),
        nodes=(
            FlowNode(key="town", label=pgettext("gallery", "Town"), column=0, series=1),
            FlowNode(key="gifts", label=pgettext("gallery", "Gifts"), column=0, series=4),
            FlowNode(key="books", label=pgettext("gallery", "Books"), column=1, series=2),
            FlowNode(key="rooms", label=pgettext("gallery", "Rooms"), column=1, series=3),
            FlowNode(key="spent", label=pgettext("gallery", "Spent"), column=2, series=5),
            FlowNode(key="bound", label=pgettext("gallery", "Ordered"), column=2, series=1),
            FlowNode(key="left", label=pgettext("gallery", "Left"), column=2, series=3),
        ),
        links=tuple(
            FlowLink(source=source, target=target, value=value * 1_000_000)
            for source, target, value in (
                ("town", "books", 180), ("town", "rooms", 120), ("gifts", "books", 23),
                ("books", "spent", 140), ("books", "bound", 45), ("books", "left", 18),
                ("rooms", "spent", 80), ("rooms", "bound", 26), ("rooms", "left", 14),
            )
        ),
    )  # fmt: skip


def _areas() -> ShapeMap:
    return ShapeMap(
        title=pgettext("gallery", "The darker, the more loans. Market has the most."),
        width=390,
        height=360,
        measure=Measure(unit=pgettext("gallery", "loans")),
        note=pgettext("gallery", "The areas are invented."),
        shapes=tuple(
            Shape(
                name=name,
                href=f"#area-{index}",
                outline=outline,
                x=x,
                y=y,
                value=None if name == pgettext("gallery", "Hill") else loans,
                text=pgettext("gallery", "not counted")
                if name == pgettext("gallery", "Hill")
                else pgettext("gallery", "%(count)s loans") % {"count": loans},
                here=index == 3,
            )
            for index, (name, (outline, x, y), loans) in enumerate(zip(_branches(), _OUTLINES, _LOANS, strict=True))
        ),
    )
