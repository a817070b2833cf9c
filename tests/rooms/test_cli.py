import json
from pathlib import Path

import pytest
from django.conf import settings
from tests.rooms.conftest import SeoGu
from typer.testing import CliRunner

from madang.cli import app
from madang.rooms import projects
from madang.rooms.autonomy.models import Issue
from madang.rooms.autonomy.services import TakeDraft, agenda_take
from madang.yard.audit.authority import SYSTEM
from madang.yard.evidence.services import SignalDraft, signal_raise

PLEDGE = {
    "pledge": "care", "as_of": "2026-11-23",
    "indicators": [
        {"code": "x", "baseline": ["2026-07-01", 0], "targets": [["2027-07-01", 100]], "observed": [["2026-11-01", 38]]}
    ],
}  # fmt: skip


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    # The installation that a command opens is this test's own.
    monkeypatch.setattr("madang.ops.installation.open_installation", lambda _data: settings.MADANG_DATA)
    return CliRunner()


def test_a_pledge_is_judged_from_a_file_without_an_installation(run: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "pledge.json"
    file.write_text(json.dumps(PLEDGE))
    found = run.invoke(app, ["projects", "pledge-state", str(file), "--json"])
    assert (found.exit_code, json.loads(found.stdout)["state"]) == (0, "on_track")
    said = run.invoke(app, ["projects", "pledge-state", str(file), "--tolerance", "0.001"])
    assert "late" in said.stdout
    assert "indicator_behind" in said.stdout


@pytest.mark.parametrize("content", ["{", "[]", '{"pledge": "p"}'])
def test_a_file_that_is_no_pledge_is_refused(run: CliRunner, tmp_path: Path, content: str) -> None:
    file = tmp_path / "pledge.json"
    file.write_text(content)
    found = run.invoke(app, ["projects", "pledge-state", str(file)])
    assert found.exit_code == 2
    assert "Traceback" not in found.output


def test_a_pledge_file_is_checked(run: CliRunner, tmp_path: Path) -> None:
    from madang.rooms.projects.services import pledges_file_of

    file = tmp_path / "own.toml"
    file.write_bytes(pledges_file_of("29140").data)
    assert "5 pledges" in run.invoke(app, ["projects", "pledges", "check", str(file)]).stdout
    answer = json.loads(run.invoke(app, ["projects", "pledges", "check", str(file), "--json"]).stdout)
    assert answer["pledges"] == ["autonomy", "care", "health", "climate", "projects"]
    file.write_bytes(file.read_bytes().replace(b'direction = "down"', b'direction = "sideways"', 1))
    refused = run.invoke(app, ["projects", "pledges", "check", str(file)])
    assert refused.exit_code == 2
    assert "pledge[1].indicator[1].direction" in refused.output
    assert run.invoke(app, ["projects", "pledges", "check", str(tmp_path / "absent.toml")]).exit_code == 2


@pytest.mark.django_db
def test_the_agenda_is_listed(run: CliRunner, seo_gu: SeoGu, reported: Issue) -> None:
    assert "Nothing is on the agenda." in run.invoke(app, ["autonomy", "agenda"]).stdout
    item = agenda_take(SYSTEM, TakeDraft(title="가로등", room="autonomy", reason="r", issues=[reported.pk]))
    (row,) = json.loads(run.invoke(app, ["autonomy", "agenda", "--json", "--dong", seo_gu.dong.code]).stdout)
    assert (row["id"], row["state"], row["dong"]) == (item.pk, "on_agenda", seo_gu.dong.code)
    assert "가로등" in run.invoke(app, ["autonomy", "agenda"]).stdout
    assert json.loads(run.invoke(app, ["autonomy", "agenda", "--json", "--state", "decided"]).stdout) == []


@pytest.mark.django_db
@pytest.mark.parametrize("room", ["care", "health", "climate"])
def test_a_rooms_signals_are_listed(run: CliRunner, seo_gu: SeoGu, room: str) -> None:
    assert "No signal is open." in run.invoke(app, [room, "signals"]).stdout
    signal = signal_raise(
        SYSTEM,
        SignalDraft(key="k", room=room, place=seo_gu.dong.code, topic="t", text_ko="글", text_en="text"),
    )
    (row,) = json.loads(run.invoke(app, [room, "signals", "--json"]).stdout)
    assert (row["id"], row["text_ko"]) == (signal.pk, "글")
    others = {"care", "health", "climate"} - {room}
    assert all(json.loads(run.invoke(app, [other, "signals", "--json"]).stdout) == [] for other in others)


@pytest.mark.django_db
def test_a_real_district_loads_its_pledges_and_judges_them(run: CliRunner, seo_gu: SeoGu, tmp_path: Path) -> None:
    loaded = json.loads(run.invoke(app, ["projects", "pledges", "load", "--json"]).stdout)
    assert (loaded["file"], len(loaded["pledges"])) == ("29140.toml", 5)
    own = tmp_path / "own.toml"
    own.write_bytes((Path(projects.__file__).parent / "data" / "pledges" / "default.toml").read_bytes())
    assert "own.toml is loaded: 5 pledges." in run.invoke(app, ["projects", "pledges", "load", str(own)]).stdout
    rows = json.loads(run.invoke(app, ["projects", "pledges", "assess", "--json"]).stdout)
    assert [row["pledge"] for row in rows] == loaded["pledges"]
    assert all(row["state"] and row["why"] for row in rows)
    own.write_bytes(b"format = 2")
    assert run.invoke(app, ["projects", "pledges", "load", str(own)]).exit_code == 2
