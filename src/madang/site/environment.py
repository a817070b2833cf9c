"""The environment variables of an installation, with their meaning and default: the one list of them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One environment variable."""

    default: str
    meaning: str


VARIABLES: Mapping[str, Variable] = {
    "MADANG_DATA": Variable(default="madang-data", meaning="Data directory: database, keys, media, sample population."),
    "MADANG_DATABASE_URL": Variable(
        default="", meaning="postgresql://user:password@host:port/name; empty means SQLite in the data directory."
    ),
    "MADANG_SECRET_KEY": Variable(
        default="", meaning="Signs sessions and forms; kept in the data directory by default."
    ),
    "MADANG_SEAL_KEY": Variable(
        default="",
        meaning="64 hexadecimal digits; signs the head of the audit log. Kept in the data directory by default.",
    ),
    "MADANG_KEYRING": Variable(
        default="", meaning="File that holds the keys for personal fields; in the data directory by default."
    ),
    "MADANG_HOSTS": Variable(
        default="127.0.0.1,localhost", meaning="Host names that the site answers to, separated by commas."
    ),
    "MADANG_HTTPS": Variable(default="", meaning="1 where a proxy terminates TLS: secure cookies and HSTS."),
    "MADANG_DEMO": Variable(
        default="", meaning="1 lets a visitor of a sample district switch role; refused with real data."
    ),
    "MADANG_TILE_URL": Variable(
        default="",
        meaning="Tile server template for maps, such as https://tiles.example/{z}/{x}/{y}.png; empty: no tiles.",
    ),
    "MADANG_OIDC_SERVER": Variable(default="", meaning="Issuer address of an OpenID Connect provider for staff login."),
    "MADANG_OIDC_CLIENT": Variable(default="", meaning="Client id at that provider."),
    "MADANG_OIDC_SECRET": Variable(default="", meaning="Client secret at that provider."),
    "MADANG_DEBUG": Variable(default="", meaning="1 shows Django's debug pages; for developers only."),
}


def read(name: str) -> str:
    """Return the value of a listed variable, or its default."""
    return os.environ.get(name) or VARIABLES[name].default


def flag(name: str) -> bool:
    """Return whether a listed variable is switched on."""
    return read(name).lower() in {"1", "true", "yes", "on"}


def database(url: str, sqlite_path: str) -> dict[str, object]:
    """Return Django's description of the database that a URL names.

    Parameters
    ----------
    url : str
        `postgresql://...`, or empty for SQLite.
    sqlite_path : str
        Where the SQLite file lies.

    Raises
    ------
    ValueError
        If the URL names another kind of database.
    """
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": sqlite_path,
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                # FULL: what was acknowledged survives a power cut, in WAL mode at one fsync a commit.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000;"
                " PRAGMA mmap_size=134217728;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ValueError(f"MADANG_DATABASE_URL begins with {parts.scheme!r}; expected postgresql://")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }
