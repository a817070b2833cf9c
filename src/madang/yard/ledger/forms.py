"""What officers type about money; the rules stand in the services."""

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from madang.yard.ledger.models import Account, BudgetLine, Entry
from madang.yard.ledger.services import CommitmentDraft, ExpenditureDraft, ReleaseDraft, ReversalDraft

_PUBLIC = _("Everyone can read this: no names, no numbers of persons.")
_DATE = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def _new_key() -> str:
    return uuid.uuid4().hex


def _today() -> object:
    return timezone.localdate()


class AmountField(forms.IntegerField):
    """An amount in won, with or without commas and the word for won."""

    widget = forms.TextInput

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  # Django's options
        options.setdefault("label", _("Amount in won"))
        options.setdefault("help_text", _("Whole won, such as 1,200,000."))
        super().__init__(**options)
        self.widget.attrs.update({"inputmode": "numeric", "autocomplete": "off"})
        self.error_messages["invalid"] = _("Write the amount in digits, such as 1,200,000.")

    def to_python(self, value: Any) -> int | None:  # noqa: ANN401  # Django's signature
        """Return the amount without what people write around it."""
        text = str(value or "").strip().removesuffix("원").removeprefix("₩")
        return super().to_python(text.replace(",", "").replace(" ", ""))


class MoneyForm(forms.Form):
    """What every movement of money asks for; the hidden number keeps a form that is sent twice from counting twice."""

    amount_won = AmountField()
    memo = forms.CharField(
        label=_("What the money is for"),
        max_length=200,
        required=False,
        help_text=_("Everyone can read this: no names, no numbers of persons."),
    )
    date = forms.DateField(label=_("Day"), initial=_today, widget=_DATE)
    key = forms.CharField(widget=forms.HiddenInput, initial=_new_key, max_length=100)


class CommitmentForm(MoneyForm):
    """Money that is promised."""

    title = forms.CharField(
        label=_("What is promised"),
        max_length=120,
        help_text=_("The contract or decision, such as “Planting of 100 pots”."),
    )
    field_order = ("title", "amount_won", "memo", "date")

    def draft(self, line: BudgetLine) -> CommitmentDraft:
        """Return what was typed as the service takes it."""
        return CommitmentDraft(line=line, **self.cleaned_data)


class _OfCommitment(MoneyForm):
    """Money of one of a line's commitments."""

    commitment = forms.ChoiceField(label=_("Commitment"))
    field_order = ("commitment", "amount_won", "memo", "date")

    def __init__(self, *args: Any, commitments: Iterable[Account], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self._commitments = {str(account.pk): account for account in commitments}
        field = self.fields["commitment"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # declared above
        field.choices = [*self.without(), *((pk, self._said(account)) for pk, account in self._commitments.items())]

    def without(self) -> list[tuple[str, object]]:
        """Return the choices that are no commitment."""
        return []

    @staticmethod
    def _said(account: Account) -> str:
        return _("%(title)s (%(held)s won left)") % {
            "title": account.title or account.code,
            "held": f"{account.balance_won:,}",
        }

    def chosen(self) -> tuple[Account | None, dict[str, Any]]:
        """Return the chosen commitment and everything else that was typed."""
        values = dict(self.cleaned_data)
        return self._commitments.get(values.pop("commitment")), values


class ExpenditureForm(_OfCommitment):
    """Money that was paid, from a commitment or straight from the line."""

    def without(self) -> list[tuple[str, object]]:
        """Return the choice of paying without a commitment."""
        return [("", _("None: paid straight from what is available"))]

    def __init__(self, *args: Any, commitments: Iterable[Account], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, commitments=commitments, **kwargs)
        self.fields["commitment"].required = False

    def draft(self, line: BudgetLine) -> ExpenditureDraft:
        """Return what was typed as the service takes it."""
        commitment, values = self.chosen()
        return ExpenditureDraft(line=line, commitment=commitment, **values)


class ReleaseForm(_OfCommitment):
    """What of a commitment is no longer needed."""

    def draft(self, line: BudgetLine) -> ReleaseDraft:
        """Return what was typed as the service takes it."""
        commitment, values = self.chosen()
        if commitment is None or commitment.line_id != line.pk:
            raise ValueError("the form lets only this line's commitments be chosen")
        return ReleaseDraft(commitment=commitment, **values)


class ReversalForm(forms.Form):
    """Why an entry is undone."""

    memo = forms.CharField(
        label=_("Why is it undone"),
        max_length=200,
        help_text=_("Everyone can read this: no names, no numbers of persons."),
    )
    key = forms.CharField(widget=forms.HiddenInput, initial=_new_key, max_length=100)

    def draft(self, entry: Entry) -> ReversalDraft:
        """Return what was typed as the service takes it."""
        return ReversalDraft(entry=entry, **self.cleaned_data)
