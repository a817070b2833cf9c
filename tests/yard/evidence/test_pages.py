"""Pages of the evidence, in both languages."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from allauth.mfa.models import Authenticator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from madang.yard.audit.authority import SYSTEM, Role
from madang.yard.audit.models import Job
from madang.yard.audit.services import Computation, run_perform
from madang.yard.evidence import selectors
from madang.yard.evidence.models import Document, Indicator, Observation, Signal, SignalState
from madang.yard.evidence.services import (
    DocumentDraft,
    ObservationBatch,
    ObservationDraft,
    dataset_publish,
    document_file,
    indicator_define,
    observation_enter,
    observation_enter_many,
    signal_raise,
)
from madang.yard.people.models import RoleAssignment, User

from .conftest import DISTRICT, DONGS, PERSONS, PLACES, RATE, SIGNAL, line

pytestmark = pytest.mark.django_db

LANGUAGES = ("ko", "en")


@pytest.fixture
def signed_in(client: Client) -> Client:
    """Return a client signed in as an administrator of the district."""
    return as_role(client, Role.ADMINISTRATOR, DISTRICT)


def as_role(client: Client, role: Role, place: str) -> Client:
    user = User.objects.create_user(f"{role.value}-{place}")
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    RoleAssignment.objects.create(user=user, role=role, place=place)
    client.force_login(user, backend="madang.yard.people.adapters.AccountBackend")
    return client


@pytest.fixture
def evidence(rate: Indicator, persons: Indicator) -> Signal:
    """A year of a rate with its run, a year of small counts, a signal on them, a document, and files."""
    computation = Computation(engine="madang.x.engine.y:z", version="1", inputs={"a": 1})
    run, _result = run_perform(SYSTEM, computation, lambda *_arguments: {"b": 2})
    for month in range(1, 13):
        line(persons, f"2026-{month:02d}", [46, 3, 8, 15, 20])
        observation_enter_many(
            SYSTEM,
            ObservationBatch(
                indicator=RATE.code,
                places=list(PLACES),
                periods=[f"2026-{month:02d}"] * len(PLACES),
                values=np.arange(len(PLACES)) + 5.0 * month,
                run=run,
            ),
        )
    document = document_file(SYSTEM, DocumentDraft(title="회의록", content=b"%PDF-1", place=DISTRICT))
    seen = Observation.objects.filter(indicator=rate)[0]
    found = signal_raise(
        SYSTEM,
        replace(SIGNAL, evidence={"observations": [seen.pk], "runs": [str(run.pk)], "documents": [document.pk]}),
    )
    dataset_publish(SYSTEM)
    return found


def addresses(signal: Signal) -> dict[str, str]:
    sha256 = Document.objects.get().sha256
    return {
        "list": reverse("evidence"),
        "search": reverse("evidence") + "?q=seven&room=autonomy&sort=-period",
        "rate": reverse("evidence:indicator", args=[RATE.code]),
        "persons": reverse("evidence:indicator", args=["health.cases"]),
        "signals": reverse("evidence:signals") + "?place=29140&state=raised&sort=-severity",
        "signal": reverse("evidence:signal", args=[signal.pk]),
        "documents": reverse("evidence:documents"),
        "document": reverse("evidence:document", args=[sha256]),
        "open": reverse("evidence:open"),
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_in_both_languages(client: Client, evidence: Signal, language: str) -> None:
    for name, address in addresses(evidence).items():
        answer = client.get(address, headers={"accept-language": language})
        assert answer.status_code == 200, name
        text = answer.content.decode()
        assert f'<html lang="{language}"' in text
        assert "style=" not in text, f"{name} carries an inline style"
        if language == "ko":
            assert "지표" in text or "신호" in text or "문서" in text or "자료" in text, f"{name} is not in Korean"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_an_empty_district(client: Client, district: object, language: str) -> None:
    for name in ("evidence", "evidence:signals", "evidence:documents", "evidence:open"):
        answer = client.get(reverse(name), headers={"accept-language": language})
        assert answer.status_code == 200
        assert 'class="empty"' in answer.content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_indicator_without_values(client: Client, rate: Indicator, language: str) -> None:
    answer = client.get(reverse("evidence:indicator", args=[RATE.code]), headers={"accept-language": language})
    assert answer.status_code == 200


def test_an_indicators_chart_states_the_finding_and_opens_its_run(client: Client, evidence: Signal) -> None:
    text = client.get(addresses(evidence)["rate"], headers={"accept-language": "en"}).content.decode()
    assert "Seo-gu: 60.0% in December 2026; the target is 80.0%" in text
    run = Observation.objects.exclude(run=None)[0].run_id
    assert reverse("run", args=[run]) in text
    assert "behind target" in text
    assert 'class="plan"' in text, "the target path is drawn"


def test_a_dong_is_held_against_the_districts_target_only_where_that_means_something(
    client: Client, persons: Indicator, evidence: Signal
) -> None:
    """A share can be compared between a dong and the district; a number of persons cannot."""
    counted = indicator_define(SYSTEM, replace(PERSONS, targets=(("2026-01", 400.0), ("2026-12", 40.0))))
    for indicator, judged in ((RATE.code, len(PLACES)), (counted.code, 1)):
        text = client.get(reverse("evidence:indicator", args=[indicator]), headers={"accept-language": "en"})
        body = text.content.decode()
        assert body.count("on target") + body.count("behind target") == judged


@pytest.mark.parametrize(("language", "word"), [("ko", "비공개"), ("en", "withheld")])
def test_small_counts_are_marked_and_stand_nowhere_on_the_page(
    client: Client, persons: Indicator, language: str, word: str
) -> None:
    line(persons, "2026-01", [5046, 3, 604, 2008, 2431])
    text = client.get(reverse("evidence:indicator", args=["health.cases"]), headers={"accept-language": language})
    body = text.content.decode()
    assert body.count(f">{word}<") == 2
    for hidden in ("604", ">3<", ">3\N{NO-BREAK SPACE}"):
        assert hidden not in body
    csv = client.get(reverse("evidence:indicator_csv", args=["health.cases"]))
    rows = [row.split(",") for row in b"".join(csv.streaming_content).decode("utf-8-sig").splitlines()[1:]]  # type: ignore[arg-type]  # bytes
    assert [(row[1], row[4], row[7]) for row in rows] == [
        (DISTRICT, "5046.0", "false"),
        (DONGS[0], "", "true"),
        (DONGS[1], "", "true"),
        (DONGS[2], "2008.0", "false"),
        (DONGS[3], "2431.0", "false"),
    ]


@pytest.mark.parametrize(
    ("frequency", "text", "korean", "english"),
    [
        ("year", "2026", "2026년", "2026"),
        ("quarter", "2026-Q3", "2026년 3분기", "quarter 3 of 2026"),
        ("week", "2026-W46", "2026년 46주", "week 46 of 2026"),
        ("day", "2026-11-23", "2026년 11월 23일", "23 November 2026"),
    ],
)
def test_periods_as_people_say_them(
    client: Client, district: object, frequency: str, text: str, korean: str, english: str
) -> None:
    indicator_define(SYSTEM, replace(RATE, frequency=frequency, targets=()))
    observation_enter(SYSTEM, ObservationDraft(indicator=RATE.code, place=DISTRICT, period=text, value=1.0))
    for language, word in (("ko", korean), ("en", english)):
        answer = client.get(reverse("evidence:indicator", args=[RATE.code]), headers={"accept-language": language})
        assert word in answer.content.decode()


@pytest.mark.parametrize("address", ["/evidence/nowhere/", "/evidence/signals/99/", "/evidence/documents/ff/"])
def test_what_is_not_there_is_not_found(client: Client, district: object, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_page_takes_few_queries_whatever_it_lists(
    client: Client, evidence: Signal, django_assert_max_num_queries: object
) -> None:
    for address in addresses(evidence).values():
        client.get(address)
        with django_assert_max_num_queries(12):  # type: ignore[operator]  # a fixture of pytest-django
            client.get(address)


def test_a_public_page_is_small(client: Client, evidence: Signal) -> None:
    for name, address in addresses(evidence).items():
        assert len(client.get(address).content) < 60_000, name


# Signals.


def test_signals_as_csv(client: Client, evidence: Signal) -> None:
    answer = client.get(reverse("evidence:signals_csv") + "?room=climate")
    body = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[arg-type]  # bytes
    assert body.splitlines()[0].startswith("signal,room,place")
    assert SIGNAL.text_ko in body
    empty = client.get(reverse("evidence:signals_csv") + "?room=care")
    assert len(b"".join(empty.streaming_content).splitlines()) == 1  # type: ignore[arg-type]


def test_an_officer_moves_a_signal_with_a_reason(client: Client, evidence: Signal) -> None:
    as_role(client, Role.DONG_OFFICER, DONGS[0])
    page = reverse("evidence:signal", args=[evidence.pk])
    assert 'name="reason"' in client.get(page).content.decode()
    answer = client.post(f"{page}move/", {"to": "seen", "reason": "We looked into it."})
    assert (answer.status_code, answer.headers["Location"]) == (302, page)
    evidence.refresh_from_db()
    assert evidence.state == SignalState.SEEN
    assert "We looked into it." in client.get(page).content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_move_without_a_reason_keeps_what_was_typed(client: Client, evidence: Signal, language: str) -> None:
    as_role(client, Role.DONG_OFFICER, DONGS[0])
    address = reverse("evidence:signal_move", args=[evidence.pk])
    for reason in ("", "Call 010-1234-5678"):
        answer = client.post(address, {"to": "closed", "reason": reason}, headers={"accept-language": language})
        text = answer.content.decode()
        assert answer.status_code == 422
        assert 'class="error"' in text
        assert '<option value="closed" selected' in text
        assert reason in text
    evidence.refresh_from_db()
    assert evidence.state == SignalState.RAISED


@pytest.mark.parametrize(
    ("role", "place"), [(None, ""), (Role.RESIDENT, DONGS[0]), (Role.DONG_OFFICER, DONGS[1]), (Role.AUDITOR, DISTRICT)]
)
def test_others_see_no_form_and_cannot_move(client: Client, evidence: Signal, role: Role | None, place: str) -> None:
    if role:
        as_role(client, role, place)
    page = reverse("evidence:signal", args=[evidence.pk])
    assert 'name="reason"' not in client.get(page).content.decode()
    assert client.post(f"{page}move/", {"to": "seen", "reason": "I want it so."}).status_code == 404
    evidence.refresh_from_db()
    assert evidence.state == SignalState.RAISED


def test_a_closed_signal_cannot_be_moved(signed_in: Client, evidence: Signal) -> None:
    Signal.objects.filter(pk=evidence.pk).update(state=SignalState.CLOSED)
    address = reverse("evidence:signal_move", args=[evidence.pk])
    assert signed_in.post(address, {"to": "seen", "reason": "Again."}).status_code == 409


# Documents.


def test_a_document_is_sent_to_be_saved_and_never_shown(client: Client, evidence: Signal) -> None:
    document = Document.objects.get()
    answer = client.get(reverse("evidence:document_download", args=[document.sha256]))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content) == b"%PDF-1"  # type: ignore[arg-type]  # bytes
    selectors.document_path(document.sha256).unlink()
    assert client.get(reverse("evidence:document_download", args=[document.sha256])).status_code == 404
    text = client.get(reverse("evidence:document", args=[document.sha256])).content.decode()
    assert 'class="notice tone-late"' in text, "a lost file is said so"


@pytest.mark.parametrize("language", LANGUAGES)
def test_filing_a_document(signed_in: Client, district: object, language: str) -> None:
    address = reverse("evidence:document_new")
    headers = {"accept-language": language}
    assert signed_in.get(address, headers=headers).status_code == 200
    wrong = signed_in.post(
        address, {"title": "Minutes", "file": SimpleUploadedFile("a.exe", b"MZ\x90\x00\xff")}, headers=headers
    )
    assert wrong.status_code == 422
    assert 'value="Minutes"' in wrong.content.decode()
    right = signed_in.post(
        address, {"title": "Minutes", "file": SimpleUploadedFile("a.pdf", b"%PDF-2")}, headers=headers
    )
    assert right.status_code == 302
    assert Document.objects.get().title == "Minutes"


def test_a_visitor_files_nothing(client: Client, district: object) -> None:
    address = reverse("evidence:document_new")
    assert client.get(address).status_code == 404
    file = SimpleUploadedFile("a.pdf", b"%PDF-2")
    assert client.post(address, {"title": "Minutes", "file": file}).status_code == 404
    assert not Document.objects.exists()


# Open data.


def test_files_are_sent_whole_with_their_digest_as_tag(client: Client, evidence: Signal) -> None:
    for publication in selectors.publications_latest():
        address = reverse("evidence:download", args=[publication.dataset, publication.media])
        assert address == f"/open/{publication.dataset}.{publication.media}"
        answer = client.get(address)
        assert answer.streaming
        assert answer.headers["ETag"] == f'"{publication.sha256}"'
        assert len(b"".join(answer.streaming_content)) == publication.size_bytes  # type: ignore[arg-type]  # bytes
        assert client.get(address, headers={"if-none-match": f'"{publication.sha256}"'}).status_code == 304


def test_the_page_names_every_file_with_its_digest(client: Client, evidence: Signal) -> None:
    text = client.get(reverse("evidence:open")).content.decode()
    for publication in selectors.publications_latest():
        assert reverse("evidence:download", args=[publication.dataset, publication.media]) in text
        assert publication.dataset == "dictionary" or publication.sha256 in text
    assert reverse("boundaries") in text


@pytest.mark.parametrize("address", ["/open/persons.csv", "/open/signals.xlsx", "/open/signals.csv"])
def test_files_that_were_not_published(client: Client, district: object, address: str) -> None:
    assert client.get(address).status_code == 404


def test_an_administrator_starts_a_publication(signed_in: Client, district: object) -> None:
    assert reverse("evidence:publish") in signed_in.get(reverse("evidence:open")).content.decode()
    answer = signed_in.post(reverse("evidence:publish"))
    assert answer.headers["Location"] == reverse("job", args=[Job.objects.get().pk])


def test_a_visitor_publishes_nothing(client: Client, district: object) -> None:
    assert reverse("evidence:publish") not in client.get(reverse("evidence:open")).content.decode()
    assert client.post(reverse("evidence:publish")).status_code == 404
    assert not Job.objects.exists()


def test_the_web_loads_neither_solvers_nor_parquet() -> None:
    """They cost a web worker seconds at its start and memory for good."""
    program = (
        "import sys, django\ndjango.setup()\nimport madang.yard.evidence.urls, madang.yard.evidence.api\n"
        "heavy = {'scipy.optimize', 'pyarrow'} & set(sys.modules)\nassert not heavy, heavy\n"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "madang.site.settings"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
