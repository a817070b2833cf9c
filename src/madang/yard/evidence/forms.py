"""Forms of the evidence."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from madang.yard.evidence.models import SignalState


class MoveForm(forms.Form):
    """Where a signal goes, and why."""

    to = forms.ChoiceField(label=_("Where it goes"))
    reason = forms.CharField(
        label=_("Why"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everyone can read this. Do not name anybody."),
    )

    def __init__(self, states: Sequence[SignalState], data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # a QueryDict or None
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # declared above; tells the type checker
        field.choices = [(state.value, state.label) for state in states]


class DocumentForm(forms.Form):
    """A document to be filed."""

    title = forms.CharField(label=_("Title"), max_length=200)
    file = forms.FileField(
        label=_("File"), help_text=_("PDF, picture, text, CSV or office document, up to 10 MB. Everyone can read it.")
    )
