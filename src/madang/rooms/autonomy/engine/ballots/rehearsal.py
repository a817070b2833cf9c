"""A whole vote without people: the box of a poll in which voters, council and office are played by one program.

For tests, benchmarks, samples and whoever writes a verifier of their own. Nothing here is used in a real vote.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from madang.numerics.digests import sha256_hex
from madang.rooms.autonomy.engine.ballots.box import (
    FORMAT,
    VERSION,
    Header,
    Voting,
    ballot_body,
    close_body,
    head_message,
    header_read,
    link,
    paper_body,
)
from madang.rooms.autonomy.engine.ballots.choice import NONCE_BYTES, BallotRules, commitment, pad_of, plaintext
from madang.rooms.autonomy.engine.ballots.encoding import RandomBytes, b64, canonical
from madang.rooms.autonomy.engine.ballots.seal import public_point, scalar_bytes, scalar_drawn, sealed, signed
from madang.rooms.autonomy.engine.ballots.shares import deal
from madang.rooms.autonomy.engine.ballots.tokens import (
    PREFIX_BYTES,
    SALT_BYTES,
    PrivateKey,
    blind,
    blind_sign,
    finalize,
    prepared,
)
from madang.rooms.autonomy.engine.ballots.turns import TURNS, turn_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a rehearsal is about.

    Attributes
    ----------
    poll, title : str
        Id and title of the poll.
    manifest : mapping
        The rule, with the limits of a ballot under `ballot`.
    budget : int
        What may be spent [won].
    projects : sequence of mapping
        Each with id, name and cost.
    trustees, threshold : int
        How many hold a share, and how many open.
    token_key : PrivateKey
        The office's key for tokens.
    random_bytes : callable
        A seeded generator's `bytes` makes the same box again.
    """

    poll: str
    title: str
    manifest: Mapping[str, Any]
    budget: int
    projects: Sequence[Mapping[str, Any]]
    trustees: int = 3
    threshold: int = 2
    token_key: PrivateKey
    random_bytes: RandomBytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """A poll whose every secret is known.

    Attributes
    ----------
    header : Header
        As published.
    seal_scalar : int
        Opens the ballots.
    shares, sign_scalars, box_scalars : tuple of int
        By trustee.
    stage : Stage
        What it was made of.
    """

    header: Header
    seal_scalar: int = field(repr=False)
    shares: tuple[int, ...] = field(repr=False)
    sign_scalars: tuple[int, ...] = field(repr=False)
    box_scalars: tuple[int, ...] = field(repr=False)
    stage: Stage = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """One ballot of a rehearsal.

    Attributes
    ----------
    voter : int
        Who votes; the same number again votes another time.
    choice : mapping
        What they choose.
    sheet : str
        Number of the paper sheet; empty for a phone.
    """

    voter: int
    choice: Mapping[str, Any]
    sheet: str = ""


def rehearse(stage: Stage) -> Rehearsal:
    """Return a poll with all its keys drawn."""
    draw = stage.random_bytes
    seal_scalar = scalar_drawn(draw)
    shares = deal(seal_scalar, stage.threshold, stage.trustees, draw)
    signs = tuple(scalar_drawn(draw) for _ in range(stage.trustees))
    boxes = tuple(scalar_drawn(draw) for _ in range(stage.trustees))
    manifest = dict(stage.manifest)
    projects = [dict(row) for row in stage.projects]
    value = {
        "format": FORMAT,
        "version": VERSION,
        "poll": stage.poll,
        "title": stage.title,
        "manifest": manifest,
        "manifest_hash": sha256_hex(canonical(manifest)),
        "budget": stage.budget,
        "projects": projects,
        "keys": {
            "token": stage.token_key.public.as_json(),
            "seal": b64(public_point(seal_scalar)),
            "share_publics": [b64(public_point(share)) for share in shares],
            "threshold": stage.threshold,
            "trustees": [
                {"number": number, "sign": b64(public_point(sign)), "box": b64(public_point(box))}
                for number, (sign, box) in enumerate(zip(signs, boxes, strict=True), 1)
            ],
        },
        "pad": pad_of(BallotRules.of(manifest, projects)),
        "turns": TURNS,
        "batch": 50,
    }
    return Rehearsal(
        header=header_read(value),
        seal_scalar=seal_scalar,
        shares=tuple(shares),
        sign_scalars=signs,
        box_scalars=boxes,
        stage=stage,
    )


def token_taken(poll: Rehearsal, secret: bytes) -> tuple[bytes, bytes]:
    """Return prefix and signature of a token for a voter's secret: blinded, signed and unblinded as in earnest."""
    draw, public = poll.stage.random_bytes, poll.header.token
    prefix = draw(PREFIX_BYTES)
    message = prepared(prefix, turn_key(secret, 0, poll.header.turns))
    # A factor of one blinds nothing: there is no one to hide from, and ballots are made by the hundred thousand.
    blinded, inverse = blind(public, message, draw(SALT_BYTES), 1)
    return prefix, finalize(public, message, blind_sign(poll.stage.token_key, blinded, draw), inverse)


def ballots_made(poll: Rehearsal, plays: Sequence[Play]) -> Iterator[tuple[dict[str, Any], bytes, dict[str, Any]]]:
    """Yield body, sealed choice and opening of each ballot, in the order given."""
    draw, header = poll.stage.random_bytes, poll.header
    tokens: dict[int, tuple[bytes, bytes, bytes]] = {}
    turns: dict[int, int] = {}
    for play in plays:
        nonce = draw(NONCE_BYTES)
        choice = dict(play.choice)
        text, committed = plaintext(choice, nonce, header.pad), commitment(choice, nonce)
        opening = {"choice": choice, "nonce": b64(nonce)}
        if play.sheet:
            closed = sealed(text, header.seal, poll=header.poll, associated=play.sheet.encode(), random_bytes=draw)
            yield paper_body(play.sheet, committed, closed), closed, opening
            continue
        if play.voter not in tokens:
            secret = draw(32)
            tokens[play.voter] = (secret, *token_taken(poll, secret))
        secret, prefix, signature = tokens[play.voter]
        turn = turns[play.voter] = turns.get(play.voter, 0) + 1
        token = turn_key(secret, 0, header.turns)
        closed = sealed(text, header.seal, poll=header.poll, associated=token, random_bytes=draw)
        key = turn_key(secret, turn, header.turns)
        voting = Voting(token=token, prefix=prefix, signature=signature, turn=turn, turn_key=key)
        yield ballot_body(voting, committed, closed), closed, opening


def box_rehearsed(
    poll: Rehearsal, plays: Sequence[Play], result: Callable[[Sequence[Mapping[str, Any]]], Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the lines of a whole box after closing, header first.

    Parameters
    ----------
    poll : Rehearsal
        From :func:`rehearse`.
    plays : sequence of Play
        The ballots in the order in which they enter the box.
    result : callable
        Given the entries, returns what the closing line states as the result.
    """
    header = poll.header
    lines: list[dict[str, Any]] = [dict(header.value)]
    entries: list[dict[str, Any]] = []
    previous = header.genesis
    for body, _sealed, opening in ballots_made(poll, plays):
        previous = link(previous, len(entries) + 1, body)
        entries.append({"seq": len(entries) + 1, "body": body, "hash": previous, "opening": opening})
    paper = sum(bool(play.sheet) for play in plays)
    phone = len({play.voter for play in plays if not play.sheet})
    seq = len(entries) + 1
    last = close_body(len(entries), phone, paper)
    head = link(previous, seq, last)
    closing = {
        "head": head,
        "seq": seq,
        "seal_private": b64(scalar_bytes(poll.seal_scalar)),
        "signatures": [
            {
                "trustee": number,
                "seq": seq,
                "head": head,
                "signature": b64(signed(head_message(header.poll, seq, head), scalar)),
            }
            for number, scalar in enumerate(poll.sign_scalars, 1)
        ],
        "invalid": [],
        "result": dict(result(entries)),
    }
    return [*lines, *entries, {"seq": seq, "body": last, "hash": head, "opening": None}, {"closing": closing}]
