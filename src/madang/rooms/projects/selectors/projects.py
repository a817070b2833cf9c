"""Projects: what is being delivered, where, and how far it is."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from madang.numerics.errors import NotFound
from madang.rooms.projects.models import Project


def projects_of_dong(dong: str) -> list[Project]:
    """Return the projects of a dong, newest first, with their milestones."""
    return list(_projects().filter(dong_id=dong))


def projects_of_pledge(pledge: str) -> list[Project]:
    """Return the projects of a pledge's programmes, newest first, with their milestones."""
    return list(_projects().filter(programme__pledge=pledge))


def project_of_origin(origin: str) -> Project | None:
    """Return the project that a decision made, None where it made none."""
    return _projects().filter(origin=origin).first()


def project_get(project_id: int) -> Project:
    """Return one project with its milestones.

    Raises
    ------
    NotFound
        If there is none.
    """
    project = _projects().filter(pk=project_id).first()
    if project is None:
        raise NotFound("project_unknown", _("There is no such project."))
    return project


def _projects() -> QuerySet[Project]:
    rows = Project.objects.select_related("programme", "dong", "line")
    return rows.defer("dong__boundary", "dong__outline").prefetch_related("milestones")
