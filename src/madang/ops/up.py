"""Bringing a district up: every step looks first whether it is done, so it can be stopped anywhere and begun again."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from madang.numerics.errors import InstallationError
from madang.ops.installation import (
    CONFIG_FILE,
    DEFAULT_DISTRICT,
    Installation,
    data_directory,
    django_ready,
    installation_make,
    installation_read,
)
from madang.ops.server import ADDRESS, require_port, serve
from madang.ui.terminal import translate as _

Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What `madang up` was asked for; empty values mean "as it is, or the default".

    Attributes
    ----------
    data : Path or None
        Data directory.
    district : str
        Five-digit code.
    database_url : str
        PostgreSQL address.
    scale : float
        Size of the sample; 0 for the default.
    sample : bool
        Whether people and money are generated.
    port : int or None
        Where it will be served; None for not at all.
    address : str
        Address to listen on.
    """

    data: Path | None
    district: str = ""
    database_url: str = ""
    scale: float = 0.0
    sample: bool = True
    port: int | None = None
    address: str = ADDRESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A demo account and how to enter it."""

    username: str
    role: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UpResult:
    """What stands after bringing a district up.

    Attributes
    ----------
    installation : Installation
        The installation.
    address : str
        Where it is served; empty if it is not.
    district : str
        Its name.
    dongs, persons : int
        Number of dongs, and of generated persons (0 for a real district).
    accounts : tuple of Account
        Demo accounts; none for a real district.
    password : str
        Password of all of them; empty for a real district.
    """

    installation: Installation
    address: str
    district: str
    dongs: int
    persons: int
    accounts: tuple[Account, ...]
    password: str

    def as_json(self) -> dict[str, Any]:
        """Return the result for programs."""
        return {
            "data": str(self.installation.data),
            "address": self.address,
            "district": self.installation.district,
            "name": self.district,
            "dongs": self.dongs,
            "persons": self.persons,
            "sample": self.installation.sample,
            "accounts": [
                {"username": account.username, "role": account.role, "place": account.place}
                for account in self.accounts
            ],
            "password": self.password,
        }

    def lines(self) -> Iterator[str]:
        """Yield the result for people."""
        yield _("%(district)s (%(code)s): %(dongs)d dongs, data in %(data)s") % {
            "district": self.district, "code": self.installation.district, "dongs": self.dongs,
            "data": self.installation.data,
        }  # fmt: skip
        if self.installation.sample:
            yield _("SAMPLE: %(persons)d persons are generated; the boundaries are real.") % {"persons": self.persons}
        for account in self.accounts:
            yield f"  {account.username:28} {account.role:18} {account.place}"
        if self.password:
            yield _("Password of the demo accounts: %(password)s") % {"password": self.password}
        if self.address:
            yield _("Open %(address)s") % {"address": self.address}


def bring_up(wish: Wish, progress: Progress) -> UpResult:
    """Prepare a district up to the point where it can be served.

    Raises
    ------
    InstallationError
        If the directory, the disk, the port, the keys or the database are not fit.
    NotFound
        If there is no district of this code.
    """
    if wish.port is not None:
        require_port(wish.port, wish.address)
    installation = _wished(wish)
    if wish.district or not (installation.data / CONFIG_FILE).exists():
        progress(0.01, _("looking for the district"))
        _require_district(installation.district)
    progress(0.02, _("preparing the data directory"))
    installation = installation_make(installation)
    django_ready(installation)
    progress(0.05, _("preparing the database"))
    _database()
    _migrate()
    _personal_keys()
    progress(0.2, _("collecting styles and scripts"))
    _collect(installation)
    return _district(installation, wish, progress)


def _wished(wish: Wish) -> Installation:
    directory = data_directory(wish.data)
    if (directory / CONFIG_FILE).is_file():
        kept = installation_read(directory)
        if kept.sample and not wish.sample:
            raise InstallationError(
                "sample_stays_sample",
                _("%(data)s holds a sample, and a sample never turns into real data. Name a new directory with --data.")
                % {"data": directory},
                {"data": str(directory)},
            )
    else:
        kept = Installation(data=directory, district=wish.district or DEFAULT_DISTRICT, sample=wish.sample)
    if wish.scale < 0:
        raise InstallationError("scale_bad", _("--scale must be above 0; 1 is the whole district, 0.1 a tenth."))
    return replace(
        kept,
        district=wish.district or kept.district,
        database_url=wish.database_url or kept.database_url,
        scale=wish.scale or kept.scale,
        sample=kept.sample,
    )


def _require_district(code: str) -> None:
    from madang.yard.places.formats.bundle import district_entry

    district_entry(code)


def _personal_keys() -> None:
    # After the database is there: it knows whether a keyring was ever used, and a lost one is never replaced.
    from madang.yard.people.services import keys_prepare

    keys_prepare()


def _database() -> None:
    from django.db import OperationalError, connection

    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise InstallationError(
            "database_unreachable",
            _("The database does not answer: %(error)s. Check the address, and that the server runs.")
            % {"error": str(error).strip().splitlines()[0]},
        ) from error


def _migrate() -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)


def _collect(installation: Installation) -> None:
    """Collect static files when any of them has changed since the last time."""
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    mark = installation.data / "static" / ".collected"
    if mark.is_file() and mark.read_text() == digest.hexdigest():
        return
    call_command("collectstatic", verbosity=0, interactive=False, clear=False)
    mark.write_text(digest.hexdigest())


def _district(installation: Installation, wish: Wish, progress: Progress) -> UpResult:
    from madang.ops.sample import sample_load
    from madang.yard.audit.authority import SYSTEM
    from madang.yard.places.selectors import dongs_of
    from madang.yard.places.services import district_adopt

    progress(0.3, _("drawing the district's boundaries"))
    district = district_adopt(SYSTEM, installation.district, is_sample=installation.sample)
    persons, password = 0, ""
    accounts: tuple[Account, ...] = ()
    if installation.sample:
        loaded = sample_load(installation, lambda fraction, step: progress(0.35 + 0.6 * fraction, step))
        persons, password = loaded.persons, loaded.password
        accounts = tuple(Account(username=user, role=role, place=place) for user, role, place in loaded.accounts)
    progress(1.0, _("ready"))
    return UpResult(
        installation=installation,
        address=f"http://{wish.address}:{wish.port}" if wish.port else "",
        district=district.name_ko,
        dongs=len(dongs_of(district)),
        persons=persons,
        accounts=accounts,
        password=password,
    )


def serve_installation(wish: Wish) -> None:
    """Serve an installation that has been brought up.

    Raises
    ------
    InstallationError
        If demo mode was asked for with real data.
    """
    from django.db import connections

    from madang.yard.people.selectors import demo_check

    demo_check()
    # The server's processes open their own.
    connections.close_all()
    if wish.port is not None:
        serve(wish.port, address=wish.address)
