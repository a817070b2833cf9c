"""Words that several pages of the plaza say."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from madang.rooms.autonomy.engine.agenda import days_late, due_on
from madang.rooms.autonomy.models import AgendaItem
from madang.rooms.autonomy.selectors import state_label
from madang.rooms.autonomy.selectors.steps import TONES
from madang.rooms.projects.models import Project
from madang.ui import formats

ROOM_PROMISES = {
    "autonomy": gettext_lazy("The residents decide on their dong"),
    "care": gettext_lazy("Well in the home where one lives"),
    "health": gettext_lazy("Prevent, protect, and say so early"),
    "climate": gettext_lazy("Energy that citizens make together"),
    "projects": gettext_lazy("Large works, and whether a word is kept"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A state in words with its tone, and until when the next step is due."""

    label: str
    tone: str
    due: str = ""


def due_words(item: AgendaItem) -> Standing:
    """Return where a matter stands and by when it must move on."""
    today = timezone.localdate()
    due = due_on(item.matter_state, item.state_since)
    late = days_late(item.matter_state, item.state_since, today)
    label = state_label(item.state, item.said)
    if late:
        words = ngettext("%(days)d day late", "%(days)d days late", late) % {"days": late}
        return Standing(label=label, tone="late", due=words)
    if due is None:
        return Standing(label=label, tone=TONES[item.matter_state])
    day = formats.day_short(due, get_language() or "ko")
    return Standing(label=label, tone=TONES[item.matter_state], due=_("next step by %(day)s") % {"day": day})


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectStanding:
    """How far a project is: milestones reached, all of them, and its state in words."""

    reached: int
    milestones: int
    state: Standing

    @property
    def fraction(self) -> float:
        """Share of milestones that have been reached."""
        return self.reached / self.milestones if self.milestones else 0.0

    @property
    def said(self) -> str:
        """The same for those who cannot see the bar."""
        return _("%(reached)d of %(all)d milestones reached") % {"reached": self.reached, "all": self.milestones}


def project_words(project: Project) -> ProjectStanding:
    """Return how far a project is, from its milestones alone."""
    milestones = list(project.milestones.all())
    open_ones = [milestone for milestone in milestones if milestone.reached_on is None]
    today, language = timezone.localdate(), get_language() or "ko"
    if not open_ones:
        state = Standing(label=_("delivered"), tone="done")
    else:
        due = min(milestone.due_on for milestone in open_ones)
        if due < today:
            days = (today - due).days
            words = ngettext("%(days)d day late", "%(days)d days late", days) % {"days": days}
            state = Standing(label=words, tone="late")
        else:
            day = formats.day_short(due, language)
            state = Standing(label=_("under way"), tone="going", due=_("next step by %(day)s") % {"day": day})
    return ProjectStanding(reached=len(milestones) - len(open_ones), milestones=len(milestones), state=state)
