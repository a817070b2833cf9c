"""From a counted vote to projects with money: every winner becomes a decision, a budget line and a project.

See docs/decisions/0086-from-winners-to-projects.md. What the count decided nobody decides again: the decision is
entered
by the system, in the words of the rule; a person only says for whom, out of which programme and by when.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict, DomainError
from madang.plaza.selectors.results import projects_of
from madang.plaza.workflows.delivery import FundingDraft, decision_fund
from madang.rooms.autonomy.engine.agenda import State
from madang.rooms.autonomy.engine.phases import Deed
from madang.rooms.autonomy.models import AgendaItem, Poll, PollState, Proposal
from madang.rooms.autonomy.selectors.ballots import Winner, poll_get, winners_of
from madang.rooms.autonomy.services import DecisionDraft, TakeDraft, agenda_decide, agenda_take
from madang.rooms.autonomy.services.agenda import MAX_SUMMARY
from madang.rooms.autonomy.services.assembly import open_required
from madang.rooms.projects.models import Project
from madang.rooms.projects.services import MilestoneDraft
from madang.yard.audit.authority import SYSTEM, Action, Actor, require
from madang.yard.audit.services import hold, record
from madang.yard.evidence.models import Room
from madang.yard.ledger.models import Fund, Programme


@dataclass(frozen=True, slots=True, kw_only=True)
class PollFundingDraft:
    """How the winners of a poll become projects.

    Attributes
    ----------
    poll : str
        Code of the poll.
    programme : Programme
        What the money is spent on; through it the projects serve a pledge.
    owner : str
        The office that answers for them; never a person's name.
    milestones : sequence of MilestoneDraft
        The steps that every one of them begins with; the last is the delivery.
    on : date or None
        The day; today if None.
    """

    poll: str
    programme: Programme
    owner: str
    milestones: Sequence[MilestoneDraft]
    on: date | None = None


@transaction.atomic
def poll_fund(actor: Actor, draft: PollFundingDraft) -> list[Project]:
    """Make a decision, a budget line and a project of every winner of a counted vote.

    The same poll again returns the projects that stand.

    Returns
    -------
    list of Project
        In the order in which the rule selected them.

    Raises
    ------
    NotFound
        If there is no such poll.
    Conflict
        If the ballots are not counted, or the assembly's time for this is not now.
    DomainError
        If the fund has not that much, or something else is not acceptable.
    """
    hold()
    poll = poll_get(draft.poll)
    require(actor, Action.POLL_FUND, place=poll.assembly.dong_id)
    if poll.state != PollState.OPENED:
        raise Conflict("poll_not_counted", _("Only a vote that has been counted makes projects."), {"poll": poll.code})
    winners = winners_of(poll)
    standing = projects_of(winners)
    if len(standing) == len(winners):
        return [standing[winner.project.code] for winner in winners]
    open_required(poll.assembly, Deed.FUND)
    fund = Fund.objects.filter(code=poll.assembly.fund).first()
    if fund is None:
        raise DomainError("fund_unknown", _("The fund of this assembly is not in the ledger."), field="fund")
    projects = [standing.get(winner.project.code) or _funded(actor, draft, winner, fund) for winner in winners]
    detail = {"projects": [project.pk for project in projects], "fund": fund.code}
    record(actor, Action.POLL_FUND, target=poll, detail=detail)
    return projects


def _funded(actor: Actor, draft: PollFundingDraft, winner: Winner, fund: Fund) -> Project:
    poll, proposal = winner.project.poll, winner.project.proposal
    if proposal is None:
        raise Conflict("proposal_missing", _("This project has no proposal to act on."), {"code": winner.project.code})
    item = _item(proposal, poll, winner, draft.on)
    agenda_decide(
        SYSTEM,
        DecisionDraft(
            item=item.pk,
            title=winner.project.name,
            rationale=_rationale(poll, winner),
            budget_won=winner.project.cost_won,
            voted=winner.project,
            on=draft.on,
        ),
    )
    return decision_fund(
        actor,
        FundingDraft(
            item=item.pk,
            fund=fund,
            programme=draft.programme,
            owner=draft.owner,
            milestones=draft.milestones,
            on=draft.on,
        ),
    )


def _item(proposal: Proposal, poll: Poll, winner: Winner, on: date | None) -> AgendaItem:
    """Return the matter that the proposal came from where it still waits for a decision, else a new one."""
    if proposal.item is not None and proposal.item.matter_state is State.ON_AGENDA:
        return proposal.item
    # A matter that was decided or answered meanwhile keeps its own end; what was voted on becomes a matter of its own.
    take = TakeDraft(
        title=winner.project.name,
        summary=proposal.text[:MAX_SUMMARY],
        room=Room.AUTONOMY.value,
        reason=_("The residents' assembly voted on it: %(title)s.") % {"title": poll.assembly.title},
        proposal=proposal.pk,
        on=on,
    )
    return agenda_take(SYSTEM, take)


def _rationale(poll: Poll, winner: Winner) -> str:
    said = _(
        "Chosen by the residents' vote as number %(rank)d, named on %(votes)s ballots. Anybody can count again: %(url)s"
    )
    url = reverse("poll_result", args=[poll.code])
    return said % {"rank": winner.rank, "votes": f"{winner.votes:,}", "url": url}
