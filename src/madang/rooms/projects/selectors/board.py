"""The pledge board: every pledge with its newest state and the reason for it."""

from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from madang.numerics.errors import NotFound
from madang.rooms.projects.engine.pledge_state import PledgeState
from madang.rooms.projects.models import Ask, BoardState, Milestone, Pledge, PledgeAssessment, PledgeIndicator
from madang.rooms.projects.selectors.reasons import Names, Sentence, sentences
from madang.ui import formats

STATE_TONES = {
    PledgeState.DONE.value: "done",
    PledgeState.ON_TRACK.value: "going",
    PledgeState.NOT_STARTED.value: "new",
    PledgeState.ON_HOLD.value: "held",
    PledgeState.LATE.value: "late",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """One pledge of the board.

    Attributes
    ----------
    pledge : Pledge
        Which one.
    assessment : PledgeAssessment or None
        The newest; None before the first.
    sentences : list of Sentence
        Its reasons, the most important first.
    """

    pledge: Pledge
    assessment: PledgeAssessment | None
    sentences: list[Sentence]

    @property
    def state_label(self) -> str:
        """The state in the reader's language."""
        return str(BoardState(self.assessment.state).label) if self.assessment else _("not judged yet")

    @property
    def tone(self) -> str:
        """Colour and shape of the state."""
        return STATE_TONES[self.assessment.state] if self.assessment else "new"

    @property
    def why(self) -> str:
        """The reason that decided most."""
        return self.sentences[0].text if self.sentences else self.pledge.promise

    def bar_label(self, language: str) -> str:
        """Return bar and mark in words."""
        if self.assessment is None:
            return _("not judged yet")
        return _("%(progress)s of the way; the plan by now is %(plan)s") % {
            "progress": formats.percent(self.assessment.progress, language, decimals=0),
            "plan": formats.percent(self.assessment.plan, language, decimals=0),
        }


def board() -> list[BoardRow]:
    """Return every current pledge in the order of the board; five queries."""
    newest = PledgeAssessment.objects.filter(pledge=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    pledges = list(Pledge.objects.filter(is_current=True).annotate(newest=Subquery(newest)))
    found = PledgeAssessment.objects.in_bulk([pledge.newest for pledge in pledges if pledge.newest])
    names = names_of([pledge.pk for pledge in pledges])
    return [_row(pledge, found.get(pledge.newest), names) for pledge in pledges]


def board_row(pledge: Pledge) -> BoardRow:
    """Return one pledge with its newest state."""
    return _row(pledge, pledge.assessments.first(), names_of([pledge.pk]))


def names_of(pledges: list[int]) -> Names:
    """Return what the subjects of some pledges are called."""
    links = PledgeIndicator.objects.filter(pledge__in=pledges).select_related("indicator")
    named: list[Milestone | Ask] = [
        *Milestone.objects.filter(pledge__in=pledges),
        *Ask.objects.filter(pledge__in=pledges),
    ]
    return Names(
        indicators={link.indicator.code: link.indicator for link in links},
        others={entry.code: entry.name for entry in named},
    )


def pledge_get(code: str) -> Pledge:
    """Return one pledge.

    Raises
    ------
    NotFound
        If there is none with this code.
    """
    pledge = Pledge.objects.filter(code=code).first()
    if pledge is None:
        raise NotFound("pledge_unknown", _("There is no pledge with this name."), {"pledge": code})
    return pledge


def pledge_find(code: str) -> Pledge | None:
    """Return a current pledge, None where there is none with this code."""
    return Pledge.objects.filter(code=code, is_current=True).first()


def pledge_of_room(room: str) -> Pledge | None:
    """Return the first current pledge of a room, None where it has none."""
    return Pledge.objects.filter(room=room, is_current=True).first()


def _row(pledge: Pledge, assessment: PledgeAssessment | None, names: Names) -> BoardRow:
    reasons = sentences(assessment.reasons, names) if assessment else []
    return BoardRow(pledge=pledge, assessment=assessment, sentences=reasons)
