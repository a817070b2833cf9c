"""What people fill in: a report, a receipt number, and the officer's moves."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madang.rooms.autonomy.engine.agenda import Outcome
from madang.rooms.autonomy.models import MAX_TEXT, AnswerOutcome, Category
from madang.yard.evidence.models import Room
from madang.yard.places.models import Dong


class ReportForm(forms.Form):
    """A resident's report. Everything but place, subject and text may be left out."""

    dong = forms.ChoiceField(
        label=_("Where is it?"),
        help_text=_("Choose the dong, or press the place on the map below."),
        error_messages={
            "required": _("Choose the dong where it is."),
            "invalid_choice": _("Choose a dong of the list."),
        },
    )
    category = forms.ChoiceField(
        label=_("What is it about?"),
        choices=Category.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is about; the last one fits everything else.")},
    )
    text = forms.CharField(
        label=_("What should the dong know?"),
        help_text=_("Write as you would say it. Only the dong office reads this; your name is not needed."),
        widget=forms.Textarea(attrs={"rows": 6, "maxlength": MAX_TEXT}),
        max_length=MAX_TEXT,
        error_messages={"required": _("Write in a few words what it is about.")},
    )
    photo = forms.FileField(
        label=_("Photo"),
        required=False,
        help_text=_("JPEG, PNG or WebP, up to 8 MB. Where and with what it was taken is removed."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        error_messages={"empty": _("This file is empty. Choose another.")},
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=200)
    lon = forms.FloatField(widget=forms.HiddenInput, required=False)
    lat = forms.FloatField(widget=forms.HiddenInput, required=False)
    kept_photo = forms.CharField(widget=forms.HiddenInput, required=False, max_length=300)

    def __init__(self, *args: Any, dongs: Sequence[Dong], **kwargs: Any) -> None:  # noqa: ANN401  # Django's own
        super().__init__(*args, **kwargs)
        field = self.fields["dong"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # narrows Django's type
        field.choices = [("", _("Choose here")), *((dong.code, dong.name) for dong in dongs)]


class TrackForm(forms.Form):
    """A receipt number."""

    receipt = forms.CharField(
        label=_("Receipt number"),
        help_text=_("12 letters and digits, such as 4K7D-9M2P-QX3A. Small letters and spaces are fine."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("Enter the number that stands on your receipt.")},
    )


class TakeForm(forms.Form):
    """What becomes public when a report or signal is put on the agenda."""

    title = forms.CharField(
        label=_("Title"), max_length=120, help_text=_("What residents read in the list; no name, number or address.")
    )
    summary = forms.CharField(
        label=_("Summary"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What it is about, in your own words. The report itself stays sealed."),
    )
    room = forms.ChoiceField(label=_("Subject"), choices=Room.choices)
    reason = forms.CharField(label=_("Why it is taken up"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    shows_point = forms.BooleanField(
        label=_("Show the exact point on the map"),
        required=False,
        help_text=_("Leave it off where the point is somebody's home."),
    )


class AnswerForm(forms.Form):
    """An answer. What is written is public at once and cannot be taken back."""

    outcome = forms.ChoiceField(label=_("The answer says"), widget=forms.RadioSelect)
    item = forms.TypedChoiceField(
        label=_("Joined with"), required=False, coerce=int, empty_value=None,
        help_text=_("Only where the answer says that it is joined with another matter."),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Answer and reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Everybody who reported this reads it."),
    )

    def __init__(
        self,
        *args: Any,  # noqa: ANN401  # Django's own
        outcomes: Sequence[Outcome],
        items: Sequence[tuple[int, str]],
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        outcome, item = self.fields["outcome"], self.fields["item"]
        assert isinstance(outcome, forms.ChoiceField)  # noqa: S101  # narrows Django's type
        assert isinstance(item, forms.ChoiceField)  # noqa: S101
        outcome.choices = [(said.value, AnswerOutcome(said.value).label) for said in outcomes]
        item.choices = [("", _("Nothing")), *items]


class DecideForm(forms.Form):
    """A decision of the residents' council or assembly."""

    title = forms.CharField(label=_("What was decided"), max_length=120)
    rationale = forms.CharField(label=_("Why"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
    budget_won = forms.IntegerField(
        label=_("Budget in won"), min_value=0, initial=0, help_text=_("A whole number; 0 if no money is needed.")
    )
    votes_for = forms.IntegerField(label=_("Votes for"), min_value=0, required=False)
    votes_against = forms.IntegerField(label=_("Votes against"), min_value=0, required=False)
    votes_cast = forms.IntegerField(
        label=_("Votes cast"), min_value=0, required=False, help_text=_("All three counts, or none of them.")
    )
    on = forms.DateField(label=_("Day of the decision"), required=False, widget=forms.DateInput(attrs={"type": "date"}))


class DeliverForm(forms.Form):
    """The word that it has been done."""

    reason = forms.CharField(label=_("What was done"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    on = forms.DateField(label=_("Day it was done"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
