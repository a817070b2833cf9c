"""What a template needs to know to draw a bound form field, whatever its widget."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

_KINDS: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxSelectMultiple, "choices"),
    (forms.RadioSelect, "choices"),
    (forms.CheckboxInput, "checkbox"),
    (forms.Select, "select"),
    (forms.Textarea, "textarea"),
    (forms.ClearableFileInput, "file"),
    (forms.FileInput, "file"),
    (forms.MultiWidget, "several"),
    (forms.SelectDateWidget, "several"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One radio button or check box with its label."""

    control: SafeString
    label: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """One field, ready to draw.

    Attributes
    ----------
    kind : str
        "input", "textarea", "select", "file", "checkbox", "choices" (radio buttons or check boxes), "several" (a
        widget of several inputs) or "hidden".
    control : SafeString
        The input itself with its accessibility attributes; empty for "choices".
    described_by : str
        Ids of help and error, for a group.
    """

    kind: str
    id: str
    label: str
    control: SafeString
    choices: tuple[Choice, ...]
    help: str
    help_id: str
    errors: tuple[str, ...]
    error_id: str
    required: bool
    described_by: str


def field_view(bound: BoundField) -> FieldView:
    """Return a bound field as a template draws it: control, choices, help, errors and the ids that tie them."""
    kind = _kind(bound)
    identity = bound.auto_id or bound.html_name
    errors = _error_words(bound, kind)
    help_id, error_id = f"{identity}_help", f"{identity}_error"
    described = " ".join(name for name, shown in ((error_id, errors), (help_id, bound.help_text)) if shown)
    attributes: dict[str, Any] = {"aria-describedby": described or False, "aria-invalid": "true" if errors else False}
    choices: tuple[Choice, ...] = ()
    control = SafeString("")
    if kind == "choices":
        choices = tuple(
            Choice(control=_choice_control(option), label=str(option.choice_label), id=option.id_for_label)
            for option in bound.subwidgets
        )
    else:
        control = bound.as_widget(attrs=attributes)
    return FieldView(
        kind=kind,
        id=bound.id_for_label or identity,
        label=str(bound.label),
        control=control,
        choices=choices,
        help=str(bound.help_text),
        help_id=help_id,
        errors=errors,
        error_id=error_id,
        required=bound.field.required,
        described_by=described,
    )


def _error_words(bound: BoundField, kind: str) -> tuple[str, ...]:
    """Return a field's errors; where Django only says what is wrong, say how to mend it."""
    mending = {
        ("input", "required"): _("Please fill this in."),
        ("textarea", "required"): _("Please fill this in."),
        ("select", "required"): _("Please choose one."),
        ("choices", "required"): _("Please choose one."),
        ("checkbox", "required"): _("Please tick this box to go on."),
        ("file", "required"): _("Please choose a file."),
        ("select", "invalid_choice"): _("Please choose one from the list."),
        ("choices", "invalid_choice"): _("Please choose one of these."),
    }
    if isinstance(bound.field, forms.DateField):
        mending["input", "invalid"] = _("Please write the date as in 2026-11-23.")
    elif isinstance(bound.field, forms.IntegerField):
        mending["input", "invalid"] = _("Please write a number in digits.")
    defaults = type(bound.field).default_error_messages | forms.Field.default_error_messages
    words = []
    for error in bound.errors.as_data():
        written = bound.field.error_messages.get(error.code or "")
        # A form that says it in words of its own keeps them.
        ours = mending.get((kind, error.code or "")) if written == defaults.get(error.code or "") else None
        words.append(ours or " ".join(str(message) for message in error.messages))
    return tuple(words)


def _kind(bound: BoundField) -> str:
    if bound.is_hidden:
        return "hidden"
    return next((kind for widget, kind in _KINDS if isinstance(bound.field.widget, widget)), "input")


def _choice_control(option: Any) -> SafeString:  # noqa: ANN401  # Django's BoundWidget carries an untyped mapping
    data = option.data
    context = {"widget": {**data, "wrap_label": False}}
    return SafeString(option.renderer.render(data["template_name"], context).strip())
