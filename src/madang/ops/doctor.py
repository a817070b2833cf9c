"""Checks an installation from outside in and says how to mend what is wrong."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import distributions
from pathlib import Path

from madang import __version__
from madang.numerics.errors import MadangError
from madang.ops.installation import Installation, django_ready, installation_read, require_space
from madang.ui.terminal import translate as _


class Verdict(StrEnum):
    """How a check came out."""

    GOOD = "good"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check's outcome.

    Attributes
    ----------
    check : str
        Stable name.
    verdict : Verdict
        Good, warning or fault.
    text : str
        What was found.
    mend : str
        What to do; empty when good.
    """

    check: str
    verdict: Verdict
    text: str
    mend: str = ""


def _good(check: str, text: str) -> Finding:
    return Finding(check=check, verdict=Verdict.GOOD, text=text)


def _fault(check: str, text: str, mend: str) -> Finding:
    return Finding(check=check, verdict=Verdict.FAULT, text=text, mend=mend)


def _warning(check: str, text: str, mend: str) -> Finding:
    return Finding(check=check, verdict=Verdict.WARNING, text=text, mend=mend)


def installed_bytes() -> int:
    """Return the size on disk of every package installed beside this one."""
    total = 0
    for distribution in distributions():
        for file in distribution.files or ():
            path = Path(str(distribution.locate_file(file)))
            if path.is_file():
                total += path.stat().st_size
    return total


def examine(data: Path | None) -> Iterator[Finding]:
    """Yield what each check found; a check that others stand on ends the examination when it fails."""
    yield _python()
    yield _size()
    try:
        installation = installation_read(data)
    except MadangError as error:
        yield _fault("installation", str(error), "madang up")
        return
    yield _good("installation", f"{installation.data} · {installation.district} · madang {__version__}")
    yield from _directory(installation)
    try:
        django_ready(installation)
    except MadangError as error:
        yield _fault("keys", str(error), _("Put the keys directory back from your backup of it."))
        return
    for check in (_database, _migrations, _personal_keys, _audit, _ledger, _queue, _static, _demo):
        finding = _safely(check)
        yield finding
        if finding.verdict is Verdict.FAULT and check in {_database, _migrations}:
            return


def _safely(check: Callable[[], Finding]) -> Finding:
    from django.db import DatabaseError

    try:
        return check()
    except (MadangError, DatabaseError) as error:
        return _fault(check.__name__.lstrip("_"), str(error), _("See the message; restore a backup if it persists."))


def _python() -> Finding:
    return _good("python", ".".join(str(part) for part in sys.version_info[:3]))


def _size() -> Finding:
    megabytes = installed_bytes() / 1e6
    text = _("%(size).0f MB of packages are installed") % {"size": megabytes}
    if megabytes > 1500:
        return _warning("size", text, _("Remove packages that Madang does not need."))
    return _good("size", text)


def _directory(installation: Installation) -> Iterator[Finding]:
    try:
        require_space(installation.data)
        free = shutil.disk_usage(installation.data).free
        yield _good("disk", _("%(free).1f GB free") % {"free": free / 1e9})
    except MadangError as error:
        yield _fault("disk", str(error), _("Make room on the disk."))
    if not os.access(installation.data, os.W_OK):
        yield _fault(
            "directory", _("%(data)s cannot be written") % {"data": installation.data}, _("Give its owner the right.")
        )
    loose = [path.name for path in sorted(installation.keys.glob("*")) if path.stat().st_mode & 0o077]
    if loose:
        yield _fault(
            "key_files",
            _("others can read %(files)s") % {"files": ", ".join(loose)},
            f"chmod 600 {installation.keys}/*",
        )
    else:
        yield _good("key_files", _("readable by the owner alone"))


def _database() -> Finding:
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA quick_check(1)")
            state = cursor.fetchone()[0]
            if state != "ok":
                return _fault("database", str(state), _("Stop the server and restore a backup."))
            cursor.execute("PRAGMA journal_mode")
            return _good("database", f"SQLite, {cursor.fetchone()[0]}")
        cursor.execute("SHOW server_version")
        return _good("database", f"PostgreSQL {cursor.fetchone()[0]}")


def _migrations() -> Finding:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        text = _("%(count)d migrations have not run") % {"count": len(missing)}
        return _fault("migrations", text, "madang up --no-serve")
    return _good("migrations", _("all have run"))


def _personal_keys() -> Finding:
    from madang.yard.people.selectors import keys_check

    keys_check()
    return _good("personal_keys", _("they open the personal fields"))


def _audit() -> Finding:
    from madang.yard.audit.selectors import audit_verify

    verdict = audit_verify()
    if not verdict.sound:
        text = _("broken at record %(broken)s (%(fault)s)") % {"broken": verdict.broken_at, "fault": verdict.fault}
        return _fault("audit", text, _("Compare with a published head, and restore the last backup that verifies."))
    return _good("audit", _("%(count)d records, whole") % {"count": verdict.count})


def _ledger() -> Finding:
    from madang.yard.ledger.selectors import ledger_verify

    verdict = ledger_verify()
    if not verdict.sound:
        return _fault("ledger", str(verdict), _("Restore the last backup that verifies."))
    return _good("ledger", _("balances equal the sum of their entries"))


def _queue() -> Finding:
    from madang.yard.audit.models import Job, JobState

    failed = Job.objects.filter(state=JobState.FAILED).count()
    waiting = Job.objects.filter(state__in=(JobState.WAITING, JobState.RUNNING)).count()
    text = _("%(waiting)d waiting or running, %(failed)d failed") % {"waiting": waiting, "failed": failed}
    return _good("queue", text)


def _static() -> Finding:
    from django.conf import settings

    if not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        return _fault("static", _("styles and scripts have not been collected"), "madang up --no-serve")
    return _good("static", _("collected"))


def _demo() -> Finding:
    from django.conf import settings

    from madang.yard.places.selectors import district_current

    sample = district_current().is_sample
    if settings.MADANG_DEMO and not sample:
        return _fault("demo", _("demo mode is on with real data"), "unset MADANG_DEMO")
    return _good("demo", _("sample data") if sample else _("real data, demo mode off"))
