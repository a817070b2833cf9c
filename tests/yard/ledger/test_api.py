"""The ledger for programs: everyone reads, tokens with the right scope enter."""

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from madang.yard.audit.authority import SYSTEM, Role
from madang.yard.ledger.models import AccountKind, Entry
from madang.yard.ledger.services import ExpenditureDraft, expenditure_enter
from madang.yard.people.models import RoleAssignment, User
from madang.yard.people.selectors import actor_of
from madang.yard.people.services import Scope, TokenDraft, token_issue

from .conftest import DISTRICT, DONG, OTHER_DONG, Purse

pytestmark = pytest.mark.django_db

BASE = "/api/v1/ledger"


def get(client: Client, path: str, **query: object) -> Any:
    """Return the JSON of an answer that must be good."""
    answer = client.get(BASE + path, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_everyone_reads_lines_entries_and_balances(client: Client, purse: Purse) -> None:
    expenditure_enter(SYSTEM, ExpenditureDraft(line=purse.dong_line, amount_won=1234, memo="화분"))
    lines = get(client, "/lines", place=DONG)
    assert lines["count"] == 2
    found = {line["code"]: line for line in lines["items"]}
    assert found["YANG-L0001"]["spent_won"] == 1234
    assert found["YANG-L0001"]["fund"] == "YANG"
    assert get(client, "/lines/YANG-L0001")["available_won"] == 1_000_000 - 1234
    entries = get(client, "/entries", line="YANG-L0001", kind="expenditure")
    assert [(entry["amount_won"], entry["memo"]) for entry in entries["items"]] == [(1234, "화분")]
    one = get(client, f"/entries/{entries['items'][0]['id']}")
    assert one["audit_record"] > 0
    assert "entered_by" not in json.dumps(entries)
    balances = get(client, "/balances", limit=100)
    assert sum(account["balance_won"] for account in balances["items"]) == 0
    assert get(client, "/trial-balance")["sum_won"] == 0
    funds = {fund["code"]: fund["unallocated_won"] for fund in get(client, "/funds")["items"]}
    assert funds == {"SEO": 5_000_000, "YANG": 2_000_000}
    flow = get(client, f"/flows/{DONG}")
    assert flow["came_in_won"] == 5_000_000
    assert sum(step["won"] for step in flow["steps"] if step["taker_kind"] == "use") == 5_000_000


def test_lists_are_paged(client: Client, purse: Purse) -> None:
    first = get(client, "/entries", limit=2)
    second = get(client, "/entries", limit=2, offset=2)
    assert len(first["items"]) == len(second["items"]) == 2
    assert first["items"][0]["id"] > first["items"][1]["id"] > second["items"][0]["id"]
    assert first["count"] == Entry.objects.count()


def test_what_is_asked_wrongly_is_a_problem(client: Client, purse: Purse) -> None:
    for path in ("/lines/NONE", "/entries/999999"):
        answer = client.get(BASE + path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert client.get(BASE + "/entries", {"kind": "gift"}).status_code == 422
    assert client.get(BASE + "/lines", {"year": "x"}).status_code == 422


def token(role: Role, place: str, *scopes: Scope) -> dict[str, str]:
    """Return the header of a new token."""
    user = User.objects.create_user(f"{role}-{place}")
    RoleAssignment.objects.create(user=user, role=role, place=place)
    _token, secret = token_issue(actor_of(user), TokenDraft(name="test", scopes=scopes))
    return {"Authorization": f"Bearer {secret}"}


def post(client: Client, path: str, body: dict[str, object], headers: dict[str, str]) -> Any:
    """Post JSON with a token."""
    return client.post(BASE + path, json.dumps(body), content_type="application/json", headers=headers)


def test_a_token_enters_money_at_its_place(client: Client, purse: Purse) -> None:
    officer = token(Role.DONG_OFFICER, DONG, Scope.WRITE_LEDGER)
    body = {"line": "YANG-L0001", "title": "화분", "amount_won": 500_000, "key": "c1"}
    promised = post(client, "/commitments", body, officer)
    assert promised.status_code == 200, promised.content
    assert post(client, "/commitments", body, officer).json()["id"] == promised.json()["id"]
    commitment = promised.json()["credit"]
    paid = {"line": "YANG-L0001", "commitment": commitment, "amount_won": 300_000, "key": "e1"}
    assert post(client, "/expenditures", paid, officer).status_code == 200
    freed = {"commitment": commitment, "amount_won": 100_000, "key": "r1"}
    assert post(client, "/releases", freed, officer).status_code == 200
    entry = Entry.objects.get(key="e1")
    undone = post(client, f"/entries/{entry.pk}/reverse", {"memo": "오류", "key": "u1"}, officer)
    assert undone.json()["reverses"] == entry.pk
    assert purse.balance(purse.dong_line, AccountKind.SPENT) == 0
    too_much = post(client, "/expenditures", {**paid, "amount_won": 400_001, "key": "e2"}, officer)
    assert too_much.status_code == 422
    assert too_much.json()["data"]["available_won"] == 400_000
    assert too_much.json()["errors"][0]["field"] == "amount_won"


def test_without_the_right_token_nothing_is_entered(client: Client, purse: Purse) -> None:
    body = {"line": "YANG-L0001", "amount_won": 1, "key": "k"}
    before = Entry.objects.count()
    assert post(client, "/expenditures", body, {}).status_code == 401
    assert post(client, "/expenditures", body, {"Authorization": "Bearer nonsense"}).status_code == 401
    other_scope = token(Role.DONG_OFFICER, DONG, Scope.WRITE_ISSUES)
    assert post(client, "/expenditures", body, other_scope).status_code == 403
    elsewhere = token(Role.DONG_OFFICER, OTHER_DONG, Scope.WRITE_LEDGER)
    assert post(client, "/expenditures", body, elsewhere).status_code == 404
    assert post(client, "/expenditures", {"line": "YANG-L0001"}, elsewhere).status_code == 422
    assert Entry.objects.count() == before


@pytest.mark.parametrize("path", ["/lines", "/entries", "/balances", "/funds", "/trial-balance", f"/flows/{DISTRICT}"])
def test_a_list_costs_the_same_however_long_it_is(
    client: Client, purse: Purse, path: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        expenditure_enter(SYSTEM, ExpenditureDraft(line=purse.dong_line, amount_won=1 + number))
    # One of them is the cache's: the calendars of assemblies, read once after each write.
    with django_assert_max_num_queries(11):
        get(client, path)
