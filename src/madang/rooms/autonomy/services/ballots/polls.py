"""Preparing a vote and fixing it: the rule, the projects, the trustees and the keys."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.numerics.errors import Conflict, DomainError, EngineInputError, PermissionDenied
from madang.rooms.autonomy.engine.ballots.box import FORMAT, VERSION, header_keys_hold, header_read
from madang.rooms.autonomy.engine.ballots.choice import BallotRules, pad_of
from madang.rooms.autonomy.engine.ballots.encoding import b64, canonical, unb64
from madang.rooms.autonomy.engine.ballots.seal import (
    POINT_BYTES,
    public_key,
    public_point,
    scalar_bytes,
    scalar_drawn,
    sealed,
)
from madang.rooms.autonomy.engine.ballots.shares import deal
from madang.rooms.autonomy.engine.ballots.tokens import EXPONENT, KEY_BITS, PrivateKey, PublicKey
from madang.rooms.autonomy.engine.ballots.turns import TURNS
from madang.rooms.autonomy.engine.manifest import Manifest
from madang.rooms.autonomy.engine.phases import Deed
from madang.rooms.autonomy.engine.proposals import ProposalState
from madang.rooms.autonomy.models import Assembly, Poll, PollProject, PollState, Proposal, Trustee
from madang.rooms.autonomy.services.assembly import assembly_locked, open_required
from madang.rooms.autonomy.services.ballots.codes import BallotCode, poll_locked, state_required
from madang.yard.audit.authority import Action, Actor, Role, require
from madang.yard.audit.services import hold, record

MAX_TRUSTEES = 30
BATCHES = (1, 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollDraft:
    """A vote as it is prepared.

    Attributes
    ----------
    assembly : int
        Key of the assembly.
    manifest : mapping
        The rule in JSON, with the limits of a ballot under `ballot` and who may vote under `eligibility`.
    threshold : int
        How many trustees open the ballots together.
    batch : int
        How many ballots wait for one another before they enter the box.
    """

    assembly: int
    manifest: Mapping[str, Any]
    threshold: int = 2
    batch: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class TrusteeDraft:
    """A council member's public keys.

    Attributes
    ----------
    poll : str
        Code of the poll.
    sign, box : str
        Uncompressed points of P-256 in base64url: of the signing key, and of the key to which the share is sealed.
    name : str
        What the page calls the trustee.
    """

    poll: str
    sign: str
    box: str
    name: str = ""


@transaction.atomic
def poll_prepare(actor: Actor, draft: PollDraft) -> Poll:
    """Prepare the vote of an assembly on the proposals that were admitted, or prepare it anew while it is a draft.

    Raises
    ------
    NotFound
        If there is no such assembly.
    DomainError
        If the manifest or a number is not acceptable, or nothing was admitted to the vote.
    Conflict
        If its time has not come, or the vote is fixed already.
    """
    hold()
    assembly = assembly_locked(draft.assembly)
    require(actor, Action.POLL_PREPARE, place=assembly.dong_id)
    open_required(assembly, Deed.PREPARE_POLL)
    manifest = _manifest(draft.manifest, assembly)
    if not 1 <= draft.threshold <= MAX_TRUSTEES or not BATCHES[0] <= draft.batch <= BATCHES[1]:
        message = _("The threshold must lie between 1 and 30, and the batch between 1 and 1,000.")
        raise DomainError(BallotCode.NUMBERS_NOT_VALID, message, field="threshold")
    admitted = _admitted(assembly)
    if not admitted:
        raise DomainError(BallotCode.NO_PROJECTS, _("No proposal was admitted to the vote yet."), field="projects")
    _check_rules(manifest, admitted)
    poll = Poll.objects.filter(assembly=assembly).first()
    if poll is None:
        poll = Poll(assembly=assembly, code=f"{assembly.dong_id}-{assembly.year}-{assembly.pk}")
    state_required(poll, PollState.DRAFT)
    poll.manifest, poll.manifest_hash = manifest.to_json(), manifest.hash
    poll.threshold, poll.batch = draft.threshold, draft.batch
    poll.save()
    poll.projects.all().delete()
    PollProject.objects.bulk_create(_project(poll, proposal) for proposal in admitted)
    detail = {"manifest": poll.manifest_hash, "projects": len(admitted), "threshold": poll.threshold}
    record(actor, Action.POLL_PREPARE, target=poll, detail=detail)
    return poll


@transaction.atomic
def trustee_register(actor: Actor, draft: TrusteeDraft) -> Trustee:
    """Register a council member's public keys for a vote that is being prepared; later ones replace the first.

    Raises
    ------
    NotFound
        If there is no such poll.
    DomainError
        If a key is not one.
    Conflict
        If the vote is fixed already, or somebody else has registered this key.
    """
    hold()
    poll = poll_locked(draft.poll)
    require(actor, Action.TRUSTEE_SIGN, place=poll.assembly.dong_id)
    state_required(poll, PollState.DRAFT)
    for name in ("sign", "box"):
        _check_point(getattr(draft, name), name)
    if draft.sign == draft.box:
        raise DomainError(BallotCode.KEY_NOT_VALID, _("The two keys must differ."), field="box")
    user = actor.user or ""
    if not user and actor.role is not Role.SYSTEM:
        raise PermissionDenied(BallotCode.NOT_A_TRUSTEE, _("Sign in to register your keys."))
    trustee = Trustee.objects.filter(poll=poll, user=user).first() if user else None
    if trustee is None:
        number = (Trustee.objects.filter(poll=poll).aggregate(last=Max("number"))["last"] or 0) + 1
        trustee = Trustee(poll=poll, user=user, number=number)
    if Trustee.objects.filter(poll=poll, sign_public=draft.sign).exclude(pk=trustee.pk).exists():
        raise Conflict(BallotCode.KEY_NOT_VALID, _("Somebody else has registered this key."), field="sign")
    if trustee.number > MAX_TRUSTEES:
        raise Conflict(BallotCode.NUMBERS_NOT_VALID, _("There are thirty trustees already."))
    trustee.name, trustee.sign_public, trustee.box_public = draft.name.strip()[:60], draft.sign, draft.box
    trustee.save()
    record(actor, Action.TRUSTEE_SIGN, target=trustee, detail={"poll": poll.code, "number": trustee.number})
    return trustee


@transaction.atomic
def poll_freeze(actor: Actor, code: str) -> Poll:
    """Fix a vote: draw its keys, deal the shares to the trustees, publish the header. Nothing of it changes afterwards.

    Raises
    ------
    NotFound
        If there is no such poll.
    Conflict
        If its time is not now, it is fixed already, trustees are missing, or a proposal has changed since it was
        prepared.

    Notes
    -----
    The key to the ballots exists in this function and nowhere else: its shares leave sealed to each trustee's own key.
    """
    hold()
    poll = poll_locked(code)
    require(actor, Action.POLL_PREPARE, place=poll.assembly.dong_id)
    open_required(poll.assembly, Deed.PREPARE_POLL)
    state_required(poll, PollState.DRAFT)
    trustees = _numbered(poll)
    if len(trustees) < poll.threshold:
        message = _("%(threshold)d council members must have registered their keys; %(have)d have.")
        data = {"threshold": poll.threshold, "have": len(trustees)}
        raise Conflict(BallotCode.TRUSTEES_MISSING, message % data, data)
    _check_unchanged(poll)
    token = _token_key()
    scalar = scalar_drawn(secrets.token_bytes)
    shares = deal(scalar, poll.threshold, len(trustees), secrets.token_bytes)
    for trustee, share in zip(trustees, shares, strict=True):
        closed = sealed(
            scalar_bytes(share),
            unb64(trustee.box_public),
            poll=poll.code,
            associated=f"share:{trustee.number}".encode(),
            random_bytes=secrets.token_bytes,
        )
        trustee.sealed_share = b64(closed)
        trustee.save(update_fields=["sealed_share"])
    keys = {
        "token": token.public.as_json(),
        "seal": b64(public_point(scalar)),
        "share_publics": [b64(public_point(share)) for share in shares],
        "threshold": poll.threshold,
        "trustees": [{"number": row.number, "sign": row.sign_public, "box": row.box_public} for row in trustees],
    }
    header = _header(poll, keys)
    if not header_keys_hold(header_read(header)):
        raise AssertionError("the shares that were dealt do not belong to the key")
    poll.header = canonical(header).decode()
    poll.token_secret = json.dumps(token.as_json())
    poll.state, poll.frozen_at = PollState.FROZEN.value, timezone.now()
    poll.save()
    detail = {"manifest": poll.manifest_hash, "header": header_read(header).genesis, "trustees": len(trustees)}
    record(actor, Action.POLL_PREPARE, target=poll, detail=detail)
    return poll


def _manifest(value: Mapping[str, Any], assembly: Assembly) -> Manifest:
    try:
        manifest = Manifest.from_json(json.loads(json.dumps(dict(value))))
    except (EngineInputError, TypeError, ValueError) as error:
        data = error.data if isinstance(error, EngineInputError) else {}
        message = _("The rule cannot be accepted: %(error)s") % {"error": error}
        raise DomainError(BallotCode.MANIFEST_NOT_VALID, message, data, field="manifest") from error
    least = manifest.eligibility.get("min_age", 0)
    if type(least) is not int or not 0 <= least <= 130:
        message = _("The least age of a voter is a whole number of years.")
        raise DomainError(BallotCode.MANIFEST_NOT_VALID, message, field="manifest")
    if manifest.budget is not None and manifest.budget != assembly.budget_won:
        message = _("The rule states another budget than the assembly.")
        raise DomainError(BallotCode.BUDGET_DIFFERS, message, field="manifest")
    return manifest


def _check_rules(manifest: Manifest, admitted: list[Proposal]) -> None:
    rows = [{"id": proposal.code, "cost": proposal.cost_won} for proposal in admitted]
    try:
        BallotRules.of(manifest.to_json(), rows)
    except EngineInputError as error:
        message = _("The rule does not fit the proposals: %(error)s") % {"error": error}
        raise DomainError(BallotCode.MANIFEST_NOT_VALID, message, error.data, field="manifest") from error


def _admitted(assembly: Assembly) -> list[Proposal]:
    rows = Proposal.objects.filter(assembly=assembly, state=ProposalState.ADMITTED.value)
    return sorted(rows, key=lambda proposal: proposal.code)


def _project(poll: Poll, proposal: Proposal) -> PollProject:
    return PollProject(
        poll=poll,
        proposal=proposal,
        code=proposal.code,
        name=proposal.title,
        cost_won=proposal.cost_won or 0,
        category=proposal.category,
    )


def _check_unchanged(poll: Poll) -> None:
    def described(row: PollProject) -> tuple[object, ...]:
        return row.proposal_id, row.code, row.name, row.cost_won, row.category

    now = [described(_project(poll, proposal)) for proposal in _admitted(poll.assembly)]
    if now != [described(row) for row in poll.projects.order_by("code")]:
        message = _("A proposal has changed since the vote was prepared. Prepare it again, then fix it.")
        raise Conflict(BallotCode.PROJECTS_CHANGED, message)


def _numbered(poll: Poll) -> list[Trustee]:
    trustees = list(Trustee.objects.filter(poll=poll).order_by("number"))
    for number, trustee in enumerate(trustees, 1):
        if trustee.number != number:
            trustee.number = number
            trustee.save(update_fields=["number"])
    return trustees


def _check_point(text: str, name: str) -> None:
    try:
        public_key(unb64(text, POINT_BYTES))
    except EngineInputError as error:
        message = _("This is no public key of the curve P-256 in base64url.")
        raise DomainError(BallotCode.KEY_NOT_VALID, message, field=name) from error


def _token_key() -> PrivateKey:
    numbers = rsa.generate_private_key(public_exponent=EXPONENT, key_size=KEY_BITS).private_numbers()
    return PrivateKey(public=PublicKey(n=numbers.public_numbers.n), p=numbers.p, q=numbers.q)


def _header(poll: Poll, keys: dict[str, Any]) -> dict[str, Any]:
    projects = [
        {"id": row.code, "name": row.name, "cost": row.cost_won, "category": row.category}
        for row in poll.projects.order_by("code")
    ]
    return {
        "format": FORMAT,
        "version": VERSION,
        "poll": poll.code,
        "title": poll.assembly.title,
        "manifest": poll.manifest,
        "manifest_hash": poll.manifest_hash,
        "budget": poll.assembly.budget_won,
        "projects": projects,
        "keys": keys,
        "pad": pad_of(BallotRules.of(poll.manifest, projects)),
        "turns": TURNS,
        "batch": poll.batch,
    }
