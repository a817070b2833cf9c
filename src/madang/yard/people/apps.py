"""The people app."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.core import checks


class PeopleConfig(AppConfig):
    """Accounts, roles at places, and persons whose data is encrypted."""

    name = "madang.yard.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the check that keeps demo mode away from real data."""
        checks.register(_demo_check, checks.Tags.database)


def _demo_check(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001  # Django's signature
    databases: Sequence[str] | None = None,
    **_kwargs: object,
) -> list[checks.CheckMessage]:
    """Return an error where demo mode is on with real data; asks the database, so runs only where Django lets it."""
    from madang.numerics.errors import InstallationError
    from madang.yard.people.selectors.demo import demo_check

    if not databases:
        return []
    try:
        demo_check()
    except InstallationError as error:
        return [checks.Error(str(error), id="people.E002")]
    return []
