"""One matter on the agenda with what came of it: its decision, its project, its money and the pledge it serves."""

from dataclasses import dataclass

from madang.rooms.autonomy.models import AgendaItem
from madang.rooms.autonomy.selectors import Step, item_get, item_timeline
from madang.rooms.projects.models import Pledge, Project
from madang.rooms.projects.selectors import project_of_origin
from madang.yard.ledger.models import BudgetLine
from madang.yard.ledger.selectors import line_get


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterView:
    """A matter, whole.

    Attributes
    ----------
    item : AgendaItem
        With its dong, its decision and what it was joined with.
    steps : list of Step
        Where it was, where it is and what comes next.
    project : Project or None
        What its decision made.
    line : BudgetLine or None
        Where the project's money stands, with its balances.
    pledge : Pledge or None
        What it serves.
    """

    item: AgendaItem
    steps: list[Step]
    project: Project | None
    line: BudgetLine | None
    pledge: Pledge | None


def matter_view(item_id: int) -> MatterView:
    """Return a matter, whole.

    Raises
    ------
    NotFound
        If there is none.
    """
    item = item_get(item_id)
    project = project_of_origin(f"agenda:{item.pk}")
    line = line_get(project.line_id) if project is not None and project.line_id is not None else None
    code = item.pledge or (project.programme.pledge if project is not None else "")
    return MatterView(
        item=item,
        steps=item_timeline(item),
        project=project,
        line=line,
        pledge=Pledge.objects.filter(code=code).first() if code else None,
    )
