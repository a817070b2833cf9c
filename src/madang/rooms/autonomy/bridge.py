"""The door between rows and what the agenda computes on."""

import functools
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from madang.rooms.autonomy.engine.agenda import State
from madang.rooms.autonomy.engine.proposals import ProposalState
from madang.rooms.autonomy.models import (
    AgendaMove,
    Decision,
    Issue,
    Proposal,
    Statement,
    StatementVote,
)
from madang.yard.audit.seal import keyed_digest
from madang.yard.ledger.models import Account, AccountKind
from madang.yard.places.bridge import boundaries_of
from madang.yard.places.models import District

if TYPE_CHECKING:
    from madang.rooms.autonomy.engine.similarity import SimilarityIndex

ORIGIN = "agenda"
MAP_MARGIN = 8
"""Space that the drawing of a district leaves around it [unit]."""


def point_on_map(district: District, x: float, y: float) -> tuple[float, float]:
    """Return longitude and latitude of a point of the district's drawing [degree].

    Parameters
    ----------
    district : District
        Whose drawing it is.
    x, y : float
        From the left and from the top, in units of the view box.

    Notes
    -----
    The drawing is linear in degrees, so its edges give the point.
    """
    west, south, east, north = _bounds(district.boundary_digest)
    across = (x - MAP_MARGIN) / (district.map_width - 2 * MAP_MARGIN)
    down = (y - MAP_MARGIN) / (district.map_height - 2 * MAP_MARGIN)
    return west + across * (east - west), north - down * (north - south)


def place_on_map(district: District, lon: float, lat: float) -> tuple[float, float]:
    """Return where a point lies in the district's drawing, from the left and from the top [unit]."""
    west, south, east, north = _bounds(district.boundary_digest)
    x = MAP_MARGIN + (lon - west) / (east - west) * (district.map_width - 2 * MAP_MARGIN)
    y = MAP_MARGIN + (north - lat) / (north - south) * (district.map_height - 2 * MAP_MARGIN)
    return x, y


@functools.lru_cache(maxsize=4)
def _bounds(digest: str) -> tuple[float, float, float, float]:
    return boundaries_of(District.objects.get(boundary_digest=digest)).bounds


def report_days(dong: str = "") -> list[list[str | None]]:
    """Return of every report the day it came in and the day of its first move, as `heard_in_time_json` takes them.

    Parameters
    ----------
    dong : str, optional
        Only those of this dong.
    """
    reports = Issue.objects.filter(dong_id=dong) if dong else Issue.objects.all()
    taken = dict(_first_moves().filter(item__issues__in=reports).values_list("item__issues", "on"))
    answered = dict(_first_moves().filter(issue__in=reports).values_list("issue", "on"))
    rows = []
    for pk, reported_at in reports.order_by("pk").values_list("pk", "reported_at"):
        moved: date | None = answered.get(pk) or taken.get(pk)
        rows.append([timezone.localdate(reported_at).isoformat(), moved.isoformat() if moved else None])
    return rows


def deciding_dongs() -> list[str]:
    """Return the dong of every decision whose budget line has been given money, as `dongs_deciding_json` takes them."""
    decided = Decision.objects.filter(budget_won__gt=0).order_by("pk").values_list("item", "item__dong__code")
    given = set(
        Account.objects.filter(line__origin__startswith=f"{ORIGIN}:", kind=AccountKind.AVAILABLE, credits_won__gt=0)
        .order_by()
        .values_list("line__origin", flat=True)
    )
    return [dong for item, dong in decided if origin_of(item) in given]


def origin_of(item_id: int) -> str:
    """Return how the ledger and the projects name an item of the agenda."""
    return f"{ORIGIN}:{item_id}"


def _first_moves() -> QuerySet[AgendaMove]:
    return AgendaMove.objects.filter(source=State.RECEIVED.value).order_by()


def voter_digest(assembly_id: int, person: UUID) -> str:
    """Return under what a resident's opinions in an assembly are kept: a digest only this installation can make."""
    return keyed_digest({"assembly": assembly_id, "voter": str(person)})


def opinion_inputs(assembly_id: int) -> dict[str, list[Any]]:
    """Return statements and opinions of an assembly as `opinion_json` takes them; hidden statements are moderated."""
    statements = Statement.objects.filter(assembly=assembly_id).order_by("pk").values_list("pk", "hidden_at")
    votes = StatementVote.objects.filter(statement__assembly=assembly_id).order_by("voter", "statement")
    return {
        "statements": [{"id": pk, "moderated": hidden_at is not None} for pk, hidden_at in statements],
        "votes": [list(row) for row in votes.values_list("voter", "statement", "value")],
    }


def proposals_alike(assembly_id: int, title: str, text: str, count: int = 3) -> list[int]:
    """Return keys of the proposals that say nearly what somebody is writing, the most alike first.

    Notes
    -----
    Titles and texts never change, so the index of an assembly's first proposals is kept and built anew with every 64th;
    the few after them are compared from nothing. What was withdrawn or merged is left out afterwards. Terms are
    syllables and words: the dictionary of morphemes would take a web process some 300 MB.
    """
    from madang.rooms.autonomy.engine.similarity import nearest_texts, titled

    proposals = Proposal.objects.filter(assembly=assembly_id).order_by("pk")
    kept = proposals.count() // _BLOCK * _BLOCK
    draft, scores = titled(title, text), dict[int, float]()
    if kept:
        # The last one's own number tells this assembly from another that bore the same key in another database.
        ids, index = _alike(assembly_id, kept, proposals.values_list("idempotency_key", flat=True)[kept - 1])
        scores |= {ids[match.position]: match.score for match in index.nearest(draft, _MOST)}
    rest = list(proposals.values_list("pk", "title", "text")[kept:])
    texts = [titled(each, words) for _pk, each, words in rest]
    scores |= {rest[match.position][0]: match.score for match in nearest_texts(draft, texts, count=_MOST)}
    gone = (ProposalState.WITHDRAWN.value, ProposalState.MERGED.value)
    standing = set(proposals.filter(pk__in=scores).exclude(state__in=gone).values_list("pk", flat=True))
    return sorted(standing, key=lambda pk: (-scores[pk], pk))[:count]


_BLOCK, _MOST = 64, 32


@functools.lru_cache(maxsize=8)
def _alike(assembly_id: int, kept: int, _last: str) -> "tuple[list[int], SimilarityIndex]":
    from madang.rooms.autonomy.engine.similarity import SimilarityIndex, titled

    rows = Proposal.objects.filter(assembly=assembly_id).order_by("pk").values_list("pk", "title", "text")[:kept]
    found = list(rows)
    return [pk for pk, _title, _text in found], SimilarityIndex(titled(title, text) for _pk, title, text in found)
