"""Loading the pledge tree from its file: the same file twice changes nothing, and nothing that was judged is lost."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from madang.numerics.digests import json_digest, sha256_hex
from madang.numerics.errors import Conflict
from madang.rooms.projects.engine.pledge_tree import IndicatorEntry, PledgeEntry, PledgeTree, month_after
from madang.rooms.projects.formats.pledges_toml import pledges_read
from madang.rooms.projects.models import Ask, Milestone, Pledge, PledgeIndicator, PledgeProgramme
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.services import hold, record
from madang.yard.evidence.models import Indicator
from madang.yard.evidence.services import IndicatorDraft, indicator_define
from madang.yard.ledger.services import ProgrammeDraft, programme_open
from madang.yard.places.selectors import district_current

_FOLDER = Path(__file__).resolve().parent.parent / "data" / "pledges"


@dataclass(frozen=True, slots=True, kw_only=True)
class PledgesFile:
    """A pledge file.

    Attributes
    ----------
    name : str
        What it is called.
    data : bytes
        Its content.
    starts_on : date or None
        First day of the term in place of the file's own.
    """

    name: str
    data: bytes
    starts_on: date | None = None

    @property
    def digest(self) -> str:
        """What tells one loading from another."""
        return json_digest([sha256_hex(self.data), self.starts_on.isoformat() if self.starts_on else None])


def pledges_file_of(district: str, starts_on: date | None = None) -> PledgesFile:
    """Return the file that comes along for a district: its own, or the one that fits any."""
    own = _FOLDER / f"{district}.toml"
    path = own if own.is_file() else _FOLDER / "default.toml"
    return PledgesFile(name=path.name, data=path.read_bytes(), starts_on=starts_on)


@transaction.atomic
def pledges_load(actor: Actor, file: PledgesFile) -> list[Pledge]:
    """Load a pledge file and return the current pledges; one that is loaded already changes nothing.

    Raises
    ------
    InputError
        If the file has a fault; says line and field.
    Conflict
        If it is another district's, or a programme's code stands for something else in the ledger.
    """
    district = district_current()
    require(actor, Action.PLEDGES_LOAD, place=district.code)
    hold()
    current = list(Pledge.objects.filter(is_current=True))
    if current and all(pledge.file_digest == file.digest for pledge in current):
        return current
    tree = pledges_read(file.data, file.name, starts_on=file.starts_on)
    if tree.district not in {"*", district.code}:
        message = _("This file is for the district %(other)s, not for %(here)s.")
        data = {"other": tree.district, "here": district.code}
        raise Conflict("other_district", message % data, data)
    kept = [_pledge(actor, tree, position, file.digest) for position in range(len(tree.pledges))]
    Pledge.objects.exclude(pk__in=[pledge.pk for pledge in kept]).update(is_current=False)
    detail = {"file": file.name, "digest": file.digest, "pledges": [pledge.code for pledge in kept]}
    record(actor, Action.PLEDGES_LOAD, target=district, detail=detail)
    return kept


def _pledge(actor: Actor, tree: PledgeTree, position: int, digest: str) -> Pledge:
    entry = tree.pledges[position]
    pledge, _made = Pledge.objects.update_or_create(
        code=entry.code,
        defaults={
            "room": entry.room,
            "position": position,
            "name_ko": entry.name.ko,
            "name_en": entry.name.en,
            "promise_ko": entry.promise.ko,
            "promise_en": entry.promise.en,
            "source_ko": tree.source.ko,
            "source_en": tree.source.en,
            "starts_on": tree.starts_on,
            "ends_on": month_after(tree.starts_on, tree.months),
            "funding_plan": [[day.isoformat(), won] for day, won in entry.funding.plan],
            "funding_weight": entry.funding.weight,
            "file_digest": digest,
            "is_current": True,
        },
    )
    _programmes(actor, pledge, entry)
    _indicators(actor, pledge, entry)
    _milestones(pledge, entry)
    _asks(pledge, entry)
    return pledge


def _programmes(actor: Actor, pledge: Pledge, entry: PledgeEntry) -> None:
    kept = []
    for position, row in enumerate(entry.programmes):
        draft = ProgrammeDraft(
            code=row.code, name_ko=row.name.ko, name_en=row.name.en, room=entry.room, pledge=entry.code
        )
        link, _made = PledgeProgramme.objects.update_or_create(
            programme=programme_open(actor, draft),
            defaults={
                "pledge": pledge,
                "position": position,
                "summary_ko": row.summary.ko,
                "summary_en": row.summary.en,
            },
        )
        kept.append(link.pk)
    pledge.programmes.exclude(pk__in=kept).delete()


def _indicators(actor: Actor, pledge: Pledge, entry: PledgeEntry) -> None:
    kept = []
    for position, row in enumerate(entry.indicators):
        link, _made = PledgeIndicator.objects.update_or_create(
            indicator=_defined(actor, entry.room, row),
            defaults={
                "pledge": pledge,
                "position": position,
                "weight": row.weight,
                "waits_for": list(row.waits_for),
            },
        )
        kept.append(link.pk)
    pledge.indicators.exclude(pk__in=kept).delete()


def _defined(actor: Actor, room: str, row: IndicatorEntry) -> Indicator:
    points = (row.baseline, *row.targets)
    draft = IndicatorDraft(
        code=row.code,
        room=room,
        name_ko=row.name.ko,
        name_en=row.name.en,
        unit=row.unit,
        definition_ko=row.definition.ko,
        definition_en=row.definition.en,
        source_ko=row.source.ko,
        source_en=row.source.en,
        direction=row.direction,
        frequency=row.frequency,
        decimals=row.decimals,
        targets=tuple((day.isoformat(), value) for day, value in points),
    )
    return indicator_define(actor, draft)


def _milestones(pledge: Pledge, entry: PledgeEntry) -> None:
    for position, row in enumerate(entry.milestones):
        Milestone.objects.update_or_create(
            code=row.code,
            defaults={
                "pledge": pledge,
                "position": position,
                "name_ko": row.name.ko,
                "name_en": row.name.en,
                "due_on": row.due_on,
                "weight": row.weight,
                "waits_for": list(row.waits_for),
            },
        )
    pledge.milestones.exclude(code__in=[row.code for row in entry.milestones]).delete()


def _asks(pledge: Pledge, entry: PledgeEntry) -> None:
    for position, row in enumerate(entry.asks):
        Ask.objects.update_or_create(
            code=row.code,
            defaults={
                "pledge": pledge,
                "position": position,
                "name_ko": row.name.ko,
                "name_en": row.name.en,
                "body_ko": row.body.ko,
                "body_en": row.body.en,
                "asked_on": row.asked_on,
                "due_on": row.due_on,
                "answered_on": row.answered_on,
            },
        )
    pledge.asks.exclude(code__in=[row.code for row in entry.asks]).delete()
