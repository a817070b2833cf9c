"""The ledger beside bare inserts on the same database in the same run, and its reads at 100,000 entries.

Run `python benchmarks/ledger.py [ENTRIES]`; SQLite in a temporary directory unless MADANG_DATABASE_URL names an empty
PostgreSQL database. Each pair of numbers that is compared comes from the same process and disk.
"""

# ruff: noqa: E402  # Django is set up before what stands on it is imported

import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.site.settings")
os.environ.setdefault("MADANG_HOSTS", "testserver")
os.environ.setdefault("MADANG_DATA", tempfile.mkdtemp(prefix="madang-bench-"))

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client

from madang.yard.audit.authority import SYSTEM, Action
from madang.yard.audit.services import record
from madang.yard.ledger.bridge import journal_digest, ledger_inputs
from madang.yard.ledger.engine.replay import recompute
from madang.yard.ledger.formats.ledger_csv import ENTRY_COLUMNS, csv_chunks
from madang.yard.ledger.models import Account, AccountKind, BudgetLine, Entry, EntryKind, FundLevel, RevenueSource
from madang.yard.ledger.selectors import (
    EntryFilter,
    LineFilter,
    district_money,
    dong_money,
    entries_list,
    entries_page,
    entry_rows,
    ledger_verify,
    line_balances,
)
from madang.yard.ledger.services import (
    AppropriationDraft,
    CommitmentDraft,
    ExpenditureDraft,
    FundDraft,
    ImportDraft,
    LineDraft,
    ProgrammeDraft,
    RevenueDraft,
    appropriation_enter,
    commitment_enter,
    expenditure_enter,
    fund_open,
    ledger_import,
    line_open,
    programme_open,
    revenue_enter,
)
from madang.yard.ledger.services.checks import today
from madang.yard.ledger.services.posting import Movement, Terms, journal_target, post
from madang.yard.places.models import District, Dong

DISTRICT = "29140"
DONGS = [f"29140{number:03d}00" for number in range(101, 119)]

BARE = """
CREATE TABLE bench_bare (id {serial} PRIMARY KEY, journal char(32), key varchar(120) UNIQUE, kind varchar(16),
date date, amount_won bigint, debit_id bigint, credit_id bigint, memo varchar(200), entered_at varchar(40),
role varchar(32))
"""


def places() -> None:
    """Record the district and its eighteen dongs, without boundaries."""
    district = District.objects.create(
        code=DISTRICT, name_ko="서구", name_en="Seo-gu", sido_ko="광주광역시", sido_en="Gwangju", source="bench",
        boundary_digest="0" * 64, area_m2=1.0, map_width=1, map_height=1,
    )  # fmt: skip
    for code in DONGS:
        Dong.objects.create(
            district=district, code=code, name_ko=f"동 {code[5:8]}", name_en="", boundary=b"", outline="", label_x=0.0,
            label_y=0.0, lon=126.9, lat=35.15, area_m2=1.0,
        )  # fmt: skip


def books() -> list[BudgetLine]:
    """Open a fund and a hundred lines with money."""
    year = today().year
    fund = fund_open(
        SYSTEM,
        FundDraft(code="GEN", name_ko="일반회계", level=FundLevel.DISTRICT, place=DISTRICT, fiscal_year=year),
    )
    programme = programme_open(SYSTEM, ProgrammeDraft(code="P", name_ko="사업"))
    revenue_enter(SYSTEM, RevenueDraft(fund=fund, source=RevenueSource.LOCAL_TAX, amount_won=10**14))
    lines = []
    for number in range(100):
        place = DONGS[number % len(DONGS)]
        line = line_open(SYSTEM, LineDraft(fund=fund, place=place, programme=programme, title=f"항목 {number}"))
        appropriation_enter(SYSTEM, AppropriationDraft(line=line, amount_won=10**11))
        lines.append(line)
    return lines


def rate(work: Callable[[int], object], seconds: float = 4.0) -> float:
    """Return how often a second something is done, each time in a transaction of its own."""
    count, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        work(count)
        count += 1
    return count / (time.perf_counter() - begun)


def bare_insert(number: int, tag: str = "b") -> None:
    """Insert one row into a plain table with the same columns."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bench_bare (journal, key, kind, date, amount_won, debit_id, credit_id, memo, entered_at, role)"
            " VALUES (%s, %s, 'expenditure', %s, 1000, 1, 2, 'a memo', '2026-01-01 00:00:00', 'system')",
            ["0" * 32, f"{tag}{number}", today()],
        )


def guarded_insert(number: int, debit: Account, credit: Account, tag: str = "g") -> None:
    """Insert one row into the guarded table by SQL."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_entry (journal, key, kind, date, amount_won, debit_id, credit_id, memo, reverses_id,"
            " entered_at, entered_by, role) VALUES (%s, %s, 'commitment', %s, 1000, %s, %s, 'a memo', NULL,"
            " '2026-01-01 00:00:00+00:00', '', 'system')",
            ["0" * 32, f"{tag}{number}", today(), debit.pk, credit.pk],
        )


def log_afterwards() -> None:
    """Log what was inserted by SQL, so that the ledger as a whole can be verified afterwards."""
    journal = uuid.UUID(int=0)
    entries = list(Entry.objects.filter(journal=journal).order_by("pk"))
    record(SYSTEM, Action.COMMITMENT_ENTER, target=journal_target(journal), detail={"digest": journal_digest(entries)})


def writes(lines: list[BudgetLine]) -> None:
    """Compare a service, a guarded insert and a bare one, three times over, and print the medians."""
    line = lines[0]
    commitment = commitment_enter(SYSTEM, CommitmentDraft(line=line, title="bench", amount_won=10**9)).credit
    available = Account.objects.get(line=line, kind=AccountKind.AVAILABLE)
    rates: dict[str, list[float]] = {"bare": [], "guarded": [], "service": []}
    for turn in range(3):
        rates["bare"].append(rate(lambda n, t=turn: bare_insert(n, f"b{t}-")))  # type: ignore[misc]
        rates["guarded"].append(
            rate(lambda n, t=turn: guarded_insert(n, available, commitment, f"g{t}-"))  # type: ignore[misc]
        )
        rates["service"].append(
            rate(
                lambda n: expenditure_enter(
                    SYSTEM, ExpenditureDraft(line=line, commitment=commitment, amount_won=100, memo=f"no {n}")
                )
            )
        )
    log_afterwards()
    bare, guarded, service = (statistics.median(rates[name]) for name in ("bare", "guarded", "service"))
    print(f"one transaction each   bare INSERT          {bare:10,.0f} /s   1.00")
    print(f"                       guarded INSERT       {guarded:10,.0f} /s   {guarded / bare:.2f}")
    print(f"                       service with audit   {service:10,.0f} /s   {service / bare:.2f}")


def fill(lines: list[BudgetLine], count: int) -> None:
    """Fill the ledger in journals of 500 entries, each logged, beside as many bare rows in transactions of 500."""
    pairs = []
    for line in lines:
        promise = commitment_enter(SYSTEM, CommitmentDraft(line=line, title="bulk", amount_won=10**9))
        pairs.append((Account.objects.get(line=line, kind=AccountKind.AVAILABLE), promise.credit))
    begun = time.perf_counter()
    for batch in range(0, count, 500):
        with transaction.atomic():
            for number in range(batch, batch + 500):
                bare_insert(number, "fill")
    bare = count / (time.perf_counter() - begun)
    begun = time.perf_counter()
    terms = Terms(action=Action.COMMITMENT_ENTER, date=today(), memo="a memo")
    for batch in range(0, count, 500):
        with transaction.atomic():
            movements = [
                Movement(kind=EntryKind.COMMITMENT, debit=debit, credit=credit, amount_won=1000)
                for debit, credit in (pairs[number % len(pairs)] for number in range(batch, batch + 500))
            ]
            post(SYSTEM, movements, terms)
    posted = count / (time.perf_counter() - begun)
    print(f"500 a transaction      bare INSERT          {bare:10,.0f} /s   1.00")
    print(f"                       posted with audit    {posted:10,.0f} /s   {posted / bare:.2f}")


def timed(label: str, work: Callable[[], Any], times: int = 5) -> None:
    """Print the median time of a read."""
    seconds = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
    print(f"{label:<44}{statistics.median(seconds) * 1000:10,.1f} ms")


def reads(lines: list[BudgetLine]) -> None:
    """Time what pages, files and checks read."""
    year = today().year
    print(f"\nreads at {Entry.objects.count():,} entries, {Account.objects.count():,} accounts")
    timed("lines of a dong with balances", lambda: list(line_balances(LineFilter(place=DONGS[0], exact=True))))
    timed(
        "all lines, sorted by what is spent, page 1",
        lambda: list(line_balances(LineFilter()).order_by("-spent_won")[:25]),
    )
    timed("entries of a line: count and page 1", lambda: page(EntryFilter(line=lines[0].code)))
    timed("entries of a dong: count and page 1", lambda: page(EntryFilter(place=DONGS[0])))
    timed("all entries: count and page 1", lambda: page(EntryFilter()))
    timed("where every won of a dong went", lambda: dong_money(DONGS[0], year))
    timed("where every won of the district went", lambda: district_money(year))
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    # A cookie of one's own keeps the page cache out of the way.
    client = Client(headers={"cookie": "madang_session=x"})
    for path in ("/money/", f"/money/{DONGS[0]}/", f"/money/lines/{lines[0].pk}/", "/money/entries/"):
        timed(f"page {path}", lambda path=path: client.get(path))  # type: ignore[misc]
    timed(
        "CSV of every entry",
        lambda: sum(len(chunk) for chunk in csv_chunks(ENTRY_COLUMNS, entry_rows(EntryFilter()))),
        1,
    )
    inputs: list[Any] = []
    timed("ledger as arrays", lambda: inputs.append(ledger_inputs()), 1)
    timed("every balance recomputed by the engine", lambda: recompute(inputs[0], {}, None), 3)
    timed("ledger_verify, audit log and all", ledger_verify, 1)
    print(ledger_verify().text)


def page(wanted: EntryFilter) -> None:
    """Read a page as the views do."""
    entries_page(entries_list(wanted), 1)


def imports() -> None:
    """Time a budget of five thousand lines."""
    rows = "".join(
        f"line,IMP-{number},GEN,{DONGS[number % 18]},,,P,항목 {number},,,,,1000,,\n" for number in range(5000)
    )
    header = "row,code,fund,place,year,level,programme,name,owner,source,from,to,amount_won,date,memo\n"
    data = (header + rows).encode()
    begun = time.perf_counter()
    report = ledger_import(SYSTEM, ImportDraft(file="bench.csv", data=data, dry_run=True))
    seconds = time.perf_counter() - begun
    print(f"\nbudget of {report.rows:,} lines, rehearsed: {seconds:.2f} s ({report.rows / seconds:,.0f} rows/s)")


def main() -> None:
    """Run everything and print figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    call_command("migrate", verbosity=0, interactive=False)
    serial = "integer" if connection.vendor == "sqlite" else "bigserial"
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_bare")
        cursor.execute(BARE.format(serial=serial))
    places()
    lines = books()
    print(f"{connection.vendor}, Python {sys.version.split()[0]}")
    writes(lines)
    fill(lines, count)
    reads(lines)
    imports()


if __name__ == "__main__":
    main()
