"""The commands answer people and programs, and end with the right code."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from madang.ops import installation
from madang.yard.audit.authority import SYSTEM
from madang.yard.ledger.cli import app
from madang.yard.ledger.models import Entry
from madang.yard.ledger.services import ExpenditureDraft, ReversalDraft, entry_reverse, expenditure_enter

from .conftest import DONG, Purse

pytestmark = pytest.mark.django_db

BUDGET = f'row,code,fund,place,programme,name,amount_won\nline,NEW,SEO,{DONG},P1,새 항목,"1,000"\n'


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands work on the test database."""
    monkeypatch.setattr(installation, "open_installation", lambda _data: None)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")


def run(*arguments: object) -> tuple[int, str]:
    """Return exit code and output of a command."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.output


def test_a_budget_is_rehearsed_then_entered_once(purse: Purse, tmp_path: Path) -> None:
    file = tmp_path / "b.csv"
    file.write_text(BUDGET)
    before = Entry.objects.count()
    code, text = run("import", file, "--dry-run")
    assert (code, Entry.objects.count()) == (0, before)
    assert "rehearsal" in text
    assert "1,000" in text
    code, text = run("import", file, "--json")
    assert (code, json.loads(text)["entries"], Entry.objects.count()) == (0, 1, before + 1)
    code, text = run("import", file)
    assert code == 0
    assert "nothing was entered again" in text


def test_a_bad_file_is_explained_with_exit_code_two(purse: Purse, tmp_path: Path) -> None:
    file = tmp_path / "b.csv"
    file.write_text(BUDGET.replace("1,000", "1.5"))
    code, text = run("import", file)
    assert code == 2
    for said in ("b.csv", "line 2", "amount_won", "1.5"):
        assert said in text
    code, text = run("import", file, "--json")
    assert (code, json.loads(text)["line"], json.loads(text)["field"]) == (2, 2, "amount_won")
    assert run("import", tmp_path / "absent.csv")[0] == 2


def test_what_is_exported_can_be_recomputed_without_an_installation(purse: Purse, tmp_path: Path) -> None:
    paid = expenditure_enter(SYSTEM, ExpenditureDraft(line=purse.dong_line, amount_won=1234, memo="=1+1"))
    entry_reverse(SYSTEM, ReversalDraft(entry=paid, memo="a"))
    for table, column in (("entries", "id"), ("lines", "code"), ("balances", "account")):
        file = tmp_path / f"{table}.csv"
        code, text = run("export", file, "--table", table, "--json")
        with file.open(encoding="utf-8-sig", newline="") as opened_file:
            rows = list(csv.DictReader(opened_file))
        assert (code, json.loads(text)["rows"]) == (0, len(rows))
        assert all(row[column] for row in rows)
    code, text = run("recompute", tmp_path / "entries.csv", "--json")
    told = json.loads(text)
    assert (code, told["sound"], told["sum_won"], told["entries"]) == (0, True, 0, Entry.objects.count())
    assert told["kinds"]["source"] == -10_000_000
    assert run("recompute", tmp_path / "entries.csv")[0] == 0


def test_an_altered_export_is_found_out(purse: Purse, tmp_path: Path) -> None:
    file = tmp_path / "entries.csv"
    run("export", file)
    text = file.read_text(encoding="utf-8-sig")
    file.write_text(text.replace(",2000000,", ",20000000,"))
    code, told = run("recompute", file)
    assert code == 1
    assert "overdrawn" in told
    file.write_text(text.replace("appropriation", "gift", 1))
    code, told = run("recompute", file)
    assert code == 2
    assert "'gift'" in told
    file.write_text(text.replace("amount_won", "amount", 1))
    assert run("recompute", file)[0] == 2
    file.write_bytes(b"\xff\xfe")
    assert run("recompute", file)[0] == 2


def test_verify_says_whether_the_ledger_holds(purse: Purse, monkeypatch: pytest.MonkeyPatch) -> None:
    code, text = run("verify", "--json")
    told = json.loads(text)
    assert (code, told["sound"], told["entries"]) == (0, True, Entry.objects.count())
    assert told["run"]
    code, text = run("verify")
    assert code == 0
    assert "The ledger holds" in text
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    assert "장부가 맞습니다" in run("verify")[1]
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    monkeypatch.setattr("madang.yard.ledger.selectors.verify.guards_missing", lambda: ["ledger_entry_post"])
    code, text = run("verify")
    assert code == 1
    assert "ledger_entry_post" in text
