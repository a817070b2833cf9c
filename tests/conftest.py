"""What every test stands on."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from django.conf import settings
from django.db import connection
from django.utils import translation

if TYPE_CHECKING:
    from django.db.backends.base.operations import BaseDatabaseOperations

from madang.yard.audit.authority import Actor, Role
from madang.yard.people.keyring_file import keyring_create


@pytest.fixture(scope="session", autouse=True)
def _flush_past_the_guards() -> Iterator[None]:
    """Let the test runner empty append-only tables between transactional tests; nothing else may.

    SQLite has no TRUNCATE, so the flush is a DELETE, which the triggers refuse: they step aside for its duration.
    """
    if connection.vendor != "sqlite":
        yield
        return
    # On the class: where an event loop runs (a browser's), Django opens another connection than this one.
    operations = type(connection.ops)
    flush = operations.execute_sql_flush

    def flush_without_triggers(self: "BaseDatabaseOperations", sql_list: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _sql in triggers:
                cursor.execute(f'DROP TRIGGER "{name}"')
        flush(self, sql_list)
        with self.connection.cursor() as cursor:
            for _name, sql in triggers:
                cursor.execute(sql)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "execute_sql_flush", flush_without_triggers)
        yield


@pytest.fixture(scope="session", autouse=True)
def _data_directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give this run a data directory of its own, with its own keys for personal fields."""
    data = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        for name, path in (("STATIC_ROOT", data / "static"), ("MEDIA_ROOT", data / "media")):
            path.mkdir()
            patch.setattr(settings, name, str(path))
        patch.setattr(settings, "MADANG_DATA", data)
        patch.setattr(settings, "MADANG_KEYRING", data / "keys" / "keyring.json")
        keyring_create(settings.MADANG_KEYRING)
        yield


# How long an example takes says how busy the machine is, not whether the code is right.
# Where a change is judged, the examples are the same each time; elsewhere every run looks at new ones.
hypothesis.settings.register_profile("madang", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("madang")


@pytest.fixture(autouse=True)
def _korean_first() -> None:
    """Begin each test in the default language: a request of another test leaves its own behind in the thread."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """Return the folder of reference data that others published, or skip where it is absent."""
    folder = Path(os.environ.get("MADANG_REFERENCE_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("reference data is not here; set MADANG_REFERENCE_DATA to its folder")
    return folder


@pytest.fixture
def administrator() -> Actor:
    """Return an administrator of the district 29140."""
    return Actor(role=Role.ADMINISTRATOR, place="29140", user="administrator")
