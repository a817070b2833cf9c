"""The face of the command line: two languages by locale, JSON for programs, one mapping from errors to exit codes.

No Django here, so that a command that works on files starts at once.
"""

import functools
import gettext
import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from madang.numerics.errors import MadangError

PACKAGE = Path(__file__).resolve().parent.parent
EXIT_FAULT = 1
EXIT_INPUT = 2


def language() -> str:
    """Return "ko" where the locale of the terminal is Korean, else "en"."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "ko" if value.lower().startswith("ko") else "en"
    return "en"


@functools.lru_cache(maxsize=2)
def _catalogues(code: str) -> tuple[gettext.NullTranslations, ...]:
    if code == "en":
        return ()
    found = []
    for path in sorted(PACKAGE.rglob(f"locale/{code}/LC_MESSAGES/django.mo")):
        with path.open("rb") as file:
            found.append(gettext.GNUTranslations(file))
    return tuple(found)


def translate(text: str) -> str:
    """Return a text in the language of the terminal; import it as `_` so that it is extracted."""
    for catalogue in _catalogues(language()):
        found = catalogue.gettext(text)
        if found != text:
            return found
    return text


def library_speaks() -> None:
    """Let the command-line library say its own words (Usage, Options, ...) in the language of the terminal.

    It asks the process-wide catalogue `messages`; where the language is English there is nothing to look up.
    """
    if language() != "en":
        gettext.bindtextdomain("messages", str(PACKAGE / "locale"))
        # The lookup goes by these variables; the first of them may say more languages than one.
        os.environ["LANGUAGE"] = language()


def answer(data: Any, lines: Callable[[], Iterator[str]] | None = None, *, as_json: bool) -> None:  # noqa: ANN401  # JSON
    """Print a command's answer: one JSON document for programs, or lines for people.

    Parameters
    ----------
    data : JSON value
        The answer.
    lines : callable, optional
        Yields the same answer as text; by default `key: value` lines of a mapping.
    as_json : bool
        Whether a program asked.
    """
    if as_json:
        typer.echo(json.dumps(data, ensure_ascii=False, default=str))
        return
    for line in lines() if lines else (f"{key}: {value}" for key, value in data.items()):
        typer.echo(line)


@contextmanager
def exit_codes(*, as_json: bool = False) -> Iterator[None]:
    """Turn an error that a person can mend into one clear message on stderr and exit code 2.

    An operating-system error (no space, no permission) names the file and says what to do.
    """
    try:
        yield
    except MadangError as error:
        _refuse({"error": error.code, "message": str(error), **error.data}, as_json=as_json)
    except BrokenPipeError:
        # Whoever read the answer has read enough; the interpreter must not try to write the rest when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(EXIT_FAULT) from None
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        message = f"{error.strerror or error}{where}"
        _refuse({"error": "operating_system", "message": message, "errno": error.errno}, as_json=as_json)
    except _database_errors() as error:
        first = str(error).strip().splitlines()[0]
        text = translate(
            "The database refused: %(error)s. See that the disk has room and that it runs; then try again."
        )
        _refuse({"error": "database", "message": text % {"error": first}}, as_json=as_json)


def _database_errors() -> tuple[type[Exception], ...]:
    """Return what a database raises; Django's kinds only where Django was loaded, since nothing else can raise them."""
    django = sys.modules.get("django.db.utils")
    return (sqlite3.Error, *((django.DatabaseError, django.InterfaceError) if django else ()))


def _refuse(body: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(body, ensure_ascii=False, default=str))
    else:
        typer.echo(f"madang: {body['message']}", err=True)
    raise typer.Exit(EXIT_INPUT)


class ProgressLine:
    """A progress bar on stderr that redraws one line on a terminal and prints milestones elsewhere.

    Parameters
    ----------
    quiet : bool
        Print nothing (a program reads the answer).
    """

    _WIDTH = 24
    _INTERVAL_S = 0.1

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._live = sys.stderr.isatty()
        self._drawn_at = 0.0
        self._step = ""

    def __call__(self, fraction: float, step: str) -> None:
        """Show how far the work is (0 to 1) and what it is doing."""
        if self._quiet:
            return
        if not self._live:
            if step != self._step:
                typer.echo(f"  {round(fraction * 100):3d} %  {step}", err=True)
            self._step = step
            return
        now = time.monotonic()
        if fraction < 1.0 and step == self._step and now - self._drawn_at < self._INTERVAL_S:
            return
        self._drawn_at, self._step = now, step
        full = round(fraction * self._WIDTH)
        bar = "█" * full + "░" * (self._WIDTH - full)
        sys.stderr.write(f"\r\x1b[K  {bar} {round(fraction * 100):3d} %  {step}")
        if fraction >= 1.0:
            sys.stderr.write("\n")
        sys.stderr.flush()
