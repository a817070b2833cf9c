"""A verdict's reasons as sentences in the reader's language."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madang.ui import formats
from madang.yard.evidence.models import Indicator


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One reason.

    Attributes
    ----------
    text : str
        The sentence.
    tone : str
        "late", "held", "going", "done" or "new".
    """

    text: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the subjects of a pledge are called in the reader's language."""

    indicators: Mapping[str, Indicator]
    others: Mapping[str, str]


def sentences(reasons: Sequence[Mapping[str, Any]], names: Names) -> list[Sentence]:
    """Return the sentences of stored reasons, in their order; a subject that is gone keeps its code."""
    return [_sentence(reason, names) for reason in reasons]


def quantity(indicator: Indicator, value: float) -> str:
    """Return a value of an indicator with its unit."""
    language = get_language() or "ko"
    decimals = indicator.decimals if value != int(value) else 0
    unit = str(indicator.get_unit_display())
    joint = "" if unit == "%" and not formats.is_korean(language) else " "
    return f"{formats.number(value, language, decimals=decimals)}{joint}{unit}"


def _sentence(reason: Mapping[str, Any], names: Names) -> Sentence:
    kind, _bar, standing = str(reason["code"]).partition("_")
    say = {"indicator": _of_indicator, "milestone": _of_milestone, "funding": _of_funding, "ask": _of_ask}[kind]
    return Sentence(text=say(standing, reason, names), tone=_TONES[standing])


_TONES = {
    "behind": "late",
    "unmeasured": "new",
    "waiting": "held",
    "on_path": "going",
    "reached": "done",
    "stale": "new",
    "open": "held",
}


def _of_indicator(standing: str, reason: Mapping[str, Any], names: Names) -> str:
    code, values = str(reason["subject"]), reason["values"]
    indicator = names.indicators.get(code)
    name = indicator.name if indicator is not None else code
    if standing == "stale":
        return _("%(name)s: last measured %(days)s days ago.") % {"name": name, "days": values["age_days"]}
    say = (lambda value: quantity(indicator, value)) if indicator is not None else _plain
    if standing == "unmeasured":
        return _("%(name)s: not measured yet, planned by now %(planned)s.") % _words(name, values, say)
    text = {
        "behind": _("%(name)s: %(value)s, planned by now %(planned)s."),
        "waiting": _("%(name)s: %(value)s, planned by now %(planned)s; it waits for another body."),
        "on_path": _("%(name)s: %(value)s, as planned (%(planned)s)."),
        "reached": _("%(name)s: %(value)s, the target is reached."),
    }[standing]
    return text % _words(name, values, say)


def _of_milestone(standing: str, reason: Mapping[str, Any], names: Names) -> str:
    text = {
        "behind": _("%(name)s: past its day and not reached."),
        "waiting": _("%(name)s: past its day; it waits for another body."),
        "on_path": _("%(name)s: not due yet."),
        "reached": _("%(name)s: reached."),
    }[standing]
    return text % {"name": names.others.get(str(reason["subject"]), str(reason["subject"]))}


def _of_funding(standing: str, reason: Mapping[str, Any], _names: Names) -> str:
    language = get_language() or "ko"
    values = reason["values"]
    text = {
        "behind": _("Money set apart: %(value)s, planned by now %(planned)s."),
        "on_path": _("Money set apart: %(value)s, as planned (%(planned)s)."),
        "reached": _("Money set apart: %(value)s, all that was planned."),
    }[standing]
    won: Callable[[float], str] = lambda value: formats.won_short(round(value), language)  # noqa: E731
    return text % _words("", values, won)


def _of_ask(_standing: str, reason: Mapping[str, Any], names: Names) -> str:
    language = get_language() or "ko"
    name = names.others.get(str(reason["subject"]), str(reason["subject"]))
    due, over = reason["values"]["due_on"], reason["values"]["days_over"]
    if due is None:
        return _("%(name)s: asked, not answered yet.") % {"name": name}
    day = formats.day(date.fromisoformat(due), language)
    if over:
        return _("%(name)s: the answer was due on %(day)s and is %(over)s days late.") % {
            "name": name, "day": day, "over": over,
        }  # fmt: skip
    return _("%(name)s: the answer is due on %(day)s.") % {"name": name, "day": day}


def _words(name: str, values: Mapping[str, Any], say: Callable[[float], str]) -> dict[str, str]:
    return {
        "name": name,
        "value": "" if values["value"] is None else say(float(values["value"])),
        "planned": "" if values["planned"] is None else say(float(values["planned"])),
    }


def _plain(value: float) -> str:
    return f"{value:g}"
