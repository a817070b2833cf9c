"""What is checked before anything is written, so that a person is told beside the field."""

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from madang.numerics.errors import DomainError, EngineInputError
from madang.yard.evidence.engine.periods import Period
from madang.yard.evidence.engine.periods import period as read_period
from madang.yard.evidence.selectors.refusals import EvidenceCode
from madang.yard.places.models import District, Dong

_CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
# A resident registration number, a telephone number, an e-mail address.
_PERSONAL = re.compile(
    r"\b\d{6}\s*-\s*[1-8]\d{6}\b|(?<!\d)0\d{1,2}[ .-]?\d{3,4}[ .-]?\d{4}(?!\d)|[\w.+-]+@[\w-]+\.[\w.]+"
)


def code(value: str, *, field: str = "code") -> str:
    """Return a code of small Latin letters, digits, dots, dashes and underscores, at most 60 of them.

    Raises
    ------
    DomainError
        If it holds anything else.
    """
    if not _CODE.fullmatch(value):
        message = _("A code has small Latin letters, digits, dots, dashes and underscores, at most 60 of them.")
        raise DomainError(EvidenceCode.CODE_NOT_VALID, message, {"code": value}, field=field)
    return value


def choice(value: str, allowed: Iterable[str], *, field: str) -> str:
    """Return a value that must be one of those allowed.

    Raises
    ------
    DomainError
        If it is none of them.
    """
    known = list(allowed)
    if value not in known:
        message = _("%(value)s is not one of: %(allowed)s.") % {"value": value, "allowed": ", ".join(known)}
        raise DomainError(EvidenceCode.CHOICE_UNKNOWN, message, {"value": value, "allowed": known}, field=field)
    return value


def text(value: str, *, field: str, most: int, needed: bool = True) -> str:
    """Return a public text on one line.

    Raises
    ------
    DomainError
        If it is missing, too long, or holds what looks like a person's number or address.
    """
    clean = _CONTROL.sub(" ", value).strip()
    if needed and not clean:
        raise DomainError(EvidenceCode.TEXT_MISSING, _("Write a few words here."), field=field)
    if len(clean) > most:
        message = _("At most %(most)s characters fit here; this has %(count)s.") % {"most": most, "count": len(clean)}
        raise DomainError(EvidenceCode.TEXT_TOO_LONG, message, {"most": most}, field=field)
    if _PERSONAL.search(clean):
        message = _("This looks like a person's number or address. It would be public: say it without naming anybody.")
        raise DomainError(EvidenceCode.PERSONAL_DATA, message, field=field)
    return clean


def places_known(codes: Iterable[str]) -> None:
    """Refuse any code that is neither the district's nor one of its dongs'.

    Raises
    ------
    DomainError
        Naming the first that is not known.
    """
    wanted = set(codes)
    known = set(District.objects.filter(code__in=wanted).values_list("code", flat=True))
    known |= set(Dong.objects.filter(code__in=wanted - known).values_list("code", flat=True))
    unknown = sorted(wanted - known)
    if unknown:
        message = _("There is no district or dong with the code %(code)s here.") % {"code": unknown[0]}
        raise DomainError(EvidenceCode.PLACE_UNKNOWN, message, {"place": unknown[0]}, field="place")


def period(value: str) -> Period:
    """Return the period that a text spells.

    Raises
    ------
    DomainError
        If it spells none.
    """
    try:
        return read_period(value)
    except EngineInputError as error:
        message = _("%(text)s is not a period. Write 2026, 2026-Q3, 2026-11, 2026-W46 or 2026-11-23.")
        raise DomainError(
            EvidenceCode.PERIOD_NOT_VALID, message % {"text": value}, {"period": value}, field="period"
        ) from error
