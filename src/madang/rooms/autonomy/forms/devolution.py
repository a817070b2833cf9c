"""What an administrator fills in to hand down money and authorities."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


def _day(label: Any) -> forms.DateField:  # noqa: ANN401  # a lazy text
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": _("Enter the day."), "invalid": _("Enter a day such as 2026-12-04.")},
    )


class FormulaForm(forms.Form):
    """A formula to be published."""

    year = forms.IntegerField(label=_("Budget year"), min_value=2000, max_value=2200)
    title = forms.CharField(label=_("Title"), max_length=120, error_messages={"required": _("Write a title.")})
    reason = forms.CharField(
        label=_("Why it weighs as it does"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write the reason: residents read it.")},
    )
    formula = forms.CharField(
        label=_("Formula"),
        max_length=500_000,
        widget=forms.Textarea(attrs={"rows": 18}),
        help_text=_(
            "As the command `madang autonomy devolve` reads it. Population and area of the dongs need not be repeated."
        ),
        error_messages={"required": _("Write the formula.")},
    )


class DelegationForm(forms.Form):
    """An authority that a dong receives."""

    dong = forms.ChoiceField(label=_("Dong"))
    title_ko = forms.CharField(
        label=_("What is delegated (Korean)"),
        max_length=120,
        error_messages={"required": _("Write what is delegated, in Korean.")},
    )
    title_en = forms.CharField(label=_("What is delegated (English)"), max_length=160, required=False)
    legal_basis = forms.CharField(
        label=_("Legal basis"),
        max_length=200,
        help_text=_("Law or ordinance and article."),
        error_messages={"required": _("Name the law or ordinance and its article.")},
    )
    staff_posts = forms.IntegerField(label=_("Posts that go with it"), min_value=0, max_value=1000, initial=0)
    starts_on = _day(_("From which day"))
    review_on = _day(_("Review by"))

    def __init__(self, *args: Any, dongs: Sequence[tuple[str, str]], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        field = self.fields["dong"]
        if isinstance(field, forms.ChoiceField):
            field.choices = list(dongs)


class ReviewForm(forms.Form):
    """What a review found."""

    note = forms.CharField(
        label=_("What the review found"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write what the review found: residents read it.")},
    )
    next_on = _day(_("Next review by"))


class EndForm(forms.Form):
    """Why a delegation ends."""

    reason = forms.CharField(
        label=_("Why it ends"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write the reason: residents read it.")},
    )
