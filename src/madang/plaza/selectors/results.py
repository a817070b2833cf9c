"""A counted vote with what came of it: winners with their projects, everything else that was voted on, the count."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from madang.rooms.autonomy.bridge import origin_of
from madang.rooms.autonomy.models import Decision, Poll, PollProject, PollState
from madang.rooms.autonomy.selectors.ballots import Winner, poll_get, poll_result, votes_of, winners_of
from madang.rooms.projects.models import Project
from madang.yard.audit.models import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What was voted on and how it ended.

    Attributes
    ----------
    project : PollProject
        As it was voted on.
    votes : int
        How many ballots named it.
    rank : int or None
        In the order of selection, from 1; None where it was not selected.
    delivery : Project or None
        What became of it: the project with its money.
    """

    project: PollProject
    votes: int
    rank: int | None
    delivery: Project | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultView:
    """A counted vote, whole.

    Attributes
    ----------
    poll : Poll
        With its assembly.
    won, lost : list of Standing
        In the order of selection, and by votes.
    result : mapping
        What the closing line of the box says: rule, voters, total cost, budget.
    closing : mapping
        The closing line itself; empty before the ballots are opened.
    verdict : mapping
        Why each project won or lost, who paid how much, and how fair that is; empty until it has been computed.
    """

    poll: Poll
    won: list[Standing]
    lost: list[Standing]
    result: dict[str, Any]
    closing: dict[str, Any]
    verdict: dict[str, Any]

    @property
    def is_counted(self) -> bool:
        """Whether the ballots have been opened and counted."""
        return self.poll.state == PollState.OPENED

    @property
    def is_funded(self) -> bool:
        """Whether every winner has become a project."""
        return self.is_counted and all(standing.delivery is not None for standing in self.won)


def result_view(code: str) -> ResultView:
    """Return a vote with its result.

    Raises
    ------
    NotFound
        If there is no such vote.
    """
    poll = poll_get(code)
    closing = poll_result(poll)
    if closing is None:
        return ResultView(poll=poll, won=[], lost=[], result={}, closing={}, verdict={})
    winners = winners_of(poll)
    delivered = projects_of(winners)
    won = [
        Standing(
            project=winner.project,
            votes=winner.votes,
            rank=winner.rank,
            delivery=delivered.get(winner.project.code),
        )
        for winner in winners
    ]
    votes = votes_of(poll)
    chosen = {winner.project.code for winner in winners}
    others = [row for row in PollProject.objects.filter(poll=poll).select_related("proposal") if row.code not in chosen]
    lost = [Standing(project=row, votes=votes[row.code], rank=None, delivery=None) for row in others]
    lost.sort(key=lambda standing: (-standing.votes, standing.project.code))
    return ResultView(poll=poll, won=won, lost=lost, result=closing["result"], closing=closing, verdict=_verdict(poll))


def _verdict(poll: Poll) -> dict[str, Any]:
    # Only the result: the run's inputs are every ballot.
    if poll.verdict_id is None:
        return {}
    found = Run.objects.filter(pk=poll.verdict_id).values_list("result", flat=True).first()
    return found or {}


def projects_of(winners: Sequence[Winner]) -> dict[str, Project]:
    """Return the project that stands for each winner, by the code that was voted on; some or all may be missing."""
    decided = Decision.objects.filter(voted__in=[winner.project.pk for winner in winners])
    codes = {origin_of(item): code for item, code in decided.values_list("item", "voted__code")}
    return {codes[project.origin]: project for project in Project.objects.filter(origin__in=codes)}
