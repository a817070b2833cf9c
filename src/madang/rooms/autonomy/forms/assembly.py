"""What people fill in around an assembly: a proposal, an argument, a statement, and the office's answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from madang.rooms.autonomy.engine.phases import Phase, Span
from madang.rooms.autonomy.models import MAX_ARGUMENT, MAX_STATEMENT, MAX_TEXT, Category, PhaseName, Side

_MOMENT = "%Y-%m-%dT%H:%M"


class ProposeForm(forms.Form):
    """A resident's proposal. The place may be left out."""

    title = forms.CharField(
        label=_("What do you propose?"),
        max_length=120,
        help_text=_("A short name, such as: shade on the way to school."),
        error_messages={"required": _("Give your proposal a short name.")},
    )
    text = forms.CharField(
        label=_("Why, and how would it be?"),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 7, "maxlength": MAX_TEXT}),
        help_text=_(
            "Say it as you would to a neighbour. Everybody reads it, nobody reads whose it is. Please name nobody."
        ),
        error_messages={"required": _("Write in a few words what you propose.")},
    )
    category = forms.ChoiceField(
        label=_("What is it about?"),
        choices=Category.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is about; the last one fits everything else.")},
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=200)
    lon = forms.FloatField(widget=forms.HiddenInput, required=False)
    lat = forms.FloatField(widget=forms.HiddenInput, required=False)
    item = forms.IntegerField(widget=forms.HiddenInput, required=False)


class ArgueForm(forms.Form):
    """An argument."""

    side = forms.ChoiceField(
        label=_("Does it speak for or against?"),
        choices=Side.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether it speaks for or against.")},
    )
    text = forms.CharField(
        label=_("Your argument"),
        max_length=MAX_ARGUMENT,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": MAX_ARGUMENT}),
        help_text=_("One reason in a sentence or two. Everybody reads it; nobody reads whose it is."),
        error_messages={"required": _("Write your argument in a sentence.")},
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=200)


class StatementForm(forms.Form):
    """A sentence for the conversation."""

    text = forms.CharField(
        label=_("Your sentence"),
        max_length=MAX_STATEMENT,
        widget=forms.TextInput(attrs={"maxlength": MAX_STATEMENT}),
        help_text=_("One thought that one can agree with or not, at most 140 characters."),
        error_messages={"required": _("Write one short sentence.")},
    )


class EstimateForm(forms.Form):
    """The office's estimate."""

    cost_won = forms.IntegerField(
        label=_("Cost in won"), min_value=0, help_text=_("A whole number; 0 if it needs no money.")
    )
    basis = forms.CharField(
        label=_("How this was found"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Prices of similar works, an offer, a rate. Say what it costs each year afterwards, too."),
    )


class ProposalAnswerForm(forms.Form):
    """The office's answer."""

    admit = forms.ChoiceField(
        label=_("The answer"),
        widget=forms.RadioSelect,
        choices=(("yes", _("It goes to the vote")), ("no", _("It cannot go to the vote"))),
        error_messages={"required": _("Choose the answer.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Everybody reads it, its author first. Write it so that they can follow."),
    )


class OfferForm(forms.Form):
    """The offer to join a proposal with another."""

    into = forms.TypedChoiceField(label=_("Join it with"), coerce=int)
    reason = forms.CharField(
        label=_("Why joining them helps"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The author reads it and decides. Nothing happens without their consent."),
    )

    def __init__(self, *args: Any, targets: Sequence[tuple[int, str]], **kwargs: Any) -> None:  # noqa: ANN401  # Django's own
        super().__init__(*args, **kwargs)
        field = self.fields["into"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # narrows Django's type
        field.choices = [("", _("Choose here")), *targets]


class OfferAnswerForm(forms.Form):
    """The author's answer to an offer."""

    accept = forms.ChoiceField(
        label=_("Your answer"),
        widget=forms.RadioSelect,
        choices=(("yes", _("Yes, join them")), ("no", _("No, mine goes its own way"))),
        error_messages={"required": _("Choose yes or no.")},
    )
    answer = forms.CharField(
        label=_("A word to your neighbours"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class WithdrawForm(forms.Form):
    """Taking one's own proposal back."""

    reason = forms.CharField(
        label=_("Why, if you like to say so"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class HideForm(forms.Form):
    """Hiding words that break the rules."""

    reason = forms.CharField(
        label=_("Which rule does it break?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The reason stands where the words stood. Another opinion is no reason to hide anything."),
    )


class CalendarForm(forms.Form):
    """From when until when each phase lasts; a phase whose two fields are empty is left out."""

    def __init__(self, *args: Any, spans: Sequence[Span] = (), begun: Sequence[Phase] = (), **kwargs: Any) -> None:  # noqa: ANN401  # Django's own
        super().__init__(*args, **kwargs)
        known = {span.phase: span for span in spans}
        for phase in Phase:
            label = PhaseName(phase.value).label
            for name, words in (("begins", _("%(phase)s: from")), ("ends", _("%(phase)s: until"))):
                span = known.get(phase)
                moment = (span.begins_at if name == "begins" else span.ends_at) if span else None
                self.fields[f"{phase.value}_{name}"] = forms.DateTimeField(
                    label=words % {"phase": label},
                    required=False,
                    disabled=phase in begun,
                    initial=timezone.localtime(moment).replace(tzinfo=None) if moment else None,
                    input_formats=[_MOMENT, "%Y-%m-%d %H:%M"],
                    widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MOMENT),
                )

    def clean(self) -> dict[str, Any]:
        """Refuse half a phase."""
        data = super().clean() or self.cleaned_data
        for phase in Phase:
            begins, ends = data.get(f"{phase.value}_begins"), data.get(f"{phase.value}_ends")
            if (begins is None) != (ends is None):
                name = f"{phase.value}_{'begins' if begins is None else 'ends'}"
                if name not in self.errors:
                    self.add_error(name, _("Enter both moments, or neither."))
        return data

    @property
    def spans(self) -> tuple[Span, ...]:
        """The calendar that was entered."""
        found = []
        for phase in Phase:
            begins: datetime | None = self.cleaned_data.get(f"{phase.value}_begins")
            ends: datetime | None = self.cleaned_data.get(f"{phase.value}_ends")
            if begins is not None and ends is not None:
                found.append(Span(phase=phase, begins_at=begins, ends_at=ends))
        return tuple(found)


class CallForm(CalendarForm):
    """Calling an assembly."""

    title = forms.CharField(label=_("Name"), max_length=120, help_text=_("Such as: assembly of 2026."))
    about = forms.CharField(
        label=_("What it is about"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    dong = forms.ChoiceField(label=_("Dong"))
    year = forms.IntegerField(label=_("Budget year"), min_value=2000, max_value=2200)
    budget_won = forms.IntegerField(label=_("Budget in won"), min_value=1)
    fund = forms.ChoiceField(label=_("Fund"), help_text=_("Where the money comes from."))

    field_order = ("title", "about", "dong", "year", "budget_won", "fund")

    def __init__(
        self,
        *args: Any,  # noqa: ANN401  # Django's own
        dongs: Sequence[tuple[str, str]],
        funds: Sequence[tuple[str, str]],
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("dong", dongs), ("fund", funds)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101  # narrows Django's type
            field.choices = choices
