"""Model fields that are sealed in the database, and the blind indexes that find them again."""

import datetime as dt
import functools
import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from django import forms
from django.core import checks
from django.core.exceptions import FieldError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.lookups import Lookup

from madang.yard.people.keyring import Context, Keyring
from madang.yard.people.keyring_file import keyring_current, unseal


def text_normal(text: str) -> str:
    """Return a text in the one form in which it is indexed: composed, without case, single spaces.

    Examples
    --------
    >>> text_normal("  KIM   Minjun ")
    'kim minjun'
    """
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def phone_normal(text: str) -> str:
    """Return a phone number in the one form in which it is indexed: digits, Korea's own prefix as a leading zero.

    Examples
    --------
    >>> phone_normal("+82 10-1234-5678") == phone_normal("010 1234 5678")
    True
    """
    digits = "".join(character for character in unicodedata.normalize("NFKC", text) if character in "0123456789")
    return "0" + digits[2:] if text.strip().startswith("+") and digits.startswith("82") else digits


NORMAL_FORMS: Mapping[str, Callable[[str], str]] = MappingProxyType({"text": text_normal, "phone": phone_normal})


if TYPE_CHECKING:
    _AnyField = models.Field[Any, Any]
else:
    _AnyField = object


class BoundMixin(_AnyField):
    """A field whose values are bound to its table and column."""

    @functools.cached_property
    def context(self) -> Context:
        """Table and column."""
        return (self.model._meta.db_table, str(self.column))


class SealedMixin(BoundMixin):
    """What every sealed field does: seal on the way in, open on the way out, refuse every search but "is null"."""

    def get_internal_type(self) -> str:
        """Return the column's kind: text, whatever was sealed."""
        return "TextField"

    def get_prep_value(self, value: Any) -> str | None:  # noqa: ANN401  # Django's signature
        """Return the sealed form of a value; None stays None and "" stays ""."""
        if value is None:
            return None
        return keyring_current().seal(self.plain_text(value), self.context)

    def get_db_prep_value(
        self,
        value: Any,  # noqa: ANN401
        connection: BaseDatabaseWrapper,  # noqa: ARG002  # Django's signature
        prepared: bool = False,
    ) -> str | None:
        """Return the sealed form of a value, whatever the database."""
        sealed: str | None = value if prepared else self.get_prep_value(value)
        return sealed

    def from_db_value(self, value: str | None, _expression: object, _connection: object) -> Any:  # noqa: ANN401
        """Return the opened value.

        Raises
        ------
        InstallationError
            If it cannot be opened: never the sealed text, never None in its stead.
        """
        if value is None:
            return None
        return self.plain_value(unseal(value, self.context))

    def plain_text(self, value: Any) -> str:  # noqa: ANN401
        """Return a value as the text that is sealed."""
        return str(value)

    def plain_value(self, text: str) -> Any:  # noqa: ANN401
        """Return the value that a text stood for."""
        return text

    def get_lookup(self, lookup_name: str) -> type[Lookup[Any]] | None:
        """Return the only lookup there can be.

        Raises
        ------
        FieldError
            For every other one: it would compare sealed forms and find nothing.
        """
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise FieldError(f"{self} is sealed and cannot be searched by {lookup_name!r}; ask its blind index")

    def value_to_string(self, obj: models.Model) -> str:  # noqa: ARG002
        """Refuse to be written out by a serialiser.

        Raises
        ------
        FieldError
            Always: it would be written in clear.
        """
        raise FieldError(f"{self} is sealed and is not serialised")


class EncryptedTextField(SealedMixin, models.TextField[str | None, str | None]):
    """A text that is sealed in the database."""


class EncryptedDateField(SealedMixin, models.Field[dt.date | str | None, dt.date | None]):
    """A date that is sealed in the database."""

    def plain_text(self, value: Any) -> str:  # noqa: ANN401
        """Return a date in ISO form."""
        day = self.to_python(value)
        if day is None:
            raise ValueError("no date")
        return day.isoformat()

    def plain_value(self, text: str) -> dt.date:
        """Return the date that a text stood for."""
        return dt.date.fromisoformat(text)

    def to_python(self, value: Any) -> dt.date | None:  # noqa: ANN401
        """Return a date from a date or its ISO form."""
        day: dt.date | None = models.DateField().to_python(value)
        return day

    def formfield(self, **kwargs: Any) -> forms.Field | None:  # noqa: ANN401
        """Return a form's date field."""
        return super().formfield(**{"form_class": forms.DateField, **kwargs})


class BlindIndexField(BoundMixin, models.CharField[str | None, str | None]):
    """A keyed digest of another field's normal form, kept in step with it on every save.

    Parameters
    ----------
    of : str
        Name of the field that it finds.
    form : str
        A key of `NORMAL_FORMS`.

    Notes
    -----
    Equal values have equal digests under the same key, so a reader of the database learns which rows share a name (and
    how common it is), not the name.
    """

    def __init__(self, *args: Any, of: str = "", form: str = "text", **kwargs: Any) -> None:  # noqa: ANN401
        self.of = of
        self.form = form
        kwargs = {"max_length": 40, "null": True, "editable": False, "db_index": True, **kwargs}
        super().__init__(*args, **kwargs)

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:  # noqa: ANN401
        """Return an error where the field does not follow a sealed one, which rotation relies on."""
        faults: list[checks.CheckMessage] = super().check(**kwargs)
        if not isinstance(self.model._meta.get_field(self.of), SealedMixin):
            faults.append(checks.Error(f"{self.of!r} is not a sealed field", obj=self, id="people.E001"))
        return faults

    def deconstruct(self) -> Any:  # noqa: ANN401  # Django's tuple
        """Return what a migration needs to make the field again."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of, "form": self.form}

    def pre_save(self, model_instance: models.Model, add: bool) -> str | None:  # noqa: ARG002
        """Return the digest of what the other field holds now."""
        value = self.blind(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, value)
        return value

    def normal(self, text: str) -> str:
        """Return a text in this index's normal form."""
        return NORMAL_FORMS[self.form](text)

    def blind(self, text: str | None, keyring: Keyring | None = None) -> str | None:
        """Return the digest under the primary key; None for an empty value."""
        normal = self.normal(text) if text else ""
        return (keyring or keyring_current()).blind(normal, self.context) if normal else None

    def matches(self, text: str) -> models.Q:
        """Return the condition that finds rows whose other field holds a text, under whichever key they are indexed."""
        normal = self.normal(text)
        if not normal:
            return models.Q(pk__in=())
        return models.Q(**{f"{self.name}__in": keyring_current().blinds(normal, self.context)})


def blind_index(model: type[models.Model], name: str) -> BlindIndexField:
    """Return a model's blind index by its name.

    Raises
    ------
    TypeError
        If that field is not one.
    """
    field = model._meta.get_field(name)
    if not isinstance(field, BlindIndexField):
        raise TypeError(f"{name} is not a blind index")
    return field
