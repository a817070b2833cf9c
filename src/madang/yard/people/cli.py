"""The `madang user` and `madang keys` commands."""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from madang.ui.terminal import ProgressLine, answer, exit_codes
from madang.ui.terminal import translate as _

user = typer.Typer(no_args_is_help=True, help=_("The accounts of the district's staff and residents."))
keys = typer.Typer(no_args_is_help=True, help=_("The keys that personal fields are sealed with."))

Data = Annotated[Path | None, typer.Option("--data", help=_("Data directory of the installation."))]
Json = Annotated[bool, typer.Option("--json", help=_("Answer in JSON, for programs."))]


def _opened(data: Path | None) -> None:
    from madang.ops.installation import open_installation

    open_installation(data)


@user.callback()
def _user() -> None:
    """Keep `user add` a command of its group."""


@user.command(help=_("Make an account with its first role at a district or dong."))
def add(  # one argument an option of the command line
    name: Annotated[str, typer.Argument(help=_("Name to sign in with."))],
    role: Annotated[str, typer.Option("--role", help=_("administrator, dong_officer, care_manager, resident ..."))],
    place: Annotated[str, typer.Option("--place", help=_("Code of a dong; the district without it."))] = "",
    data: Data = None,
    *,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help=_("Read the password from the first line of standard input."))
    ] = False,
    as_json: Json = False,
) -> None:
    """Make an account."""
    with exit_codes(as_json=as_json):
        _opened(data)
        from madang.numerics.errors import DomainError
        from madang.yard.audit.authority import SYSTEM, Role
        from madang.yard.people.services import UserDraft, user_add
        from madang.yard.places.selectors import district_current

        if role not in set(Role):
            raise DomainError("role_unknown", _("There is no such role; choose one of: %s") % ", ".join(Role))
        password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _asked()
        where = place or district_current().code
        made = user_add(SYSTEM, UserDraft(username=name, password=password, role=Role(role), place=where))

        def lines() -> Iterator[str]:
            yield _("Account %(name)s: %(role)s at %(place)s") % {"name": made.username, "role": role, "place": where}

        answer({"user": str(made.pk), "username": made.username, "role": role, "place": where}, lines, as_json=as_json)


def _asked() -> str:
    asked: str = typer.prompt(_("Password"), hide_input=True, confirmation_prompt=True, err=True)
    return asked


@keys.command(help=_("Make new keys, seal every personal value anew and retire the old keys, while the site works."))
def rotate(data: Data = None, *, as_json: Json = False) -> None:
    """Rotate the keys."""
    with exit_codes(as_json=as_json):
        _opened(data)
        from madang.yard.audit.authority import SYSTEM
        from madang.yard.people.services import keys_rotate

        done = keys_rotate(SYSTEM, ProgressLine(quiet=as_json))

        def lines() -> Iterator[str]:
            if done.resumed:
                yield _("An interrupted rotation was taken up and finished.")
            yield _("%(rows)d rows are sealed anew; the old keys are retired.") % {"rows": done.rows}
            yield _("Make a backup now: an older one opens only with the keys file made with it.")

        answer(asdict(done), lines, as_json=as_json)


@keys.command(help=_("List the keys, their state, and how many values each has made; never the keys themselves."))
def status(data: Data = None, *, as_json: Json = False) -> None:
    """List the keys."""
    with exit_codes(as_json=as_json):
        _opened(data)
        from madang.yard.people.selectors import keys_check, keys_status

        rows = keys_status()

        def lines() -> Iterator[str]:
            for row in rows:
                yield f"{row.id}  {row.use:6} {row.state:8} {row.created:26} {row.values:>10}"

        answer({"keys": [asdict(row) for row in rows]}, lines, as_json=as_json)
        keys_check()


@keys.command(help=_("Remove retired keys for good. Older backups then open only with the keys file made with them."))
def forget(data: Data = None, *, as_json: Json = False) -> None:
    """Forget the retired keys."""
    with exit_codes(as_json=as_json):
        _opened(data)
        from madang.yard.audit.authority import SYSTEM
        from madang.yard.people.services import keys_forget

        gone = keys_forget(SYSTEM)

        def lines() -> Iterator[str]:
            yield _("%(count)d retired keys are removed.") % {"count": len(gone)}

        answer({"forgotten": list(gone)}, lines, as_json=as_json)
