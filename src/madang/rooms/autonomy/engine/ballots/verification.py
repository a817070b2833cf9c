"""Walking along a whole box: every entry altered, dropped, added or moved is named, and the ballots that count."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from madang.numerics.errors import EngineInputError
from madang.rooms.autonomy.engine.ballots.box import (
    Header,
    body_fault,
    head_message,
    header_keys_hold,
    link,
    sealed_hash,
)
from madang.rooms.autonomy.engine.ballots.encoding import is_digest, unb64
from madang.rooms.autonomy.engine.ballots.opening import opened, opening_reason
from madang.rooms.autonomy.engine.ballots.seal import (
    ORDER,
    SCALAR_BYTES,
    SIGNATURE_BYTES,
    private_key,
    public_point,
    signature_holds,
)

_ENTRY_KEYS = frozenset({"seq", "body", "hash", "opening", "sealed"})
_CLOSING_KEYS = frozenset({"head", "seq", "seal_private", "signatures", "invalid", "result"})
MOST_NAMED = 100_000
"""How many missing entries in a row are named one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that does not hold.

    Attributes
    ----------
    seq : int
        Number of the entry; 0 for the header and the closing line.
    code : str
        `altered`, `dropped`, `added`, `reordered`, `form`, `turn`, `signature`, `turn_twice`, `sheet_twice`,
        `after_close`, `close_count`, `more_than_issued`, `sealed`, `opening_withheld`, `keys`, `closing_form`, `head`,
        `head_signature`, `head_unsigned`, `seal_private`, `invalid_list`, `not_closed`.
    """

    seq: int
    code: str

    def as_json(self) -> dict[str, Any]:
        """Return the fault as a program reads it."""
        return {"seq": self.seq, "code": self.code}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One ballot that counts.

    Attributes
    ----------
    seq : int
        Its number in the box; its voter's id in the published file.
    choice : dict
        What it says.
    """

    seq: int
    choice: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a walk along a box found.

    Attributes
    ----------
    stage : str
        "open" (still taking ballots), "closed" (nothing more comes in) or "opened" (the ballots are readable).
    entries : int
        Ballots and sheets in the box, without the last entry that closes it.
    head : str
        Hash of the last entry.
    faults : tuple of Fault
        What does not hold, in order of entries.
    counted : tuple of Counted
        The ballots that count, in order of entries; empty until they are opened.
    invalid : tuple of (int, str)
        Number and reason of those that do not.
    replaced : int
        Ballots whose voter voted again.
    phone, paper : int
        Tokens that voted and sheets entered.
    """

    stage: str
    entries: int
    head: str
    faults: tuple[Fault, ...]
    counted: tuple[Counted, ...]
    invalid: tuple[tuple[int, str], ...]
    replaced: int
    phone: int
    paper: int

    @property
    def sound(self) -> bool:
        """Whether nothing was found to be wrong."""
        return not self.faults


@dataclass(slots=True)
class ChainWalk:
    """The chain alone: tells which entry was altered, dropped, added or moved.

    Each link is checked against the hash that the line before states, so one change is one fault and the walk goes on.

    Parameters
    ----------
    previous : str
        Hash before the first line.
    expected : int
        Number that the first line should have.
    """

    previous: str
    expected: int = 1
    faults: list[Fault] = field(default_factory=list)
    _missing: set[int] = field(default_factory=set)
    _in_order: bool = True

    def step(self, seq: int, body: Mapping[str, Any], stated: str) -> None:
        """Take the next line."""
        follows = self._in_order
        self._in_order = seq == self.expected
        if seq > self.expected:
            self._missing.update(range(self.expected, min(seq, self.expected + MOST_NAMED)))
        elif seq in self._missing:
            self._missing.remove(seq)
            self.faults.append(Fault(seq=seq, code="reordered"))
        elif seq < self.expected:
            self.faults.append(Fault(seq=seq, code="added"))
        # Where the line before is not the one that this one followed, its link cannot hold and says nothing more.
        if self._in_order and follows and link(self.previous, seq, body) != stated:
            self.faults.append(Fault(seq=seq, code="altered"))
        self.expected = max(self.expected, seq + 1)
        self.previous = stated

    def finish(self, last: int | None = None) -> list[Fault]:
        """Return all faults; `last` is the number that the last line should have."""
        if last is not None:
            self._missing.update(range(self.expected, min(last + 1, self.expected + MOST_NAMED)))
        return self.faults + [Fault(seq=seq, code="dropped") for seq in sorted(self._missing)]


@dataclass(slots=True)
class _Entry:
    seq: int
    opening: Any
    reason: str


@dataclass(slots=True)
class BoxWalk:
    """A whole box, line by line; memory grows with the ballots that may count, not with the file.

    Parameters
    ----------
    header : Header
        The box's first line.
    """

    header: Header
    chain: ChainWalk = field(init=False)
    faults: list[Fault] = field(default_factory=list)
    _latest: dict[str, int] = field(default_factory=dict)
    _by_voter: dict[str, _Entry] = field(default_factory=dict)
    _turns_seen: set[tuple[str, int]] = field(default_factory=set)
    _unopened: list[tuple[int, Mapping[str, Any], bytes]] = field(default_factory=list)
    _reasons: dict[int, str] = field(default_factory=dict)
    _heads: dict[int, str] = field(default_factory=dict)
    _replaced: int = 0
    _closed_at: int | None = None
    _closing: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        self.chain = ChainWalk(previous=self.header.genesis)
        if not header_keys_hold(self.header):
            self._fault(0, "keys")

    def entry(self, line: Any) -> None:  # noqa: ANN401  # any JSON value
        """Take the next entry."""
        if not _entry_formed(line):
            self._fault(self.chain.expected, "form")
            return
        seq, body = line["seq"], line["body"]
        if self._closed_at is not None or self._closing is not None:
            self._fault(seq, "after_close")
        self.chain.step(seq, body, line["hash"])
        self._heads[seq] = line["hash"]
        fault = body_fault(self.header, body)
        if fault:
            self._fault(seq, fault)
        elif body["kind"] == "close":
            self._close(seq, body)
        else:
            self._ballot(seq, line)

    def closing(self, value: Any) -> None:  # noqa: ANN401
        """Take the closing line."""
        if self._closing is not None or not isinstance(value, Mapping) or set(value) != _CLOSING_KEYS:
            self._fault(0, "closing_form")
            return
        self._closing = value

    def finish(self) -> Verdict:
        """Return the verdict on what was walked."""
        last = self._last_stated()
        self.faults.extend(self.chain.finish(last))
        stage = "open" if self._closed_at is None else "closed"
        if self._closing is not None:
            stage = "opened"
            self._check_closing(self._closing)
        counted = [
            Counted(seq=row.seq, choice=row.opening["choice"])
            for row in self._by_voter.values()
            if stage == "opened" and row.opening is not None and row.seq not in self._reasons
        ]
        voters = list(self._by_voter)
        paper = sum(voter.startswith("sheet:") for voter in voters)
        return Verdict(
            stage=stage,
            entries=len(voters) + self._replaced,
            head=self.chain.previous,
            faults=tuple(sorted(set(self.faults), key=lambda fault: (fault.seq, fault.code))),
            counted=tuple(sorted(counted, key=lambda row: row.seq)),
            invalid=tuple(sorted(self._reasons.items())) if stage == "opened" else (),
            replaced=self._replaced,
            phone=len(voters) - paper,
            paper=paper,
        )

    def _fault(self, seq: int, code: str) -> None:
        self.faults.append(Fault(seq=seq, code=code))

    def _last_stated(self) -> int | None:
        seq = self._closing["seq"] if self._closing is not None else None
        return seq if type(seq) is int else None

    def _ballot(self, seq: int, line: Mapping[str, Any]) -> None:
        body = line["body"]
        phone = body["kind"] == "ballot"
        voter = body["token"] if phone else f"sheet:{body['sheet']}"
        turn = body["turn"] if phone else 1
        if (voter, turn) in self._turns_seen:
            self._fault(seq, "turn_twice" if phone else "sheet_twice")
            return
        self._turns_seen.add((voter, turn))
        row = _Entry(seq=seq, opening=line.get("opening"), reason="")
        self._opening(row, line)
        before = self._latest.get(voter)
        self._replaced += before is not None
        if before is None or turn > before:
            self._latest[voter] = turn
            self._by_voter[voter] = row

    def _opening(self, row: _Entry, line: Mapping[str, Any]) -> None:
        body = line["body"]
        if row.opening is not None:
            reason = opening_reason(self.header, body, row.opening)
            if reason:
                self._reasons[row.seq] = reason
        sealed = b""
        if line.get("sealed") is not None:
            try:
                sealed = unb64(line["sealed"], self.header.sealed_bytes)
            except EngineInputError:
                self._fault(row.seq, "sealed")
                return
            if sealed_hash(sealed) != body["sealed_hash"]:
                self._fault(row.seq, "sealed")
                return
        if row.opening is None:
            self._unopened.append((row.seq, body, sealed))

    def _close(self, seq: int, body: Mapping[str, Any]) -> None:
        self._closed_at = seq
        if body["entries"] != seq - 1:
            self._fault(seq, "close_count")
        paper = sum(voter.startswith("sheet:") for voter in self._by_voter)
        if len(self._by_voter) - paper > body["issued"]["phone"] or paper > body["issued"]["paper"]:
            self._fault(seq, "more_than_issued")

    def _check_closing(self, closing: Mapping[str, Any]) -> None:
        if self._closed_at is None:
            self._fault(0, "not_closed")
        if (closing["seq"], closing["head"]) != (self.chain.expected - 1, self.chain.previous):
            self._fault(0, "head")
        self._check_signatures(closing)
        scalar = _scalar(closing["seal_private"])
        if scalar is None or public_point(scalar) != self.header.seal:
            self._fault(0, "seal_private")
        else:
            self._open_rest(scalar)
        stated = closing["invalid"]
        computed = [{"seq": seq, "reason": reason} for seq, reason in sorted(self._reasons.items())]
        if stated != computed:
            self._fault(0, "invalid_list")

    def _check_signatures(self, closing: Mapping[str, Any]) -> None:
        rows = closing["signatures"]
        signed = set()
        for row in rows if isinstance(rows, list) else []:
            trustee = self.header.trustee(row.get("trustee")) if isinstance(row, Mapping) else None
            if trustee is None or not _head_signed(self.header.poll, row, trustee.sign):
                self._fault(0, "head_signature")
            elif self._heads.get(row["seq"]) != row["head"]:
                # Somebody saw another box than this one.
                self._fault(row["seq"], "head")
            elif (row["seq"], row["head"]) == (closing["seq"], closing["head"]):
                signed.add(trustee.number)
        if len(signed) < self.header.threshold:
            self._fault(0, "head_unsigned")

    def _open_rest(self, scalar: int) -> None:
        key = private_key(scalar)
        for seq, body, sealed in self._unopened:
            if not sealed:
                self._fault(seq, "opening_withheld")
                continue
            found = opened(self.header, body, sealed, key)
            if found.reason:
                self._reasons[seq] = found.reason
            else:
                self._fault(seq, "opening_withheld")


def _entry_formed(line: Any) -> bool:  # noqa: ANN401
    if not isinstance(line, Mapping) or not {"seq", "body", "hash"} <= set(line) <= _ENTRY_KEYS:
        return False
    return (
        type(line["seq"]) is int and line["seq"] > 0 and is_digest(line["hash"]) and isinstance(line["body"], Mapping)
    )


def _scalar(value: Any) -> int | None:  # noqa: ANN401
    try:
        scalar = int.from_bytes(unb64(value, SCALAR_BYTES), "big")
    except EngineInputError:
        return None
    return scalar if 0 < scalar < ORDER else None


def _head_signed(poll: str, row: Mapping[str, Any], sign: bytes) -> bool:
    if set(row) != {"trustee", "seq", "head", "signature"} or type(row["seq"]) is not int or not is_digest(row["head"]):
        return False
    try:
        signature = unb64(row["signature"], SIGNATURE_BYTES)
    except EngineInputError:
        return False
    return signature_holds(head_message(poll, row["seq"], row["head"]), signature, sign)


def verify_box(
    header: Header,
    lines: Iterable[Any],
    *,
    total: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Verdict:
    """Walk along a box and say all that does not hold.

    Parameters
    ----------
    header : Header
        The first line.
    lines : iterable of JSON value
        The entries, and the closing line where there is one, in the order of the file.
    total : int, optional
        How many lines there are, for `progress`.
    progress : callable, optional
        Told the fraction that has been walked.

    Notes
    -----
    O(n); about 70 microseconds an entry, half of it the check of its token's signature.
    """
    walk = BoxWalk(header=header)
    for number, line in enumerate(lines, 1):
        if isinstance(line, Mapping) and set(line) == {"closing"}:
            walk.closing(line["closing"])
        else:
            walk.entry(line)
        if progress is not None and total and number % 1000 == 0:
            progress(min(number / total, 1.0))
    return walk.finish()
