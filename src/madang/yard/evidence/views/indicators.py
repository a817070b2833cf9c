"""What is measured, and what came of it."""

from collections.abc import Iterator, Mapping

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from madang.ui.charts import LineChart, Measure, Series, SmallMultiples
from madang.ui.downloads import csv_response
from madang.ui.listing import Column, ListingRules, listing_of, page_of
from madang.ui.pagecache import public_page
from madang.yard.evidence.models import Indicator, ObservationStatus, Room, Unit
from madang.yard.evidence.selectors import (
    Panel,
    indicator_get,
    indicator_list,
    latest_at,
    place_names,
    published_counts,
)
from madang.yard.evidence.selectors.observations import PERIODS_SHOWN
from madang.yard.evidence.views.words import (
    course,
    language,
    number_said,
    period_said,
    target_of,
    value_said,
    withheld_said,
)
from madang.yard.places.models import District

COLUMNS = (
    Column(label=gettext_lazy("Indicator"), key="name"),
    Column(label=gettext_lazy("Room"), key="room"),
    Column(label=gettext_lazy("Whole district"), numeric=True),
    Column(label=gettext_lazy("Period"), key="period"),
    Column(label=gettext_lazy("Target"), numeric=True),
    Column(label=gettext_lazy("State")),
)
PLACE_COLUMNS = (
    Column(label=gettext_lazy("Place")),
    Column(label=gettext_lazy("Value"), numeric=True),
    Column(label=gettext_lazy("Period")),
    Column(label=gettext_lazy("Target"), numeric=True),
    Column(label=gettext_lazy("State")),
    Column(label=gettext_lazy("How it came about")),
)
HEADER = (
    "indicator", "place", "place_name", "period", "value", "numerator", "denominator", "withheld", "status", "revision",
    "run",
)  # fmt: skip


@require_safe
@public_page
def indicators(request: HttpRequest) -> HttpResponse:
    """List what is measured, with the district's newest values."""
    name = "name_ko" if language().startswith("ko") else "name_en"
    rules = ListingRules(
        sortable={"name": name, "room": "room", "period": "last_period"}, default="room", filters={"room": Room.values}
    )
    listing = listing_of(request, rules)
    page = page_of(indicator_list(listing.q, listing.chosen["room"]).order_by(*listing.ordering), listing.page)
    district = District.objects.only("code").first()
    latest = latest_at([row.pk for row in page.object_list], district.code) if district else {}
    rows = []
    for indicator in page.object_list:
        value = latest.get(indicator.pk)
        rows.append(
            {
                "indicator": indicator,
                "value": value_said(value, indicator),
                "period": period_said(value.period) if value else "",
                "course": course(value, indicator),
            }
        )
    context = {"listing": listing, "page": page, "rows": rows, "columns": COLUMNS, "room_choices": Room.choices}
    return render(request, "evidence/indicators.html", context)


@require_safe
@public_page
def indicator(request: HttpRequest, code: str) -> HttpResponse:
    """Show one indicator over time: the district against its target path, and each dong."""
    found = indicator_get(code)
    panel = published_counts(found)
    names = place_names()
    top = panel.places[0] if panel.places else ""
    newest = panel.latest(top) if top else None
    context = {
        "indicator": found,
        "facts": _facts(found),
        "chart": _chart(panel, names, top) if top else None,
        "dong_chart": _dong_chart(panel, names),
        "rows": [_place_row(panel, place, names) for place in panel.places],
        "columns": PLACE_COLUMNS,
        "shortened": len(panel.periods) == PERIODS_SHOWN,
        "withheld": withheld_said() if any(value.withheld for value in panel.values.values()) else "",
        "run": newest.run if newest else None,
    }
    return render(request, "evidence/indicator.html", context)


def _facts(found: Indicator) -> list[tuple[str, object]]:
    facts: list[tuple[str, object]] = [
        (_("Unit"), found.get_unit_display()),
        (_("Direction"), found.get_direction_display()),
        (_("Observed"), found.get_frequency_display()),
        (_("Over longer stretches"), found.get_aggregation_display()),
        (_("Code"), found.code),
    ]
    if found.sensitive:
        facts.append((_("Smallest count that is shown"), str(found.threshold)))
    return facts


def _place_row(panel: Panel, place: str, names: Mapping[str, str]) -> dict[str, object]:
    value = panel.latest(place)
    return {
        "place": names.get(place, place),
        "value": value_said(value, panel.indicator),
        "withheld": bool(value and value.withheld),
        "period": period_said(value.period) if value else "",
        "course": course(value, panel.indicator),
        "status": _status_said(value.status) if value else "",
        "run": str(value.run) if value and value.run else "",
    }


def _status_said(status: str) -> str:
    return str(ObservationStatus(status).label)


def _measure(found: Indicator) -> Measure:
    money = found.unit == Unit.WON
    return Measure(unit="" if money else str(found.get_unit_display()), decimals=found.decimals, money=money)


def _values(panel: Panel, place: str) -> tuple[float | None, ...]:
    return tuple(None if value is None else value.value for value in panel.row(place))


def _chart(panel: Panel, names: Mapping[str, str], place: str) -> LineChart | None:
    values = _values(panel, place)
    if all(value is None for value in values):
        return None
    targets = tuple(target_of(panel.indicator, text) for text in panel.periods)
    plan = Series(name=_("Target path"), values=targets) if any(target is not None for target in targets) else None
    name = str(names.get(place, place))
    return LineChart(
        title=_title(panel, name, place),
        measure=_measure(panel.indicator),
        heading=_("Period"),
        labels=tuple(period_said(text) for text in panel.periods),
        series=(Series(name=name, values=values),),
        target=plan,
        from_zero=min(value for value in values if value is not None) >= 0,
    )


def _title(panel: Panel, name: str, place: str) -> str:
    """Return the finding: where the newest value stands, and where it should."""
    found = panel.indicator
    value = panel.latest(place)
    if value is None or value.value is None:
        return found.name
    said = {"place": name, "value": number_said(value.value, found), "period": period_said(value.period)}
    target = target_of(found, value.period)
    if target is None:
        return _("%(place)s: %(value)s in %(period)s") % said
    said["target"] = number_said(target, found)
    return _("%(place)s: %(value)s in %(period)s; the target is %(target)s") % said


def _dong_chart(panel: Panel, names: Mapping[str, str]) -> SmallMultiples | None:
    dongs = panel.places[1:]
    panels = tuple(Series(name=str(names.get(place, place)), values=_values(panel, place)) for place in dongs)
    seen = tuple(row for row in panels if any(value is not None for value in row.values))
    if not seen or len(panel.periods) < 2:
        return None
    return SmallMultiples(
        title=_("Each dong over the same time, on one scale"),
        measure=_measure(panel.indicator),
        heading=_("Period"),
        labels=tuple(period_said(text) for text in panel.periods),
        panels=seen,
    )


@require_safe
def indicator_csv(request: HttpRequest, code: str) -> StreamingHttpResponse:  # noqa: ARG001  # Django's signature
    """Return an indicator's values as CSV, what is withheld empty."""
    panel = published_counts(indicator_get(code), periods=10_000)
    return csv_response(code, HEADER, _rows(panel, place_names()))


def _rows(panel: Panel, names: Mapping[str, str]) -> Iterator[list[object]]:
    for period in panel.periods:
        for place in panel.places:
            value = panel.values.get((place, period))
            if value is not None:
                yield [
                    panel.indicator.code,
                    place,
                    names.get(place, ""),
                    period,
                    value.value,
                    value.numerator,
                    value.denominator,
                    str(value.withheld).lower(),
                    value.status,
                    value.revision,
                    value.run,
                ]
