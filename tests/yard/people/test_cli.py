"""`madang user` and `madang keys`: answers for people and programs, and what they refuse."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from pytest_django import Settings
from typer.testing import CliRunner

from madang.yard.audit.authority import Action, Role
from madang.yard.audit.models import Record
from madang.yard.people import cli
from madang.yard.people.keyring import KeyUse
from madang.yard.people.keyring_file import keyring_create, keyring_reread
from madang.yard.people.models import User
from madang.yard.people.selectors import actor_of
from madang.yard.people.services import keys as keys_service
from madang.yard.people.services import keys_prepare

pytestmark = pytest.mark.django_db

PASSWORD = "five-quiet-geese-walk"


@pytest.fixture(autouse=True)
def installation(
    town: SimpleNamespace, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> SimpleNamespace:
    """Stand the test's database in for an installation, with a keyring of its own."""
    monkeypatch.setattr(cli, "_opened", lambda _data: None)
    monkeypatch.setattr(keys_service, "GRACE_SECONDS", 0.0)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    settings.MADANG_KEYRING = tmp_path / "keyring.json"
    keyring_create(settings.MADANG_KEYRING)
    keys_prepare()
    return town


def run(app: object, *arguments: str, typed: str = "") -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(arguments), input=typed)  # type: ignore[arg-type]  # a Typer app
    return done.exit_code, done.stdout, done.stderr


def test_an_account_is_made(town: SimpleNamespace) -> None:
    code, out, _err = run(
        cli.user, "add", "officer-1", "--role", "dong_officer", "--place", town.dong, "--password-stdin", "--json",
        typed=PASSWORD + "\n",
    )  # fmt: skip
    assert code == 0
    answer = json.loads(out)
    made = User.objects.get(pk=answer["user"])
    assert made.check_password(PASSWORD)
    assert (actor_of(made).role, actor_of(made).place) == (Role.DONG_OFFICER, town.dong)
    assert PASSWORD not in out
    assert Record.objects.get(action=Action.USER_ADD.value).role == "system"


def test_the_district_is_the_place_where_none_is_named_and_the_password_is_asked(town: SimpleNamespace) -> None:
    code, out, err = run(cli.user, "add", "keeper-1", "--role", "administrator", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert code == 0
    assert "keeper-1" in out
    assert PASSWORD not in out + err
    assert actor_of(User.objects.get()).place == town.district


@pytest.mark.parametrize(
    ("arguments", "typed", "error"),
    [
        (("officer-1", "--role", "king"), PASSWORD, "role_unknown"),
        (("officer-1", "--role", "system"), PASSWORD, "role_not_granted"),
        (("officer-1", "--role", "dong_officer"), PASSWORD, "place_not_for_role"),
        (("officer-1", "--role", "auditor", "--place", "99999"), PASSWORD, "place_unknown"),
        (("Officer One", "--role", "auditor"), PASSWORD, "username_bad"),
        (("officer-1", "--role", "auditor"), "short", "password_weak"),
        (("officer-1", "--role", "auditor"), "", "password_weak"),
    ],
)
def test_what_is_refused(arguments: tuple[str, ...], typed: str, error: str) -> None:
    code, out, _err = run(cli.user, "add", *arguments, "--password-stdin", "--json", typed=typed)
    assert code == 2
    assert json.loads(out)["error"] == error
    assert not User.objects.exists()
    code, _out, err = run(cli.user, "add", *arguments, "--password-stdin", typed=typed)
    assert code == 2
    assert err.startswith("madang: ")
    assert "Traceback" not in err


def test_keys_rotate_and_are_forgotten() -> None:
    before = {key.id for key in keyring_reread().keys}
    code, out, _err = run(cli.keys, "rotate", "--json")
    assert code == 0
    answer = json.loads(out)
    assert set(answer["retired"]) == before
    assert set(answer["primary"]) == {keyring_reread().primary(use).id for use in KeyUse}
    code, out, _err = run(cli.keys, "forget", "--json")
    assert (code, set(json.loads(out)["forgotten"])) == (0, before)
    assert {key.id for key in keyring_reread().keys}.isdisjoint(before)


def test_the_answers_for_people_say_what_to_do_next() -> None:
    assert "backup" in run(cli.keys, "rotate")[1]
    assert "removed" in run(cli.keys, "forget")[1]


def test_the_state_of_the_keys_shows_no_key(settings: Settings) -> None:
    secrets = [entry["secret"] for entry in json.loads(settings.MADANG_KEYRING.read_text())["keys"]]
    for arguments in (("status",), ("status", "--json")):
        code, out, err = run(cli.keys, *arguments)
        assert code == 0
        assert not any(secret in out + err for secret in secrets)
        assert all(key.id in out for key in keyring_reread().keys)


def test_a_wrong_keyring_is_named_with_what_mends_it(settings: Settings, tmp_path: Path) -> None:
    settings.MADANG_KEYRING = tmp_path / "other.json"
    keyring_create(settings.MADANG_KEYRING)
    code, out, _err = run(cli.keys, "rotate", "--json")
    assert code == 2
    assert json.loads(out)["error"] == "keyring_wrong"
    code, _out, err = run(cli.keys, "status")
    assert code == 2
    assert str(settings.MADANG_KEYRING) in err
    settings.MADANG_KEYRING.unlink()
    code, out, _err = run(cli.keys, "rotate", "--json")
    assert (code, json.loads(out)["error"]) == (2, "keyring_missing")
    assert not settings.MADANG_KEYRING.exists()
