"""The opinion conversation: statements, what people think of them, and the groups that are published."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict, DomainError, NotFound
from madang.rooms.autonomy.bridge import opinion_inputs, voter_digest
from madang.rooms.autonomy.engine.opinion_view import opinion_published
from madang.rooms.autonomy.engine.phases import Deed
from madang.rooms.autonomy.models import MAX_STATEMENT, Assembly, Opinion, OpinionView, Statement, StatementVote
from madang.rooms.autonomy.services.arguments import HideDraft, words_hidden
from madang.rooms.autonomy.services.assembly import assembly_unknown, open_required, speaker_required
from madang.rooms.autonomy.services.moves import public_text
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.services import Computation, hold, record, run_perform
from madang.yard.people.models import Person

SEED = 20_260_101
MAX_STATEMENTS = 10
"""How many statements a resident may make in one assembly."""
_BATCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementDraft:
    """A statement as it comes in; `author` is the system's alone."""

    assembly: int
    text: str
    author: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionDraft:
    """What somebody thinks of a statement (an `Opinion`); `voter` is the system's alone."""

    statement: int
    value: int
    voter: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionsDraft:
    """The opinions of a sample's residents: person, statement and value of each."""

    assembly: int
    votes: Sequence[tuple[UUID, int, int]]


@transaction.atomic
def statement_make(actor: Actor, draft: StatementDraft) -> Statement:
    """Add a short sentence that others can agree with or not; one's own sentence sent again returns the first one.

    Raises
    ------
    NotFound
        If there is no such assembly.
    Conflict
        If the calendar allows no statements now, somebody else has said the same, or the resident has said enough.
    DomainError
        If the text is not acceptable.
    """
    assembly = _assembly(draft.assembly)
    author = speaker_required(actor, Action.STATEMENT_MAKE, assembly, draft.author)
    text = " ".join(draft.text.split())
    text = public_text(text, field="text", most=MAX_STATEMENT, missing=_("Write one short sentence."))
    hold()
    first = Statement.objects.filter(assembly=assembly, text=text).first()
    if first is not None and first.author_id == author.pk:
        return first
    open_required(assembly, Deed.STATE)
    if first is not None:
        message = _("Somebody has said exactly this already. Say what you think of it below.")
        raise Conflict("statement_there", message, {"statement": first.pk}, field="text")
    if Statement.objects.filter(assembly=assembly, author=author).count() >= MAX_STATEMENTS:
        message = _("You have made %(count)d statements. Leave room for your neighbours' sentences.")
        raise Conflict("too_many", message % {"count": MAX_STATEMENTS}, field="text")
    statement = Statement.objects.create(assembly=assembly, text=text, author=author)
    record(actor, Action.STATEMENT_MAKE, target=statement, detail={"assembly": assembly.pk})
    return statement


@transaction.atomic
def statement_hide(actor: Actor, draft: HideDraft) -> Statement:
    """Hide a statement that breaks the rules; it no longer counts, and the reason stands in its place.

    Raises
    ------
    NotFound, Conflict, DomainError
        If there is no such statement, it is hidden already, or the reason is not acceptable.
    """
    hold()
    statement = Statement.objects.select_for_update().filter(pk=draft.words).first()
    if statement is None:
        raise statement_unknown()
    require(actor, Action.WORDS_HIDE, place=statement.assembly.dong_id)
    words_hidden(statement, draft.reason)
    record(actor, Action.WORDS_HIDE, target=statement, detail={"assembly": statement.assembly_id})
    return statement


@transaction.atomic
def opinion_give(actor: Actor, draft: OpinionDraft) -> None:
    """Say what one thinks of a statement; said again, the last word counts.

    Raises
    ------
    NotFound
        If there is no such statement, or it is hidden.
    Conflict
        If the calendar takes no opinions now.
    DomainError
        If the value is none of the three.

    Notes
    -----
    The log says that a resident of the dong gave an opinion in this assembly, and neither who nor on what: laid beside
    the opinions it would otherwise tell, by the order in which both were written, whose they are.
    """
    statement = Statement.objects.select_related("assembly").filter(pk=draft.statement, hidden_at=None).first()
    if statement is None:
        raise statement_unknown()
    assembly = statement.assembly
    person = speaker_required(actor, Action.OPINION_GIVE, assembly, draft.voter)
    if draft.value not in Opinion.values:
        raise DomainError("opinion_unknown", _("Choose one of the three answers."), field="value")
    hold()
    open_required(assembly, Deed.OPINE)
    voter = voter_digest(assembly.pk, person.pk)
    StatementVote.objects.update_or_create(statement=statement, voter=voter, defaults={"value": draft.value})
    nobody = Actor(role=actor.role, place=assembly.dong_id)
    record(nobody, Action.OPINION_GIVE, target=assembly)


@transaction.atomic
def opinions_load(actor: Actor, draft: OpinionsDraft) -> int:
    """Enter the opinions of a sample's residents at once, whatever the calendar says; return how many.

    Raises
    ------
    NotFound
        If there is no such assembly.
    Conflict
        If the district is real.
    DomainError
        If a person, statement or value is not one of this assembly.
    """
    require(actor, Action.SAMPLE_LOAD)
    hold()
    assembly = Assembly.objects.select_related("dong__district").filter(pk=draft.assembly).first()
    if assembly is None:
        raise assembly_unknown()
    if not assembly.dong.district.is_sample:
        raise Conflict("district_real", _("Invented opinions are not mixed with real ones."))
    last = {(person, statement): value for person, statement, value in draft.votes}
    statements = set(Statement.objects.filter(assembly=assembly).values_list("pk", flat=True))
    wanted = {person for person, _statement in last}
    known = set(Person.objects.filter(pk__in=wanted, dong__code=assembly.dong_id).values_list("pk", flat=True))
    if wanted - known or {s for _p, s in last} - statements or set(last.values()) - set(Opinion.values):
        message = _("Every opinion needs a resident and a statement of this assembly, and one of the three answers.")
        raise DomainError("opinions_not_valid", message, field="votes")
    digests = {person: voter_digest(assembly.pk, person) for person in wanted}
    StatementVote.objects.filter(statement__assembly=assembly, voter__in=digests.values()).delete()
    rows = [StatementVote(statement_id=s, voter=digests[p], value=value) for (p, s), value in last.items()]
    StatementVote.objects.bulk_create(rows, batch_size=_BATCH)
    record(actor, Action.SAMPLE_LOAD, target=assembly, detail={"opinions": len(rows)})
    return len(rows)


def opinions_refresh(actor: Actor, assembly_id: int) -> OpinionView:
    """Compute the groups of a conversation anew and publish what of them may be published.

    Raises
    ------
    NotFound
        If there is no such assembly.

    Notes
    -----
    Opinions are personal: the run keeps neither them nor the whole result, only digests under the installation's key.
    What is published says nothing about anybody alone, by the rules of `engine.opinion_view`.
    """
    assembly = _assembly(assembly_id)
    require(actor, Action.WORDS_HIDE, place=assembly.dong_id)
    # Loading the arrays' libraries takes a while: only the worker, never a page, comes here.
    from madang.rooms.autonomy.engine.opinion import ENGINE, VERSION, opinion_json

    inputs: dict[str, Any] = opinion_inputs(assembly.pk)
    before = OpinionView.objects.filter(assembly=assembly).first()
    if before is not None and before.state:
        inputs["previous"] = before.state
    computation = Computation(engine=ENGINE, version=VERSION, inputs=inputs, seed=SEED, keep=False)
    run, result = run_perform(actor, computation, opinion_json)
    with transaction.atomic():
        OpinionView.objects.filter(assembly=assembly).exclude(state={}).update(state={})
        return OpinionView.objects.create(
            assembly=assembly,
            run=run,
            result=opinion_published(result),
            state=result["state"],
            participants=result["participants"],
            votes=result["votes"],
        )


def statement_unknown() -> NotFound:
    """Return the error for a statement that is not there."""
    return NotFound("statement_unknown", _("There is no such statement."))


def _assembly(assembly_id: int) -> Assembly:
    assembly = Assembly.objects.filter(pk=assembly_id).first()
    if assembly is None:
        raise assembly_unknown()
    return assembly
