"""What is checked before anything is written, so that a person is told beside the field."""

import datetime as dt
import re
from collections.abc import Collection

from django.utils import timezone
from django.utils.translation import gettext as _

from madang.numerics.errors import DomainError
from madang.yard.ledger.models import MOST_WON
from madang.yard.ledger.services.refusals import LedgerCode
from madang.yard.places.models import District, Dong

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
# A resident registration number, a mobile or land-line number, an e-mail address.
_PERSONAL = re.compile(
    r"(?<!\d)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\s*-\s*[1-8]\d{6}(?!\d)"
    r"|(?<!\d)0\d{1,2}[ .-]\d{3,4}[ .-]\d{4}(?!\d)|(?<!\d)01\d\d{7,8}(?!\d)"
    r"|[\w.+-]+@[\w-]+\.[\w.]+"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def amount(won: int) -> int:
    """Return an amount that an entry may have [won].

    Raises
    ------
    DomainError
        If it is not positive, or larger than the budget of the country.
    """
    if won <= 0:
        text = _("Enter an amount above zero, in whole won.")
        raise DomainError(LedgerCode.AMOUNT_NOT_POSITIVE, text, {"amount_won": won}, field="amount_won")
    if won > MOST_WON:
        text = _("%(amount)s won is more than the budget of the whole country. Check the number of zeros.")
        raise DomainError(
            LedgerCode.AMOUNT_TOO_LARGE, text % {"amount": f"{won:,}"}, {"amount_won": won}, field="amount_won"
        )
    return won


def text(value: str, *, field: str, most: int = 200, needed: bool = False) -> str:
    """Return a text on one line without control characters.

    Raises
    ------
    DomainError
        If it is too long, missing though needed, or holds what looks like a person's number or address.
    """
    clean = _CONTROL.sub(" ", value).strip()
    if needed and not clean:
        raise DomainError(LedgerCode.NAME_MISSING, _("Write a few words here."), field=field)
    if len(clean) > most:
        message = _("At most %(most)s characters fit here; this has %(count)s.")
        raise DomainError(
            LedgerCode.TEXT_TOO_LONG, message % {"most": most, "count": len(clean)}, {"most": most}, field=field
        )
    if _PERSONAL.search(clean):
        message = _("This looks like a person's number or address. The ledger is public: write what it is for instead.")
        raise DomainError(LedgerCode.PERSONAL_DATA, message, field=field)
    return clean


def key(value: str) -> str:
    """Return a client's number of a request.

    Raises
    ------
    DomainError
        If it is longer than 100 characters.
    """
    if len(value) > 100:
        message = _("A request number has at most 100 characters.")
        raise DomainError(LedgerCode.TEXT_TOO_LONG, message, {"most": 100}, field="key")
    return value


def code(value: str) -> str:
    """Return a code of Latin letters, digits, dots, dashes and underscores, at most 40 of them.

    Raises
    ------
    DomainError
        If it holds anything else.
    """
    if not _CODE.fullmatch(value):
        message = _("A code has Latin letters, digits, dots, dashes and underscores, at most 40 of them.")
        raise DomainError(LedgerCode.CODE_NOT_VALID, message, {"code": value}, field="code")
    return value


def year(value: int) -> int:
    """Return a fiscal year that can be.

    Raises
    ------
    DomainError
        If it lies outside 1948 to 2200.
    """
    if not 1948 <= value <= 2200:
        message = _("A fiscal year has four digits, such as 2026.")
        raise DomainError(LedgerCode.YEAR_NOT_VALID, message, {"year": value}, field="fiscal_year")
    return value


def place(value: str) -> str:
    """Return the code of the district or of one of its dongs.

    Raises
    ------
    DomainError
        If no such place is known here.
    """
    if District.objects.filter(code=value).exists() or Dong.objects.filter(code=value).exists():
        return value
    message = _("There is no district or dong with the code %(code)s here.")
    raise DomainError(LedgerCode.PLACE_UNKNOWN, message % {"code": value}, {"place": value}, field="place")


def today() -> dt.date:
    """Return today's date in Seoul."""
    return timezone.localdate()


def day(value: dt.date | None, years: Collection[int]) -> dt.date:
    """Return the day of an entry: today if none is given, not in the future, in the fiscal year of a fund it touches.

    Raises
    ------
    DomainError
        If it is in the future or in another year.

    References
    ----------
    Local Accounting Act (지방회계법), article 7: receipts and payments of a fiscal year close on its last day.
    """
    chosen = not_future(value)
    if chosen.year not in years:
        message = _("%(date)s is not in the fund's fiscal year (%(years)s). Choose a fund of that year.")
        names = ", ".join(str(one) for one in sorted(years))
        raise DomainError(
            LedgerCode.DATE_OUTSIDE_YEAR,
            message % {"date": chosen.isoformat(), "years": names},
            {"date": chosen.isoformat(), "years": sorted(years)},
            field="date",
        )
    return chosen


def not_future(value: dt.date | None) -> dt.date:
    """Return a day that has come.

    Raises
    ------
    DomainError
        If it lies in the future.
    """
    now = today()
    chosen = value or now
    if chosen > now:
        message = _("%(date)s has not come yet. Enter what has happened.")
        raise DomainError(
            LedgerCode.DATE_IN_FUTURE,
            message % {"date": chosen.isoformat()},
            {"date": chosen.isoformat()},
            field="date",
        )
    return chosen
