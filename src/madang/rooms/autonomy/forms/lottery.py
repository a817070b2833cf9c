"""What an officer fills in for a lottery."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madang.rooms.autonomy.models import LotteryMethod

MAX_FILE = 2_000_000


class LotteryForm(forms.Form):
    """A lottery to be prepared: what is drawn, from whom, and by which public value."""

    dong = forms.ChoiceField(label=_("Dong"))
    title = forms.CharField(label=_("Title"), max_length=120, error_messages={"required": _("Write a title.")})
    about = forms.CharField(
        label=_("What the council is for"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    size = forms.IntegerField(label=_("Members"), min_value=1, max_value=1000)
    method = forms.ChoiceField(label=_("How it is drawn"), choices=LotteryMethod.choices, widget=forms.RadioSelect)
    quotas = forms.CharField(
        label=_("Quotas"),
        max_length=MAX_FILE,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("One line a group after the line category,value,min,max; such as: age,60+,4,6"),
        error_messages={"required": _("Write the quotas; without them a council may leave whole groups out.")},
    )
    applicants = forms.CharField(
        label=_("Applicants"),
        max_length=MAX_FILE,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_(
            "One line a person after a line with person and the categories; person is the number of the record. Each "
            "gets a random lot, and only the lot becomes public."
        ),
        error_messages={"required": _("Enter the applicants.")},
    )
    public_source = forms.CharField(
        label=_("Public value"),
        max_length=200,
        help_text=_(
            "A number that is announced later and that nobody can choose, such as: the winning numbers of Lotto draw "
            "1,230, in the order announced."
        ),
        error_messages={"required": _("Name the public value, so that nobody can choose it later.")},
    )
    value_on = forms.DateField(
        label=_("Day on which it becomes known"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": _("Enter the day."), "invalid": _("Enter a day such as 2026-12-04.")},
    )

    def __init__(self, *args: Any, dongs: Sequence[tuple[str, str]], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        field = self.fields["dong"]
        if isinstance(field, forms.ChoiceField):
            field.choices = list(dongs)


class PublicValueForm(forms.Form):
    """The public value, once it is known."""

    value = forms.CharField(
        label=_("Public value"),
        max_length=120,
        help_text=_("Exactly as it was announced: everybody who repeats the draw types the same."),
        error_messages={"required": _("Write the public value exactly as it was announced.")},
    )
