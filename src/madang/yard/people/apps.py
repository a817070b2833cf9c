"""The people app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Accounts, roles at places, and persons whose data is encrypted."""

    name = "madang.yard.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"
