"""The money pages answer in both languages; officers enter what they may, and nothing typed is lost."""

import csv
import io
import re
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django.fixtures import DjangoAssertNumQueries

from madang.yard.audit.authority import SYSTEM, Role
from madang.yard.ledger.models import AccountKind, Entry, EntryKind
from madang.yard.ledger.services import (
    CommitmentDraft,
    ExpenditureDraft,
    ReversalDraft,
    commitment_enter,
    entry_reverse,
    expenditure_enter,
    ledger_recompute,
)
from madang.yard.people.models import RoleAssignment, User

from .conftest import DISTRICT, DONG, OTHER_DONG, Purse

pytestmark = pytest.mark.django_db
LANGUAGES = ("ko", "en")


@pytest.fixture
def busy(purse: Purse) -> Purse:
    """Return the purse after some spending and one mistake."""
    promise = commitment_enter(
        SYSTEM, CommitmentDraft(line=purse.dong_line, title="화분 <100개>", amount_won=400_000, memo="견적 & 계약")
    )
    expenditure_enter(
        SYSTEM, ExpenditureDraft(line=purse.dong_line, commitment=promise.credit, amount_won=250_000, memo="납품")
    )
    wrong = expenditure_enter(SYSTEM, ExpenditureDraft(line=purse.district_line, amount_won=1_000))
    entry_reverse(SYSTEM, ReversalDraft(entry=wrong, memo="금액 오류"))
    ledger_recompute(SYSTEM)
    return purse


def sign_in(client: Client, role: Role, place: str) -> None:
    """Sign a new account in with one role; staff have a second factor."""
    user = User.objects.create_user(f"{role}-{place}")
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    RoleAssignment.objects.create(user=user, role=role, place=place)
    client.force_login(user, backend="madang.yard.people.adapters.AccountBackend")


def addresses(purse: Purse) -> list[str]:
    """Return every public page of the ledger."""
    return [
        reverse("ledger"),
        reverse("ledger_place", args=[DONG]),
        reverse("ledger_place", args=[OTHER_DONG]),
        reverse("ledger_place", args=[DISTRICT]),
        reverse("ledger_line", args=[purse.dong_line.pk]),
        reverse("ledger_line", args=[purse.district_line.pk]),
        reverse("ledger_entries"),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_answers_in_both_languages(client: Client, busy: Purse, language: str) -> None:
    for address in addresses(busy):
        answer = client.get(address, headers={"accept-language": language})
        text = answer.content.decode()
        assert answer.status_code == 200, address
        assert f'<html lang="{language}"' in text
        assert len(answer.content) < 100_000
        assert "<100개>" not in text
        assert not re.search(r"\sstyle=|<script(?![^>]*src=)", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_say_what_to_do_where_there_is_nothing(client: Client, places: object, language: str) -> None:
    for address in (reverse("ledger"), reverse("ledger_place", args=[DONG]), reverse("ledger_entries")):
        answer = client.get(address, headers={"accept-language": language})
        assert answer.status_code == 200
        assert 'class="empty"' in answer.content.decode()


def test_without_a_district_the_overview_still_answers(client: Client) -> None:
    assert client.get(reverse("ledger")).status_code == 200


def test_korean_pages_speak_korean(client: Client, busy: Purse) -> None:
    text = client.get(reverse("ledger_place", args=[DONG]), headers={"accept-language": "ko"}).content.decode()
    for word in ("양동", "서구 일반회계", "골목 화단", "쓴 돈", "쓰기로 한 돈"):
        assert word in text
    assert "Spent" not in text


def test_the_dongs_page_accounts_for_every_won(client: Client, busy: Purse) -> None:
    text = client.get(reverse("ledger_place", args=[DONG]), headers={"accept-language": "en"}).content.decode()
    # Two million from the district's fund for its line here, three million transferred to the dong's own fund.
    assert '<data value="5000000"' in text
    assert '<data value="2000000"' in text
    assert "250,000" in text


@pytest.mark.parametrize("address", ["/money/9999999999/", "/money/lines/99999/", "/money/unknown/"])
def test_what_is_not_there_is_not_found(client: Client, busy: Purse, address: str) -> None:
    assert client.get(address).status_code == 404


def test_lines_are_searched_sorted_filtered_and_paged(client: Client, busy: Purse) -> None:
    address = reverse("ledger_place", args=[DONG])
    row = "골목 화단</a></th>"
    assert row in client.get(address, {"q": "화단"}).content.decode()
    assert row not in client.get(address, {"q": "그늘막"}).content.decode()
    assert row not in client.get(address, {"fund": "SEO"}).content.decode()
    assert (
        row in client.get(address, {"fund": "YANG", "programme": "P1", "sort": "-spent", "page": "7"}).content.decode()
    )
    # What the address may not ask for counts as not asked.
    assert row in client.get(address, {"fund": "'", "sort": "fund__pk", "page": "x", "year": "20'6"}).content.decode()
    ascending = client.get(address, {"sort": "appropriated"}).content.decode()
    descending = client.get(address, {"sort": "-appropriated"}).content.decode()
    shade = "그늘막</a></th>"
    assert ascending.index(row) < ascending.index(shade)
    assert descending.index(shade) < descending.index(row)


def test_a_line_shows_its_entries_with_their_audit_records(client: Client, busy: Purse) -> None:
    text = client.get(
        reverse("ledger_line", args=[busy.dong_line.pk]), headers={"accept-language": "en"}
    ).content.decode()
    assert (
        len(re.findall(r"audit record \d+", text))
        == Entry.objects.filter(debit__line=busy.dong_line).count()
        + Entry.objects.filter(kind=EntryKind.APPROPRIATION, credit__line=busy.dong_line).count()
    )
    assert "Enter a payment" not in text
    assert "Undo entry" not in text
    other = client.get(reverse("ledger_line", args=[busy.district_line.pk]), headers={"accept-language": "en"})
    assert re.search(r"undone by entry \d+", other.content.decode())
    assert re.search(r"undoes entry \d+", other.content.decode())


def rows_of(answer: object) -> list[dict[str, str]]:
    """Return the rows of a streamed CSV."""
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


def test_files_hold_everything(client: Client, busy: Purse) -> None:
    entries = rows_of(client.get(reverse("ledger_entries_csv")))
    assert [int(row["id"]) for row in entries] == list(Entry.objects.order_by("pk").values_list("pk", flat=True))
    assert {row["kind"] for row in entries} >= {"revenue", "transfer", "reversal"}
    balances = rows_of(client.get(reverse("ledger_balances_csv")))
    assert sum(int(row["balance_won"]) for row in balances) == 0
    lines = rows_of(client.get(reverse("ledger_lines_csv"), {"place": DONG, "exact": "1"}))
    assert {row["code"]: int(row["spent_won"]) for row in lines} == {"SEO-L0001": 0, "YANG-L0001": 250_000}
    one = rows_of(client.get(reverse("ledger_entries_csv"), {"line": "YANG-L0001", "kind": "expenditure"}))
    assert [row["amount_won"] for row in one] == ["250000"]


FORMS: dict[str, Callable[[Purse], str]] = {
    "commit": lambda purse: reverse("ledger_commit", args=[purse.dong_line.pk]),
    "spend": lambda purse: reverse("ledger_spend", args=[purse.dong_line.pk]),
    "release": lambda purse: reverse("ledger_release", args=[purse.dong_line.pk]),
    "reverse": lambda purse: reverse(
        "ledger_reverse", args=[Entry.objects.get(kind=EntryKind.EXPENDITURE, debit__line=purse.dong_line).pk]
    ),
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_form_is_for_the_officer_of_the_place(client: Client, busy: Purse, name: str, language: str) -> None:
    address = FORMS[name](busy)
    assert client.get(address).status_code == 404
    assert client.post(address, {"memo": "x"}).status_code == 404
    sign_in(client, Role.DONG_OFFICER, OTHER_DONG)
    assert client.get(address).status_code == 404
    assert client.post(address, {"memo": "x"}).status_code == 404
    client.logout()
    sign_in(client, Role.DONG_OFFICER, DONG)
    answer = client.get(address, headers={"accept-language": language})
    assert answer.status_code == 200
    assert 'name="key"' in answer.content.decode()


def test_an_officer_commits_pays_releases_and_undoes(client: Client, purse: Purse) -> None:
    sign_in(client, Role.DONG_OFFICER, DONG)
    line = purse.dong_line
    page = reverse("ledger_line", args=[line.pk])
    day = Entry.objects.latest("pk").date.isoformat()
    sent = {"title": "화분", "amount_won": "400,000원", "memo": "", "date": day, "key": "a"}
    assert client.post(reverse("ledger_commit", args=[line.pk]), sent).headers["Location"] == page
    # Sent twice, entered once.
    assert client.post(reverse("ledger_commit", args=[line.pk]), sent).headers["Location"] == page
    promise = Entry.objects.get(kind=EntryKind.COMMITMENT)
    chosen = {"commitment": str(promise.credit_id), "date": day}
    paid = {**chosen, "amount_won": "100 000", "memo": "납품", "key": "b"}
    assert client.post(reverse("ledger_spend", args=[line.pk]), paid).status_code == 302
    straight = {"commitment": "", "amount_won": "5000", "date": day, "key": "c"}
    assert client.post(reverse("ledger_spend", args=[line.pk]), straight).status_code == 302
    freed = {**chosen, "amount_won": "₩50,000", "key": "d"}
    assert client.post(reverse("ledger_release", args=[line.pk]), freed).status_code == 302
    entry = Entry.objects.get(key="b")
    text = client.get(page).content.decode()
    assert reverse("ledger_reverse", args=[entry.pk]) in text
    assert client.post(reverse("ledger_reverse", args=[entry.pk]), {"memo": "오타", "key": "e"}).status_code == 302
    assert reverse("ledger_reverse", args=[entry.pk]) not in client.get(page).content.decode()
    assert purse.balance(line, AccountKind.AVAILABLE) == 1_000_000 - 400_000 - 5_000 + 50_000
    assert purse.balance(line, AccountKind.SPENT) == 5_000
    assert Entry.objects.get(key="e").entered_by == str(User.objects.get().pk)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_stands_beside_its_field_and_nothing_typed_is_lost(
    client: Client, purse: Purse, language: str
) -> None:
    sign_in(client, Role.DONG_OFFICER, DONG)
    address = reverse("ledger_commit", args=[purse.dong_line.pk])
    day = Entry.objects.latest("pk").date.isoformat()
    sent = {"title": "화분 백 개", "amount_won": "1,000,001", "memo": "두 곳에서 견적", "date": day, "key": "k"}
    answer = client.post(address, sent, headers={"accept-language": language})
    text = answer.content.decode()
    assert answer.status_code == 422
    for typed in sent.values():
        assert f'value="{typed}"' in text
    field = re.search(r'<p class="error" id="id_amount_won_error">(.*?)</p>', text, re.DOTALL)
    assert field is not None
    assert "1,000,000" in field[1]
    assert Entry.objects.filter(kind=EntryKind.COMMITMENT).count() == 0


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"amount_won": "many"}, "amount_won"),
        ({"amount_won": ""}, "amount_won"),
        ({"amount_won": "0"}, "amount_won"),
        ({"amount_won": "1.5"}, "amount_won"),
        ({"date": "tomorrow"}, "date"),
        ({"date": "2001-01-01"}, "date"),
        ({"title": ""}, "title"),
        ({"memo": "010-1234-5678"}, "memo"),
    ],
)
def test_each_mistake_is_said_where_it_is(client: Client, purse: Purse, sent: dict[str, str], field: str) -> None:
    sign_in(client, Role.DONG_OFFICER, DONG)
    day = Entry.objects.latest("pk").date.isoformat()
    whole = {"title": "a", "amount_won": "1", "memo": "", "date": day, "key": "k", **sent}
    answer = client.post(reverse("ledger_commit", args=[purse.dong_line.pk]), whole)
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.content.decode()


def test_an_officer_cannot_choose_another_lines_commitment(client: Client, busy: Purse) -> None:
    other = commitment_enter(SYSTEM, CommitmentDraft(line=busy.district_line, title="b", amount_won=10))
    sign_in(client, Role.DONG_OFFICER, DONG)
    day = other.date.isoformat()
    for name in ("ledger_spend", "ledger_release"):
        sent = {"commitment": str(other.credit_id), "amount_won": "1", "date": day, "key": name}
        answer = client.post(reverse(name, args=[busy.dong_line.pk]), sent)
        assert answer.status_code == 422
        assert 'id="id_commitment_error"' in answer.content.decode()


def test_only_some_may_have_everything_computed_again(client: Client, busy: Purse) -> None:
    address = reverse("ledger_recompute")
    assert client.post(address).status_code == 404
    assert client.get(address).status_code == 405
    sign_in(client, Role.AUDITOR, DISTRICT)
    assert address in client.get(reverse("ledger")).content.decode()
    assert client.post(address).status_code == 302


def test_pages_ask_the_database_a_bounded_number_of_times(
    client: Client, busy: Purse, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with translation.override("ko"):
        for number in range(30):
            expenditure_enter(SYSTEM, ExpenditureDraft(line=busy.dong_line, amount_won=1 + number))
        for address in addresses(busy):
            client.get(address)
            with django_assert_max_num_queries(20):
                assert client.get(address).status_code == 200
