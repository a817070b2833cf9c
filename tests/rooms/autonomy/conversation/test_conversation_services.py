"""The conversation: sentences, opinions that are nobody's to read, and groups that hide everybody in them."""

import random
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from tests.rooms.autonomy.conftest import Hall, Resident

from madang.numerics.errors import Conflict, DomainError, NotFound, PermissionDenied
from madang.rooms.autonomy.engine.phases import OPENS, Deed, Phase
from madang.rooms.autonomy.models import Opinion, OpinionView, Statement, StatementVote
from madang.rooms.autonomy.services import (
    HideDraft,
    OpinionDraft,
    OpinionsDraft,
    StatementDraft,
    opinion_give,
    opinions_load,
    opinions_refresh,
    statement_hide,
    statement_make,
)
from madang.yard.audit.authority import SYSTEM, Role
from madang.yard.audit.models import Record, Run
from madang.yard.people.models import Person
from madang.yard.places.models import District

pytestmark = pytest.mark.django_db
SPEAKERS = {Role.RESIDENT, Role.COUNCIL_MEMBER, Role.SYSTEM}
HIDERS = {Role.DONG_OFFICER, Role.ADMINISTRATOR, Role.COUNCIL_MEMBER, Role.SYSTEM}


@pytest.fixture
def talk(hall: Hall) -> Hall:
    hall.turn_to(Phase.DISCUSS)
    return hall


def said(hall: Hall, by: Resident, text: str = "밤길이 밝아지면 좋겠습니다.") -> Statement:
    return statement_make(by.actor, StatementDraft(assembly=hall.assembly.pk, text=text))


def neighbours(hall: Hall, count: int) -> list[UUID]:
    people = [Person(id=uuid4(), dong=hall.seo_gu.dong, name="이웃", is_sample=True) for _ in range(count)]
    return [person.pk for person in Person.objects.bulk_create(people)]


def two_camps(hall: Hall, sizes: tuple[int, int], statements: int = 10) -> None:
    """Let two camps disagree on all but the first statement."""
    District.objects.update(is_sample=True, sample_seed=1, sample_scale=1.0)
    author = neighbours(hall, 1)[0]
    made = Statement.objects.bulk_create(
        Statement(assembly=hall.assembly, text=f"문장 {number}", author_id=author) for number in range(statements)
    )
    draw = random.Random(7)  # noqa: S311  # invented votes
    votes: list[tuple[UUID, int, int]] = []
    for camp, size in zip((1, -1), sizes, strict=True):
        for person in neighbours(hall, size):
            votes.append((person, made[0].pk, 1))
            votes += [(person, each.pk, camp if draw.random() < 0.9 else 0) for each in made[1:]]
    opinions_load(SYSTEM, OpinionsDraft(assembly=hall.assembly.pk, votes=votes))


def test_a_sentence_stands_once(talk: Hall) -> None:
    author = talk.resident()
    first = said(talk, author, "  밤길이   밝아지면 좋겠습니다. ")
    assert first.text == "밤길이 밝아지면 좋겠습니다."
    assert said(talk, author) == first
    with pytest.raises(Conflict) as refusal:
        said(talk, talk.resident())
    assert (refusal.value.code, refusal.value.data["statement"]) == ("statement_there", first.pk)


@pytest.mark.parametrize(
    ("text", "code"),
    [(" ", "text_missing"), ("가" * 141, "text_too_long"), ("전화 062-123-4567", "personal_data")],
)
def test_what_a_sentence_cannot_be(talk: Hall, text: str, code: str) -> None:
    with pytest.raises(DomainError) as refusal:
        said(talk, talk.resident(), text)
    assert refusal.value.code == code


def test_one_leaves_room_for_the_others(talk: Hall) -> None:
    author = talk.resident()
    for number in range(10):
        said(talk, author, f"문장 {number}")
    with pytest.raises(Conflict) as refusal:
        said(talk, author, "하나 더")
    assert refusal.value.code == "too_many"


@pytest.mark.parametrize("role", Role)
def test_who_may_speak_and_who_may_hide(talk: Hall, role: Role) -> None:
    person = talk.resident().person
    statement = said(talk, talk.resident())
    stand_in = person.pk if role is Role.SYSTEM else None
    if role in SPEAKERS:
        actor = SYSTEM if role is Role.SYSTEM else talk.resident(role).actor
        assert statement_make(actor, StatementDraft(assembly=talk.assembly.pk, text="또 다른 말", author=stand_in))
        opinion_give(actor, OpinionDraft(statement=statement.pk, value=1, voter=stand_in))
    else:
        actor = talk.seo_gu.actor(role)
        with pytest.raises(PermissionDenied):
            statement_make(actor, StatementDraft(assembly=talk.assembly.pk, text="또 다른 말"))
        with pytest.raises(PermissionDenied):
            opinion_give(actor, OpinionDraft(statement=statement.pk, value=1))
    if role in HIDERS:
        assert statement_hide(actor, HideDraft(words=statement.pk, reason="헐뜯는 말입니다.")).hidden_at
    else:
        with pytest.raises(PermissionDenied):
            statement_hide(actor, HideDraft(words=statement.pk, reason="r"))


@pytest.mark.parametrize("phase", Phase)
def test_the_conversation_has_its_time(talk: Hall, phase: Phase) -> None:
    author = talk.resident()
    statement = said(talk, author)
    talk.turn_to(phase)
    for deed, act in (
        (Deed.STATE, lambda: said(talk, author, "다른 말")),
        (Deed.OPINE, lambda: opinion_give(author.actor, OpinionDraft(statement=statement.pk, value=1))),
    ):
        if deed in OPENS[phase]:
            act()
        else:
            with pytest.raises(Conflict):
                act()


def test_the_last_word_counts(talk: Hall) -> None:
    author = talk.resident()
    statement = said(talk, author)
    for value in Opinion.values:
        opinion_give(author.actor, OpinionDraft(statement=statement.pk, value=value))
    assert list(StatementVote.objects.values_list("value", flat=True)) == [Opinion.values[-1]]
    with pytest.raises(DomainError):
        opinion_give(author.actor, OpinionDraft(statement=statement.pk, value=2))
    with pytest.raises(NotFound):
        opinion_give(author.actor, OpinionDraft(statement=0, value=1))
    statement_hide(talk.seo_gu.officer, HideDraft(words=statement.pk, reason="헐뜯는 말입니다."))
    with pytest.raises(NotFound):
        opinion_give(author.actor, OpinionDraft(statement=statement.pk, value=1))


def test_an_opinion_leads_to_nobody(talk: Hall) -> None:
    author = talk.resident()
    statement = said(talk, author)
    opinion_give(author.actor, OpinionDraft(statement=statement.pk, value=1))
    vote = StatementVote.objects.get()
    entry = Record.objects.get(action="opinion.give")
    assert (entry.user, entry.detail, entry.target) == ("", {}, f"autonomy.assembly:{talk.assembly.pk}")
    everything = f"{vote.id} {vote.voter}"
    for known in (author.person.pk, author.person.pk.hex, author.user.pk, author.user.pk.hex, author.user.username):
        assert str(known) not in everything
    assert {field.name for field in StatementVote._meta.fields} == {"id", "statement", "voter", "value"}


def test_another_assembly_knows_nobody_again(talk: Hall) -> None:
    from madang.rooms.autonomy.bridge import voter_digest

    person = uuid4()
    assert voter_digest(1, person) == voter_digest(1, person)
    assert len({voter_digest(1, person), voter_digest(2, person), voter_digest(1, uuid4())}) == 3


def test_the_groups_are_found_and_nothing_of_the_votes_is_kept(talk: Hall) -> None:
    two_camps(talk, (14, 11))
    view = opinions_refresh(SYSTEM, talk.assembly.pk)
    run = Run.objects.get(pk=view.run_id)
    assert (run.inputs, run.result) == (None, None)
    assert (view.participants, view.votes) == (25, 250)
    shown = view.result
    assert shown["groups_shown"]
    assert sorted(group["size"] for group in shown["groups"]) == [11, 14]
    first = Statement.objects.order_by("pk").first()
    assert first is not None
    assert shown["bridging"][0]["statement"] == first.pk
    assert first.pk not in [row["statement"] for row in shown["dividing"]]
    assert len(shown["dividing"]) == 5
    voters = set(StatementVote.objects.values_list("voter", flat=True))
    assert not any(voter in str(shown) for voter in voters)


def test_names_stay_when_the_groups_are_computed_again(talk: Hall) -> None:
    two_camps(talk, (14, 11))
    first, second = (opinions_refresh(SYSTEM, talk.assembly.pk) for _ in range(2))
    assert [group["size"] for group in first.result["groups"]] == [group["size"] for group in second.result["groups"]]
    first.refresh_from_db()
    assert first.state == {}
    assert second.state["groups"]


def test_a_group_that_is_too_small_keeps_all_groups_back(talk: Hall) -> None:
    two_camps(talk, (20, 3))
    shown = opinions_refresh(SYSTEM, talk.assembly.pk).result
    assert (shown["groups_shown"], shown["why_not"], shown["groups"]) == (False, "small_group", [])
    assert all(row["groups"] == [] for row in shown["statements"])


def test_few_people_are_not_grouped(talk: Hall) -> None:
    two_camps(talk, (2, 2))
    shown = opinions_refresh(SYSTEM, talk.assembly.pk).result
    assert shown["why_not"] == "few"
    assert all(row["agree"] is None for row in shown["statements"])


def test_a_hidden_statement_does_not_count(talk: Hall) -> None:
    two_camps(talk, (14, 11))
    hidden = Statement.objects.order_by("pk")[3]
    statement_hide(talk.seo_gu.officer, HideDraft(words=hidden.pk, reason="헐뜯는 말입니다."))
    shown = opinions_refresh(SYSTEM, talk.assembly.pk).result
    assert hidden.pk not in [row["id"] for row in shown["statements"]]


def test_a_conversation_without_a_word_has_no_groups(talk: Hall) -> None:
    assert opinions_refresh(talk.seo_gu.officer, talk.assembly.pk).result["why_not"] == "few"
    with pytest.raises(PermissionDenied):
        opinions_refresh(talk.resident().actor, talk.assembly.pk)
    with pytest.raises(NotFound):
        opinions_refresh(SYSTEM, 0)
    assert OpinionView.objects.count() == 1


def test_invented_opinions_are_of_this_assembly_and_of_a_sample(talk: Hall) -> None:
    statement = said(talk, talk.resident())
    person, stranger = neighbours(talk, 1)[0], uuid4()
    draft = OpinionsDraft(assembly=talk.assembly.pk, votes=[(person, statement.pk, 1), (person, statement.pk, -1)])
    with pytest.raises(Conflict) as refusal:
        opinions_load(SYSTEM, draft)
    assert refusal.value.code == "district_real"
    District.objects.update(is_sample=True, sample_seed=1, sample_scale=1.0)
    with pytest.raises(PermissionDenied):
        opinions_load(talk.seo_gu.administrator, draft)
    for votes in ([(stranger, statement.pk, 1)], [(person, 0, 1)], [(person, statement.pk, 5)]):
        with pytest.raises(DomainError):
            opinions_load(SYSTEM, OpinionsDraft(assembly=talk.assembly.pk, votes=votes))
    for _ in range(2):
        assert opinions_load(SYSTEM, draft) == 1
    assert StatementVote.objects.get().value == -1


def test_the_database_keeps_one_opinion_a_voter_and_statement(talk: Hall) -> None:
    author = talk.resident()
    statement = said(talk, author)
    opinion_give(author.actor, OpinionDraft(statement=statement.pk, value=1))
    vote = StatementVote.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        StatementVote.objects.create(statement=statement, voter=vote.voter, value=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        StatementVote.objects.update(value=3)
    with pytest.raises(IntegrityError), transaction.atomic():
        Statement.objects.filter(pk=statement.pk).update(hidden_reason="까닭")
