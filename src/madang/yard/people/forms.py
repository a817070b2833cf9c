"""What people type about accounts and persons; the rules stand in the services."""

import uuid
from collections.abc import Sequence
from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as MfaReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.utils.translation import gettext_lazy as _

from madang.yard.audit.authority import ROLE_NAMES, Role
from madang.yard.people.lockout import attempt_allowed, attempt_failed
from madang.yard.people.models import Sex
from madang.yard.people.selectors.persons import PersonRecord, Purpose
from madang.yard.people.services.accounts import HELD_AT, RoleDraft, UserDraft
from madang.yard.people.services.persons import PersonDraft, PersonQuery, PurposeDraft
from madang.yard.people.services.tokens import SCOPE_NAMES, Scope, TokenDraft

Choices = Sequence[tuple[str, object]]

_CODE = {"inputmode": "numeric", "autocomplete": "one-time-code", "spellcheck": "false"}
_WRONG = _("This code is not right. Codes change every 30 seconds; enter the newest one.")


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth ships no types
    """User name and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # Django's signature
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("User name")
        self.fields["login"].widget.attrs = {
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
        }
        self.fields["password"].label = _("Password")
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs = {"autocomplete": "current-password"}


class PasswordAgainForm(ReauthenticateForm):  # type: ignore[misc]
    """The password once more, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("Password")
        self.fields["password"].widget.attrs = {"autocomplete": "current-password"}


class NewPasswordForm(ChangePasswordForm):  # type: ignore[misc]
    """The password as it is and as it shall be."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Password until now")
        self.fields["oldpassword"].help_text = ""
        self.fields["oldpassword"].widget.attrs = {"autocomplete": "current-password"}
        self.fields["password1"].label = _("New password")
        self.fields["password1"].help_text = _("At least 10 letters or digits, none that anyone would guess.")
        self.fields["password1"].widget.attrs = {"autocomplete": "new-password"}
        self.fields["password2"].label = _("New password once more")
        self.fields["password2"].widget.attrs = {"autocomplete": "new-password"}


def _code_field(form: forms.Form, help_text: object) -> None:
    form.fields["code"].label = _("Six-digit code")
    form.fields["code"].help_text = help_text  # type: ignore[assignment]  # lazy text
    form.fields["code"].widget.attrs = dict(_CODE)


class _CountedMixin(BaseAuthenticateForm):  # type: ignore[misc]
    """A wrong code counts like a wrong password: five, and the account waits."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        _code_field(self, _("Six digits from your app, or one of your recovery codes."))

    def clean_code(self) -> str:
        """Return the code if it is right and another attempt is allowed."""
        request, username = context.request, self.user.get_username()
        if not attempt_allowed(request, username):
            raise forms.ValidationError(_WRONG)
        try:
            code: str = super().clean_code()
        except forms.ValidationError:
            attempt_failed(request, username)
            raise forms.ValidationError(_WRONG) from None
        return code


class SecondFactorForm(_CountedMixin, AuthenticateForm):  # type: ignore[misc]
    """The code that follows the password."""


class SecondFactorAgainForm(_CountedMixin, MfaReauthenticateForm):  # type: ignore[misc]
    """The code once more, before something that matters."""


class SecondFactorSetUpForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a newly set up app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        _code_field(self, _("Six digits that your app shows now."))


class PurposeForm(forms.Form):
    """Why a person's data is opened."""

    kind = forms.ChoiceField(label=_("What do you need it for?"), choices=Purpose.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("In a few words"),
        help_text=_("Kept in the log. Name the case, not the person: “application of 3 March”, “visit on Tuesday”."),
        min_length=5,
        max_length=150,
    )

    def draft(self) -> PurposeDraft:
        """Return the stated purpose."""
        return PurposeDraft(kind=Purpose(self.cleaned_data["kind"]), text=self.cleaned_data["text"])


class PersonSearchForm(forms.Form):
    """Whom to look for; sent by POST, so that no name stands in an address or a log."""

    name = forms.CharField(
        label=_("Whole name"), required=False, max_length=80, widget=forms.TextInput({"autocomplete": "off"})
    )
    phone = forms.CharField(
        label=_("Whole phone number"),
        required=False,
        max_length=30,
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "tel"}),
    )

    def query(self) -> PersonQuery:
        """Return whom to look for."""
        return PersonQuery(name=self.cleaned_data["name"], phone=self.cleaned_data["phone"])


class PersonForm(forms.Form):
    """A person's data."""

    name = forms.CharField(label=_("Name"), max_length=80, widget=forms.TextInput({"autocomplete": "off"}))
    dong = forms.ChoiceField(label=_("Dong"))
    birth_date = forms.DateField(
        label=_("Date of birth"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    sex = forms.ChoiceField(label=_("Registered sex"), choices=Sex.choices, widget=forms.RadioSelect)
    phone = forms.CharField(
        label=_("Phone number"),
        required=False,
        max_length=30,
        help_text=_("With its area code, such as 062-000-0000."),
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "tel"}),
    )
    address = forms.CharField(
        label=_("Address"), required=False, max_length=200, widget=forms.TextInput({"autocomplete": "off"})
    )
    notes = forms.CharField(
        label=_("Notes"),
        required=False,
        max_length=2000,
        help_text=_("Only what the work needs. The person may read it."),
        widget=forms.Textarea({"rows": 4}),
    )

    def __init__(self, *args: Any, dongs: Choices, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["dong"].choices = dongs  # type: ignore[attr-defined]  # a ChoiceField

    def draft(self, household: uuid.UUID | None = None) -> PersonDraft:
        """Return the data as it shall be."""
        data = self.cleaned_data
        return PersonDraft(
            dong=data["dong"],
            name=data["name"],
            phone=data["phone"],
            address=data["address"],
            birth_date=data["birth_date"],
            notes=data["notes"],
            sex=Sex(data["sex"]),
            household=household,
        )

    @staticmethod
    def initial_of(record: PersonRecord) -> dict[str, Any]:
        """Return what the form shows of a record."""
        return {
            "name": record.name,
            "dong": record.dong_code,
            "birth_date": record.birth_date,
            "sex": record.sex.value,
            "phone": record.phone,
            "address": record.address,
            "notes": record.notes,
        }


class PersonEditForm(PersonForm):
    """A correction, with the version of the record that it was made on."""

    version = forms.IntegerField(widget=forms.HiddenInput)


_ROLES = [(role.value, ROLE_NAMES[role]) for role in HELD_AT]


class RoleForm(forms.Form):
    """A role at a place."""

    role = forms.ChoiceField(label=_("Role"), choices=_ROLES)
    place = forms.ChoiceField(label=_("For which place?"))

    def __init__(self, *args: Any, places: Choices, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = places  # type: ignore[attr-defined]

    def role_draft(self, user_id: uuid.UUID) -> RoleDraft:
        """Return the role that is to be granted."""
        return RoleDraft(user_id=user_id, role=Role(self.cleaned_data["role"]), place=self.cleaned_data["place"])


class UserForm(RoleForm):
    """A new account and its first role."""

    username = forms.CharField(
        label=_("User name"),
        max_length=40,
        help_text=_("Small letters, digits, dots and dashes. A name of the work, not a person's."),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    field_order = ("username", "role", "place")

    def user_draft(self, password: str) -> UserDraft:
        """Return the account that is to be made."""
        return UserDraft(
            username=self.cleaned_data["username"],
            password=password,
            role=Role(self.cleaned_data["role"]),
            place=self.cleaned_data["place"],
        )


class TokenForm(forms.Form):
    """A new key for a program."""

    name = forms.CharField(label=_("What is it for?"), max_length=80)
    scopes = forms.MultipleChoiceField(label=_("What may it do?"), widget=forms.CheckboxSelectMultiple)
    days = forms.TypedChoiceField(
        label=_("How long?"),
        coerce=int,
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("1 year"))],
        initial=90,
    )

    def __init__(self, *args: Any, scopes: Sequence[Scope], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [(scope.value, SCOPE_NAMES[scope]) for scope in scopes]  # type: ignore[attr-defined]

    def draft(self) -> TokenDraft:
        """Return the token that is to be issued."""
        return TokenDraft(
            name=self.cleaned_data["name"],
            scopes=tuple(Scope(scope) for scope in self.cleaned_data["scopes"]),
            days=self.cleaned_data["days"],
        )


class DemoRoleForm(forms.Form):
    """The role and place that a visitor tries."""

    role = forms.ChoiceField(choices=_ROLES)
    place = forms.CharField(max_length=16, required=False)
