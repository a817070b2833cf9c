"""The opinion conversation: the next statement for a reader, and what has been found, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _

from madang.numerics.errors import NotFound
from madang.rooms.autonomy.bridge import voter_digest
from madang.rooms.autonomy.models import Assembly, OpinionView, Statement, StatementVote
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.people.models import Person

REFRESH_LEAST, REFRESH_SHARE = 10, 0.05
"""New opinions after which groups are computed anew: so many, and this share of those before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a reader is in a conversation.

    Attributes
    ----------
    statement : Statement or None
        What to ask next; None when everything has been answered.
    answered, total : int
        Statements answered, and all that stand.
    """

    statement: Statement | None
    answered: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A statement with what is published of its answers.

    Attributes
    ----------
    text : str
        The sentence.
    side : str
        "agree" or "disagree": which way it is meant here; empty where that does not matter.
    share : float or None
        Share of that side [ratio].
    groups : tuple of float or None
        Share of agreement in each shown group.
    """

    text: str
    side: str
    share: float | None
    groups: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupShown:
    """A group of people who think alike, as it is drawn.

    Attributes
    ----------
    name : str
        In the reader's language.
    size : int
        How many.
    x, y, radius : float
        Where its circle stands in the drawing [unit].
    said : tuple of Said
        What sets it apart.
    """

    name: str
    size: int
    x: float
    y: float
    radius: float
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationShown:
    """What has been found in a conversation, as a page shows it."""

    computed_at: datetime
    run: str
    run_short: str
    participants: int
    votes: int
    smallest: int
    why_not: str
    stability: float | None
    stability_word: str
    groups: tuple[GroupShown, ...]
    consensus: tuple[Said, ...]
    dividing: tuple[Said, ...]
    bridging: tuple[Said, ...]


WIDTH, HEIGHT, MARGIN = 640.0, 360.0, 70.0
"""The drawing of the groups [unit]."""


def progress_of(assembly: Assembly, person: Person) -> Progress:
    """Return what to ask a resident next: the statement that the fewest have answered, among those still open."""
    voter = voter_digest(assembly.pk, person.pk)
    standing = Statement.objects.filter(assembly=assembly, hidden_at=None)
    mine = StatementVote.objects.filter(voter=voter, statement__assembly=assembly, statement__hidden_at=None)
    ahead = standing.exclude(pk__in=mine.values("statement")).annotate(heard=Count("votes")).order_by("heard", "pk")
    return Progress(statement=ahead.defer("author").first(), answered=mine.count(), total=standing.count())


def statements_of(assembly: Assembly) -> list[Statement]:
    """Return every statement of an assembly, hidden ones with the reason in their place."""
    return list(Statement.objects.filter(assembly=assembly).defer("author"))


def statement_get(statement_id: int) -> Statement:
    """Return one statement.

    Raises
    ------
    NotFound
        If there is none.
    """
    statement = Statement.objects.defer("author").filter(pk=statement_id).first()
    if statement is None:
        raise NotFound("statement_unknown", _("There is no such statement."))
    return statement


def statement_for_desk(actor: Actor, statement_id: int) -> Statement:
    """Return a statement that the actor may hide.

    Raises
    ------
    NotFound, PermissionDenied
        If there is none, or it is not in the actor's reach.
    """
    statement = statement_get(statement_id)
    require(actor, Action.WORDS_HIDE, place=statement.assembly.dong_id)
    return statement


def refresh_due(assembly_id: int) -> bool:
    """Return whether so many opinions are new that the groups should be computed anew."""
    last = OpinionView.objects.filter(assembly=assembly_id).values_list("votes", flat=True).first() or 0
    now = StatementVote.objects.filter(statement__assembly=assembly_id).count()
    return now - last >= max(REFRESH_LEAST, REFRESH_SHARE * last)


def opinion_rows(assembly: Assembly) -> list[tuple[object, ...]]:
    """Return what is published of every statement: text, shares of everybody, shares of agreement by group."""
    view = OpinionView.objects.filter(assembly=assembly).first()
    if view is None:
        return []
    texts = _texts(assembly)
    return [
        (row["id"], texts[row["id"]], row["agree"], row["disagree"], row["pass"], *_agreement(row))
        for row in view.result["statements"]
        if row["id"] in texts
    ]


def conversation_shown(assembly: Assembly) -> ConversationShown | None:
    """Return what was last found in a conversation, or None if nothing has been computed yet."""
    view = OpinionView.objects.select_related("run").defer("state", "run__parameters").filter(assembly=assembly).first()
    if view is None:
        return None
    result, texts = view.result, _texts(assembly)
    rows = {row["id"]: row for row in result["statements"] if row["id"] in texts}
    mean = result["stability"]["mean"] if result["stability"] else None

    def said(picks: Sequence[Mapping[str, Any]]) -> tuple[Said, ...]:
        return tuple(
            Said(
                text=texts[pick["statement"]],
                side=pick.get("for", ""),
                share=rows[pick["statement"]][pick.get("for", "agree")],
                groups=_agreement(rows[pick["statement"]]),
            )
            for pick in picks
            if pick["statement"] in rows
        )

    return ConversationShown(
        computed_at=view.computed_at,
        run=str(view.run_id),
        run_short=view.run.short,
        participants=view.participants,
        votes=view.votes,
        smallest=result["smallest"],
        why_not=result["why_not"],
        stability=mean,
        stability_word=_stability_word(mean),
        groups=_groups(result["groups"], rows, texts),
        consensus=said(result["consensus"]),
        dividing=said(result["dividing"]),
        bridging=said(result["bridging"]),
    )


def _groups(
    groups: Sequence[Mapping[str, Any]], rows: Mapping[Any, Mapping[str, Any]], texts: Mapping[Any, str]
) -> tuple[GroupShown, ...]:
    drawn = _drawn(groups)
    shown = []
    for place, (group, (x, y, radius)) in enumerate(zip(groups, drawn, strict=True)):
        said = tuple(
            Said(text=texts[pick["statement"]], side=pick["for"], share=cell[pick["for"]])
            for pick in group["picks"]
            if pick["statement"] in rows and (cell := rows[pick["statement"]]["groups"][place]) is not None
        )
        name = _("Group %(number)d") % {"number": place + 1}
        shown.append(GroupShown(name=name, size=group["size"], x=x, y=y, radius=radius, said=said))
    return tuple(shown)


def _drawn(groups: Sequence[Mapping[str, Any]]) -> list[tuple[float, float, float]]:
    """Return centre and radius of each group's circle; the area says how many, the distance how unlike."""
    if not groups:
        return []
    xs, ys = [group["x"] for group in groups], [group["y"] for group in groups]
    scale = min(
        (WIDTH - 2 * MARGIN) / max(max(xs) - min(xs), 0.01), (HEIGHT - 2 * MARGIN) / max(max(ys) - min(ys), 0.01)
    )
    middle_x, middle_y = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
    most = max(group["size"] for group in groups)
    return [
        (
            round(WIDTH / 2 + (group["x"] - middle_x) * scale, 1),
            round(HEIGHT / 2 - (group["y"] - middle_y) * scale, 1),
            round(max(26.0, 64.0 * (group["size"] / most) ** 0.5), 1),
        )
        for group in groups
    ]


def _agreement(row: Mapping[str, Any]) -> tuple[float | None, ...]:
    return tuple(None if cell is None else cell["agree"] for cell in row["groups"])


def _stability_word(mean: float | None) -> str:
    """Return in words how firmly groups stand; the bounds are those customary for the adjusted Rand index."""
    if mean is None:
        return ""
    if mean >= 0.8:
        return _("The groups stand firm: with other neighbours drawn from the same people they come out the same.")
    if mean >= 0.5:
        return _("The groups stand fairly firm: some people might as well stand in the next group.")
    return _("The groups do not stand firm yet: with other neighbours they would come out differently.")


def _texts(assembly: Assembly) -> dict[int, str]:
    return dict(Statement.objects.filter(assembly=assembly, hidden_at=None).values_list("pk", "text"))
