"""What people fill in around a vote: a receipt number, a sheet of paper, and what a trustee's device makes."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madang.rooms.autonomy.engine.ballots.choice import BallotRules


class ReceiptForm(forms.Form):
    """The number of a ballot's receipt."""

    number = forms.CharField(
        label=_("Receipt number"),
        help_text=_("20 digits and letters from a to f, such as 0123 4567 89ab cdef 0123."),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("Enter the number that stands on your receipt.")},
    )


class SheetsForm(forms.Form):
    """How many sheets of paper to print."""

    count = forms.IntegerField(label=_("How many sheets"), min_value=1, max_value=5000, initial=20)


class PaperForm(forms.Form):
    """One sheet as somebody reads it: its number, and what is marked."""

    sheet = forms.CharField(
        label=_("Number of the sheet"),
        max_length=40,
        help_text=_("It is printed at the top, such as 4K7D-9M2P-QX3A."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("Enter the number printed on the sheet.")},
    )

    def __init__(
        self,
        *args: Any,  # noqa: ANN401  # Django's own
        rules: BallotRules,
        projects: Sequence[tuple[str, str]],
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        self.rules = rules
        if rules.type == "approval":
            self.fields["choice"] = forms.MultipleChoiceField(
                label=_("Marked on the sheet"),
                required=False,
                choices=[(code, f"{code} {name}") for code, name in projects],
                widget=forms.CheckboxSelectMultiple,
            )
            return
        most = len(projects) if rules.type == "ordinal" else rules.most_points
        for code, name in projects:
            self.fields[f"of_{code}"] = forms.IntegerField(
                label=f"{code} {name}", required=False, min_value=0, max_value=most
            )

    def clean(self) -> dict[str, Any]:
        """Refuse two projects on the same place."""
        data: dict[str, Any] = super().clean() or {}
        if self.rules.type == "ordinal":
            places = [place for _code, place in self.given()]
            if len(set(places)) != len(places):
                self.add_error(None, _("Two proposals stand on the same place. Look at the sheet again."))
        return data

    def given(self) -> list[tuple[str, int]]:
        """Return every project that the sheet marks, with its points, its place, or one."""
        if self.rules.type == "approval":
            return [(code, 1) for code in self.cleaned_data.get("choice", [])]
        rows = [(name.removeprefix("of_"), value) for name, value in self.cleaned_data.items() if name[:3] == "of_"]
        return [(code, value) for code, value in rows if value]


class TrusteeKeyForm(forms.Form):
    """The public halves of a trustee's keys, filled in by the trustee's browser."""

    name = forms.CharField(
        label=_("Name on the page of the vote"),
        max_length=60,
        help_text=_("Everybody reads it, such as: chair of the residents' council."),
    )
    sign = forms.CharField(widget=forms.HiddenInput, max_length=87)
    box = forms.CharField(widget=forms.HiddenInput, max_length=87)


class HeadForm(forms.Form):
    """A trustee's signature, filled in by the trustee's browser."""

    seq = forms.IntegerField(widget=forms.HiddenInput)
    head = forms.CharField(widget=forms.HiddenInput, max_length=64)
    signature = forms.CharField(widget=forms.HiddenInput, max_length=86)


class ShareForm(forms.Form):
    """A trustee's share, opened by the trustee's browser."""

    share = forms.CharField(widget=forms.HiddenInput, max_length=43)
