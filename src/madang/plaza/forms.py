"""What an officer fills in where a step reaches into several rooms: funding a decision, delivering a project."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madang.rooms.projects.services import MilestoneDraft
from madang.yard.ledger.models import Fund, Programme

STEPS = 3


class NamedChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic only for the type checker
    """A choice of records by their names in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:  # noqa: ANN401  # either of two models
        """Return the record's name."""
        return str(obj.name)


class PollFundForm(forms.Form):
    """How what was decided becomes a project with money: for which programme, by whom, in which steps."""

    programme = NamedChoiceField(
        label=_("For which programme"),
        queryset=Programme.objects.none(),
        empty_label=None,
        help_text=_("Through its programme the project counts for a promise."),
    )
    owner = forms.CharField(
        label=_("Who answers for it"), max_length=80, help_text=_("An office or a team, never a person's name.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # Django's own
        super().__init__(*args, **kwargs)
        programme = self.fields["programme"]
        assert isinstance(programme, NamedChoiceField)  # noqa: S101  # narrows Django's type
        programme.queryset = Programme.objects.all()
        for number in range(1, STEPS + 1):
            needed = number == 1
            self.fields[f"name_{number}"] = forms.CharField(
                label=_("Step %(number)d") % {"number": number}, max_length=80, required=needed
            )
            self.fields[f"due_{number}"] = forms.DateField(
                label=_("Step %(number)d is due on") % {"number": number},
                required=needed,
                widget=forms.DateInput(attrs={"type": "date"}),
                help_text=_("The last step is the delivery.") if needed else "",
            )

    def clean(self) -> dict[str, Any]:
        """Refuse a step that has a name without a day, or a day without a name."""
        data = super().clean() or {}
        for number in range(1, STEPS + 1):
            name, due = data.get(f"name_{number}"), data.get(f"due_{number}")
            if bool(name) != bool(due) and not self.errors.keys() & {f"name_{number}", f"due_{number}"}:
                self.add_error(f"due_{number}" if name else f"name_{number}", _("A step needs a name and a day."))
        return data

    def milestones(self) -> list[MilestoneDraft]:
        """Return the steps in order of their days."""
        rows: list[tuple[date, str]] = [
            (self.cleaned_data[f"due_{number}"], self.cleaned_data[f"name_{number}"])
            for number in range(1, STEPS + 1)
            if self.cleaned_data[f"name_{number}"]
        ]
        return [MilestoneDraft(name_ko=name, due_on=due) for due, name in sorted(rows)]


class FundForm(PollFundForm):
    """How a decided matter becomes a project with money: from which fund, too."""

    fund = NamedChoiceField(label=_("From which fund"), queryset=Fund.objects.none(), empty_label=None)

    field_order = ("fund", "programme", "owner")

    def __init__(self, *args: Any, funds: Sequence[Fund], **kwargs: Any) -> None:  # noqa: ANN401  # Django's own
        super().__init__(*args, **kwargs)
        fund = self.fields["fund"]
        assert isinstance(fund, NamedChoiceField)  # noqa: S101  # narrows Django's type
        fund.queryset = Fund.objects.filter(pk__in=[found.pk for found in funds])


class DeliverForm(forms.Form):
    """The word that the next step was reached."""

    note = forms.CharField(
        label=_("What was done"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everybody reads it; it names nobody."),
    )
    paid_won = forms.IntegerField(
        label=_("Paid for it, in won"), min_value=0, initial=0, help_text=_("0 if nothing was paid.")
    )
    on = forms.DateField(label=_("On which day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
