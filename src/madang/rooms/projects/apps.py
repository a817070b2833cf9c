"""The projects app."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """Pledges, their programmes, and the projects that deliver them."""

    name = "madang.rooms.projects"
    label = "projects"
    default_auto_field = "django.db.models.BigAutoField"
