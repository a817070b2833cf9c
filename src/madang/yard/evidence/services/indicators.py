"""Defining indicators."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from madang.numerics.digests import json_digest
from madang.numerics.errors import Conflict, DomainError, EngineInputError
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.services import hold, record
from madang.yard.evidence.engine.targets import TargetPath
from madang.yard.evidence.models import Aggregation, Direction, FrequencyChoice, Indicator, Observation, Room, Unit
from madang.yard.evidence.selectors.refusals import EvidenceCode
from madang.yard.evidence.services import checks
from madang.yard.evidence.services.withholding import count_of, lines_withhold


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorDraft:
    """An indicator to be defined.

    Attributes
    ----------
    code : str
        Its lasting name, such as `care.first-contact-days`.
    room : str
        Whose subject it is.
    name_ko, name_en, definition_ko, definition_en, source_ko, source_en : str
        What people read.
    unit, direction, frequency, aggregation : str
        Codes of the models' choices.
    decimals : int
        Digits after the point on pages.
    sensitive : bool
        It counts persons in small places: the publication guard applies.
    threshold : int
        Smallest count that is shown, where it is sensitive [persons].
    zeros_sensitive : bool
        Zeros are not shown either.
    targets : sequence of (str, float)
        The path it should take: period, and value by the period's last day.
    """

    code: str
    room: str
    name_ko: str
    name_en: str
    unit: str
    definition_ko: str
    definition_en: str
    source_ko: str
    source_en: str
    direction: str
    frequency: str = FrequencyChoice.MONTH.value
    aggregation: str = Aggregation.LAST.value
    decimals: int = 1
    sensitive: bool = False
    threshold: int = 5
    zeros_sensitive: bool = False
    targets: Sequence[tuple[str, float]] = ()


@transaction.atomic
def indicator_define(actor: Actor, draft: IndicatorDraft) -> Indicator:
    """Define an indicator, or bring its definition up to date; the same definition again changes nothing.

    Raises
    ------
    DomainError
        If something about it is not acceptable.
    Conflict
        If values exist and the change would show what was withheld, or give their periods another meaning.
    """
    require(actor, Action.INDICATOR_DEFINE)
    values = _checked(draft)
    hold()
    existing = Indicator.objects.select_for_update().filter(code=draft.code).first()
    if existing is not None:
        changed = sorted(name for name, value in values.items() if getattr(existing, name) != value)
        if not changed:
            return existing
        _refuse_if_loosened(existing, values)
        for name in changed:
            setattr(existing, name, values[name])
        existing.save(update_fields=changed)
        indicator = existing
        if indicator.sensitive and {"sensitive", "threshold", "zeros_sensitive"} & set(changed):
            _withhold_all(indicator)
    else:
        indicator = Indicator.objects.create(**values)
        changed = sorted(values)
    record(
        actor,
        Action.INDICATOR_DEFINE,
        target=indicator,
        detail={"code": indicator.code, "changed": changed, "definition": json_digest(values)},
    )
    return indicator


def _checked(draft: IndicatorDraft) -> dict[str, object]:
    values = asdict(draft)
    checks.code(draft.code)
    for field, kind in (
        ("room", Room),
        ("unit", Unit),
        ("direction", Direction),
        ("frequency", FrequencyChoice),
        ("aggregation", Aggregation),
    ):
        checks.choice(values[field], kind.values, field=field)
    for field, most in (
        ("name_ko", 120),
        ("name_en", 160),
        ("definition_ko", 2000),
        ("definition_en", 2000),
        ("source_ko", 300),
        ("source_en", 300),
    ):
        values[field] = checks.text(values[field], field=field, most=most)
    if not 2 <= draft.threshold <= 1000:
        message = _("The smallest count that is shown must be from 2 to 1,000.")
        raise DomainError(EvidenceCode.CHOICE_UNKNOWN, message, {"threshold": draft.threshold}, field="threshold")
    if not 0 <= draft.decimals <= 6:
        message = _("Digits after the point: 0 to 6.")
        raise DomainError(EvidenceCode.CHOICE_UNKNOWN, message, {"decimals": draft.decimals}, field="decimals")
    targets = values.pop("targets")
    try:
        path = TargetPath.of(targets)
    except (EngineInputError, ValueError) as error:
        message = _("The target path needs periods in order of time, each with a number.")
        raise DomainError(EvidenceCode.TARGETS_NOT_VALID, message, field="targets") from error
    values["target_path"] = [[text, value] for text, value in path.points]
    return values


def _refuse_if_loosened(existing: Indicator, values: dict[str, object]) -> None:
    if not existing.observations.exists():
        return
    if existing.frequency != values["frequency"]:
        message = _("Values have been entered, so its periods cannot change. Define another indicator.")
        raise Conflict(EvidenceCode.FREQUENCY_FIXED, message, {"indicator": existing.code}, field="frequency")
    loosened = existing.sensitive and (
        not values["sensitive"]
        or int(str(values["threshold"])) < existing.threshold
        or (existing.zeros_sensitive and not values["zeros_sensitive"])
    )
    if loosened:
        message = _("Counts that were withheld would come out. Define another indicator instead.")
        raise Conflict(EvidenceCode.GUARD_LOOSENED, message, {"indicator": existing.code}, field="sensitive")


def _withhold_all(indicator: Indicator) -> None:
    """Decide anew what is withheld of every line, now that more counts are small; what was public remains known."""
    rows = list(Observation.objects.filter(indicator=indicator).order_by("revision"))
    newest = {(row.place, row.period): row for row in rows}
    whole = all(count_of(row) == (row.value if row.numerator is None else row.numerator) for row in newest.values())
    if not whole or any(count_of(row) < 0 for row in newest.values()):
        message = _("Some of its values are no counts of persons, so it cannot become sensitive.")
        raise Conflict(EvidenceCode.COUNT_NOT_WHOLE, message, {"indicator": indicator.code}, field="sensitive")
    lines_withhold(indicator, {}, list(newest.values()))
