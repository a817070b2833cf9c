"""An installation: one data directory, its settings file and its keys.

Everything an installation needs lies in the data directory, so that copying it copies the district:

    madang.toml       which district, which database, sample or real
    keys/             secret.key, seal.key, keyring.json; readable by the owner alone
    madang.sqlite3    the database, unless another is named
    media/            photos and documents, named by their digest
    static/           collected styles and scripts
    population.parquet    the synthetic population of a sample district
"""

import json
import os
import secrets
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from madang.numerics.errors import InstallationError
from madang.site.environment import VARIABLES
from madang.ui.terminal import language
from madang.ui.terminal import translate as _

SETTINGS_MODULE = "madang.site.settings"
CONFIG_FILE = "madang.toml"
DEFAULT_DISTRICT = "29140"
MINIMUM_FREE_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What `madang.toml` holds.

    Attributes
    ----------
    data : Path
        Absolute path of the data directory.
    district : str
        Five-digit code.
    database_url : str
        Empty for SQLite in the data directory.
    sample : bool
        Whether the district's people and money are generated.
    scale : float
        Size of the sample relative to the district.
    """

    data: Path
    district: str = DEFAULT_DISTRICT
    database_url: str = ""
    sample: bool = True
    scale: float = 1.0

    @property
    def keys(self) -> Path:
        """Directory of the keys."""
        return self.data / "keys"

    @property
    def population(self) -> Path:
        """File of the synthetic population."""
        return self.data / "population.parquet"


def data_directory(data: Path | None) -> Path:
    """Return the data directory that a command was given, or the default one, as an absolute path."""
    return (data or Path(os.environ.get("MADANG_DATA") or VARIABLES["MADANG_DATA"].default)).expanduser().absolute()


def installation_read(data: Path | None) -> Installation:
    """Read the settings file of an installation.

    Raises
    ------
    InstallationError
        If there is none there, or the file cannot be read.
    """
    directory = data_directory(data)
    path = directory / CONFIG_FILE
    if not path.is_file():
        raise InstallationError(
            "no_installation",
            _("There is no installation in %(data)s. Run: madang up --data %(data)s") % {"data": directory},
            {"data": str(directory)},
        )
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        return Installation(data=directory, **{key: _checked(key, value) for key, value in content.items()})
    except (tomllib.TOMLDecodeError, TypeError, UnicodeDecodeError) as error:
        raise InstallationError(
            "settings_file_bad",
            _("%(file)s cannot be read: %(error)s. Mend the line, or restore the file from a backup.")
            % {"file": path, "error": error},
            {"file": str(path)},
        ) from error


def _checked(key: str, value: Any) -> Any:  # noqa: ANN401  # one TOML value
    kinds: dict[str, type | tuple[type, ...]] = {
        "district": str, "database_url": str, "sample": bool, "scale": (int, float),
    }  # fmt: skip
    if key not in kinds:
        raise TypeError(f"unknown setting {key!r}")
    if not isinstance(value, kinds[key]):
        raise TypeError(f"{key} = {value!r} is of the wrong kind")
    return value


def installation_write(installation: Installation) -> None:
    """Write the settings file, readable by the owner alone since a database URL may hold a password."""
    lines = [
        f"{name} = {json.dumps(getattr(installation, name), ensure_ascii=False)}"
        for name in ("district", "database_url", "sample", "scale")
    ]
    write_private(installation.data / CONFIG_FILE, "\n".join(lines) + "\n")


def write_private(path: Path, text: str) -> None:
    """Write a file that only the owner can read, whole or not at all."""
    part = path.with_name(path.name + ".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def installation_make(installation: Installation) -> Installation:
    """Make the data directory, its keys and settings file where they are missing; keep what is there.

    Raises
    ------
    InstallationError
        If the directory cannot be written, or its disk is full.
    """
    directory = installation.data
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = directory / ".write-test"
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        raise InstallationError(
            "data_not_writable",
            _("%(data)s cannot be written (%(error)s). Name another directory with --data, or give yourself the right.")
            % {"data": directory, "error": error.strerror},
            {"data": str(directory)},
        ) from error
    require_space(directory)
    existing = directory / CONFIG_FILE
    if existing.is_file():
        kept = installation_read(directory)
        if kept.district != installation.district:
            raise InstallationError(
                "other_district",
                _("%(data)s holds the district %(there)s, not %(asked)s. One data directory holds one district.")
                % {"data": directory, "there": kept.district, "asked": installation.district},
                {"data": str(directory), "district": kept.district},
            )
    installation.keys.mkdir(mode=0o700, exist_ok=True)
    for name in ("secret.key", "seal.key"):
        if not (installation.keys / name).exists():
            write_private(installation.keys / name, secrets.token_hex(32) + "\n")
    installation_write(installation)
    return installation


def require_space(directory: Path, needed: int = MINIMUM_FREE_BYTES) -> None:
    """Refuse to go on where the disk has too little room left.

    Raises
    ------
    InstallationError
        With the free and the needed number of bytes.
    """
    status = os.statvfs(directory)
    free = status.f_bavail * status.f_frsize
    if free < needed:
        raise InstallationError(
            "disk_full",
            _("Only %(free)d MB are free in %(data)s; %(needed)d MB are needed. Make room, or name another --data.")
            % {"free": free // 2**20, "needed": needed // 2**20, "data": directory},
            {"free": free, "needed": needed},
        )


def environment_set(installation: Installation) -> None:
    """Set the environment that Django's settings read, for this process and those it starts."""
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS_MODULE
    os.environ["MADANG_DATA"] = str(installation.data)
    os.environ.setdefault("MADANG_DATABASE_URL", installation.database_url)
    if installation.database_url:
        os.environ["MADANG_DATABASE_URL"] = installation.database_url
    if installation.sample:
        os.environ.setdefault("MADANG_DEMO", "1")
    for variable, name in (("MADANG_SECRET_KEY", "secret.key"), ("MADANG_SEAL_KEY", "seal.key")):
        if not os.environ.get(variable):
            os.environ[variable] = _key(installation.keys / name)


def _key(path: Path) -> str:
    try:
        text = path.read_text(encoding="ascii").strip()
        if len(bytes.fromhex(text)) == 32:
            return text
        fault = _("it does not hold 64 hexadecimal digits")
    except (OSError, ValueError) as error:
        fault = getattr(error, "strerror", None) or str(error)
    raise InstallationError(
        "key_bad",
        _("The key file %(file)s cannot be used: %(fault)s. Put back the file that belongs to this installation.")
        % {"file": path, "fault": fault},
        {"file": str(path)},
    )


def open_installation(data: Path | None) -> Installation:
    """Read an installation and make Django ready to work on it.

    Raises
    ------
    InstallationError
        If there is none, its keys are missing, or its database does not answer.
    """
    installation = installation_read(data)
    django_ready(installation)
    return installation


def django_ready(installation: Installation) -> None:
    """Set the environment and load Django, once a process.

    Raises
    ------
    InstallationError
        If the database URL is not one that Madang can use.
    """
    environment_set(installation)
    import django

    try:
        django.setup()
    except ValueError as error:
        raise InstallationError(
            "database_url_bad",
            _("The database address cannot be used: %(error)s") % {"error": error},
            {"url": installation.database_url.split("@")[-1]},
        ) from error
    from django.utils import translation

    # What Django's side says at a terminal, it says in the terminal's language.
    translation.activate(language())
