"""The public box: whatever is altered, dropped, added or moved shows, and the count is everybody's."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from tests.rooms.autonomy.ballots.conftest import PROJECTS, stage_of

from madang.numerics.digests import sha256_hex
from madang.numerics.errors import EngineInputError, InputError
from madang.rooms.autonomy.engine.allocation.rule import allocate
from madang.rooms.autonomy.engine.ballots.box import header_read, link, receipt, receipt_shown
from madang.rooms.autonomy.engine.ballots.choice import commitment, plaintext
from madang.rooms.autonomy.engine.ballots.count import count_inputs, recount, result_differs, result_stated
from madang.rooms.autonomy.engine.ballots.encoding import b64, canonical, unb64
from madang.rooms.autonomy.engine.ballots.rehearsal import Play, Rehearsal, box_rehearsed, rehearse
from madang.rooms.autonomy.engine.ballots.seal import sealed
from madang.rooms.autonomy.engine.ballots.tokens import PrivateKey
from madang.rooms.autonomy.engine.ballots.verification import ChainWalk, Counted, Verdict, verify_box
from madang.rooms.autonomy.engine.manifest import Manifest
from madang.rooms.autonomy.formats.box import box_lines, box_read, pabulib_text
from madang.rooms.autonomy.formats.pabulib import pabulib_read

ENTRIES = 1500
TRIES = 1000
Lines = list[dict[str, Any]]


def plays(count: int, seed: int = 3) -> list[Play]:
    random = np.random.default_rng(seed)
    ids = np.array([row["id"] for row in PROJECTS])
    return [
        Play(
            voter=int(random.integers(0, max(2, count * 4 // 5))),
            choice={"approve": sorted(random.choice(ids, random.integers(1, 3), replace=False).tolist())},
            sheet=f"A-{number}" if number % 10 == 0 else "",
        )
        for number in range(count)
    ]


def result_of(poll: Rehearsal) -> Callable[[Any], Any]:
    def counted(entries: Lines) -> dict[str, Any]:
        latest: dict[str, tuple[int, dict[str, Any]]] = {}
        for line in entries:
            body = line["body"]
            voter, turn = (body["token"], body["turn"]) if body["kind"] == "ballot" else (body["sheet"], 1)
            if turn > latest.get(voter, (0, {}))[0]:
                latest[voter] = (turn, line)
        rows = [Counted(seq=line["seq"], choice=line["opening"]["choice"]) for _turn, line in latest.values()]
        return result_stated(recount(poll.header, rows))

    return counted


@pytest.fixture(scope="module")
def box(rehearsal: Rehearsal) -> Lines:
    return box_rehearsed(rehearsal, plays(ENTRIES), result_of(rehearsal))


@pytest.fixture(scope="module")
def small(token_key: PrivateKey) -> tuple[Rehearsal, Lines]:
    poll = rehearse(stage_of(token_key))
    return poll, box_rehearsed(poll, plays(30), result_of(poll))


def walked(lines: Lines) -> Verdict:
    return verify_box(header_read(lines[0]), lines[1:])


def codes(lines: Lines) -> list[tuple[int, str]]:
    return [(fault.seq, fault.code) for fault in walked(lines).faults]


def test_a_sound_box(box: Lines) -> None:
    verdict = walked(box)
    assert verdict.sound
    assert verdict.stage == "opened"
    assert verdict.entries == ENTRIES
    assert verdict.paper == ENTRIES // 10
    assert verdict.phone + verdict.paper == len(verdict.counted) == ENTRIES - verdict.replaced
    assert verdict.head == box[-1]["closing"]["head"]
    assert result_differs(box[-1]["closing"]["result"], recount(header_read(box[0]), verdict.counted)) == []


def test_the_chain_by_hand(box: Lines) -> None:
    """The hashes computed again from the words of the reference, with nothing of the product."""
    previous = sha256_hex(json.dumps(box[0], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())
    for line in box[1:-1]:
        body = json.dumps(line["body"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        previous = sha256_hex(f"{previous}\n{line['seq']}\n{body}".encode())
        assert line["hash"] == previous
    assert box[-1]["closing"]["head"] == previous


def near(lines: Lines, seq: int) -> Iterator[tuple[int, str]]:
    """Walk the chain over a few entries around one; every link is judged by its neighbour alone."""
    first = max(1, seq - 2)
    before = lines[0] if first == 1 else lines[first - 1]
    previous = sha256_hex(canonical(before)) if first == 1 else before["hash"]
    walk = ChainWalk(previous=previous, expected=first)
    window = lines[first : seq + 4]
    for line in window:
        if "closing" not in line:
            walk.step(line["seq"], line["body"], line["hash"])
    return ((fault.seq, fault.code) for fault in walk.finish())


def altered(lines: Lines, seq: int, random: np.random.Generator) -> Lines:
    line = copy.deepcopy(lines[seq])
    body = line["body"]
    key = sorted(body)[random.integers(0, len(body))]
    value = body[key]
    if isinstance(value, int):
        body[key] = value + 1
    elif isinstance(value, dict):
        body[key] = {**value, "phone": value["phone"] + 1}
    else:
        at = int(random.integers(0, len(value)))
        body[key] = value[:at] + ("A" if value[at] != "A" else "B") + value[at + 1 :]
    return [*lines[:seq], line, *lines[seq + 1 :]]


def test_each_of_a_thousand_changes_is_found(box: Lines) -> None:
    random = np.random.default_rng(11)
    chosen = random.choice(np.arange(1, ENTRIES + 1), TRIES, replace=False)
    for seq in map(int, chosen):
        other = int(random.integers(1, ENTRIES + 1))
        assert list(near(altered(box, seq, random), seq)) == [(seq, "altered")]
        assert list(near([*box[:seq], *box[seq + 1 :]], seq)) == [(seq, "dropped")]
        again = [*box[:seq], box[seq], *box[seq:]]
        assert (seq, "added") in list(near(again, seq))
        forged = {**box[other], "seq": seq}
        assert list(near([*box[:seq], forged, *box[seq:]], seq))
        swapped = [*box[:seq], box[seq + 1], box[seq], *box[seq + 2 :]]
        assert list(near(swapped, seq)) == [(seq, "reordered")]


def test_changes_are_found_in_the_whole_walk_too(box: Lines) -> None:
    random = np.random.default_rng(12)
    for seq in map(int, random.choice(np.arange(2, ENTRIES), 4, replace=False)):
        assert (seq, "altered") in codes(altered(box, seq, random))
        assert (seq, "dropped") in codes([*box[:seq], *box[seq + 1 :]])
        assert (seq, "added") in codes([*box[: seq + 1], box[seq], *box[seq + 1 :]])
        assert (seq, "reordered") in codes([*box[:seq], box[seq + 1], box[seq], *box[seq + 2 :]])


def chained_again(lines: Lines) -> Lines:
    """Number and hash the entries anew, as whoever holds the database could."""
    found = [lines[0]]
    previous = sha256_hex(canonical(lines[0]))
    for seq, line in enumerate(lines[1:-1], 1):
        previous = link(previous, seq, line["body"])
        found.append({**line, "seq": seq, "hash": previous})
    return [*found, lines[-1]]


def test_a_chain_that_is_built_anew_has_another_head_than_the_council_signed(small: tuple[Rehearsal, Lines]) -> None:
    _poll, lines = small
    for changed in (
        [*lines[:9], *lines[10:]],
        [*lines[:9], lines[10], lines[9], *lines[11:]],
        [*lines[:3], *lines[4:]],
    ):
        again = chained_again(changed)
        assert {"head"} <= {code for _seq, code in codes(again)}


def test_even_with_the_close_and_the_closing_mended_the_signatures_are_missing(
    small: tuple[Rehearsal, Lines],
) -> None:
    _poll, lines = small
    shorter = [*lines[:5], *lines[6:]]
    shorter[-2] = {**shorter[-2], "body": {**shorter[-2]["body"], "entries": len(shorter) - 3}}
    again = chained_again(shorter)
    closing = {**again[-1]["closing"], "head": again[-2]["hash"], "seq": again[-2]["seq"]}
    assert "head_unsigned" in {code for _seq, code in codes([*again[:-1], {"closing": closing}])}


def test_a_box_before_its_opening(small: tuple[Rehearsal, Lines]) -> None:
    _poll, lines = small
    closed = [lines[0], *({**line, "opening": None} for line in lines[1:-1])]
    verdict = walked(closed)
    assert (verdict.stage, verdict.sound, verdict.counted) == ("closed", True, ())
    running = walked(closed[:-5])
    assert (running.stage, running.sound) == ("open", True)


def test_a_cut_end_shows(small: tuple[Rehearsal, Lines]) -> None:
    _poll, lines = small
    found = codes([*lines[:-2], lines[-1]])
    assert (len(lines) - 2, "dropped") in found
    assert (0, "not_closed") in found


def closing_with(lines: Lines, **changes: Any) -> Lines:
    return [*lines[:-1], {"closing": {**lines[-1]["closing"], **changes}}]


def test_what_the_closing_line_may_not_say(small: tuple[Rehearsal, Lines]) -> None:
    poll, lines = small
    closing = lines[-1]["closing"]
    signatures = closing["signatures"]
    assert (0, "head") in codes(closing_with(lines, head="0" * 64))
    assert codes(closing_with(lines, signatures=signatures[:1])) == [(0, "head_unsigned")]
    assert codes(closing_with(lines, signatures=[signatures[0]] * 2)) == [(0, "head_unsigned")]
    wrong = {**signatures[0], "signature": b64(bytes(64))}
    assert (0, "head_signature") in codes(closing_with(lines, signatures=[wrong, *signatures[1:]]))
    strange = {**signatures[0], "trustee": 9}
    assert (0, "head_signature") in codes(closing_with(lines, signatures=[strange, *signatures[1:]]))
    assert codes(closing_with(lines, seal_private=b64(bytes(31) + b"\x01"))) == [(0, "seal_private")]
    assert codes(closing_with(lines, seal_private=None)) == [(0, "seal_private")]
    assert codes(closing_with(lines, invalid=[{"seq": 1, "reason": "choice"}])) == [(0, "invalid_list")]
    assert codes([*lines[:-1], {"closing": {"head": "x"}}]) == [(0, "closing_form")]
    assert (0, "closing_form") in codes([*lines, lines[-1]])
    assert poll.header.threshold == 2


def test_more_votes_than_rights_show(small: tuple[Rehearsal, Lines]) -> None:
    _poll, lines = small
    last = copy.deepcopy(lines[-2])
    last["body"]["issued"]["phone"] = 1
    found = codes(chained_again([*lines[:-2], last, lines[-1]]))
    assert (last["seq"], "more_than_issued") in found


def test_a_forged_ballot_shows_whatever_the_chain_says(small: tuple[Rehearsal, Lines]) -> None:
    _poll, lines = small
    at = next(number for number, line in enumerate(lines[1:], 1) if line["body"]["kind"] == "ballot")
    for key, value, code in (
        ("signature", b64(bytes(256)), "signature"),
        ("prefix", b64(bytes(32)), "signature"),
        ("turn", 2, "turn"),
        ("turn_key", b64(bytes(32)), "turn"),
        ("turn", 65, "turn"),
        ("token", "x", "form"),
        ("extra", 1, "form"),
        ("kind", "letter", "form"),
    ):
        line = copy.deepcopy(lines[at])
        line["body"][key] = value
        assert (at, code) in codes(chained_again([*lines[:at], line, *lines[at + 1 :]]))


def test_a_turn_or_a_sheet_twice_shows(small: tuple[Rehearsal, Lines]) -> None:
    _poll, lines = small
    for kind, code in (("ballot", "turn_twice"), ("paper", "sheet_twice")):
        at = next(number for number, line in enumerate(lines[1:], 1) if line["body"]["kind"] == kind)
        found = codes(chained_again([*lines[:-2], lines[at], *lines[-2:]]))
        assert (len(lines) - 2, code) in found


def test_something_after_the_close_shows(small: tuple[Rehearsal, Lines]) -> None:
    _poll, lines = small
    assert (len(lines) - 1, "after_close") in codes(chained_again([*lines[:-1], lines[1], lines[-1]]))


def invalid_entry(poll: Rehearsal, line: dict[str, Any], text: bytes, committed: str) -> dict[str, Any]:
    """Return an entry of the same token with another sealed text, as a strange device could send it."""
    token = line["body"]["token"]
    closed = sealed(
        text, poll.header.seal, poll=poll.header.poll, associated=unb64(token), random_bytes=poll.stage.random_bytes
    )
    body = {**line["body"], "commitment": committed, "sealed_hash": sha256_hex(closed)}
    return {**line, "body": body, "opening": None, "sealed": b64(closed)}


@pytest.mark.parametrize("reason", ["seal", "plaintext", "commitment", "choice", ""])
def test_ballots_that_do_not_count_are_named_with_their_reason(small: tuple[Rehearsal, Lines], reason: str) -> None:
    poll, lines = small
    at = next(number for number, line in enumerate(lines[1:], 1) if line["body"]["kind"] == "ballot")
    nonce, pad = bytes(32), poll.header.pad
    fine, wrong = {"approve": ["P1"]}, {"approve": ["P1", "P1"]}
    text, committed = {
        "seal": (plaintext(fine, nonce, pad), commitment(fine, nonce)),
        "plaintext": (b"my own words".ljust(pad), commitment(fine, nonce)),
        "commitment": (plaintext(fine, nonce, pad), commitment({"approve": ["P2"]}, nonce)),
        "choice": (plaintext(wrong, nonce, pad), commitment(wrong, nonce)),
        "": (plaintext(fine, nonce, pad), commitment(fine, nonce)),
    }[reason]
    line = invalid_entry(poll, lines[at], text, committed)
    if reason == "seal":
        broken = line["sealed"][:-4] + ("AAAA" if not line["sealed"].endswith("AAAA") else "BBBB")
        line = {**line, "sealed": broken, "body": {**line["body"], "sealed_hash": sha256_hex(unb64(broken))}}
    stated = [{"seq": at, "reason": reason}] if reason else []
    found = walked(closing_with(chained_again([*lines[:at], line, *lines[at + 1 :]]), invalid=stated))
    here = [fault.code for fault in found.faults if fault.seq == at]
    if reason:
        assert here == []
        assert found.invalid == ((at, reason),)
        assert "invalid_list" not in {fault.code for fault in found.faults}
        assert at not in [row.seq for row in found.counted]
    else:
        # Sealed well, and yet not opened: somebody would not count it.
        assert here == ["opening_withheld"]


def test_an_opening_that_is_left_out_or_does_not_match_shows(small: tuple[Rehearsal, Lines]) -> None:
    _poll, lines = small
    without = [*lines[:3], {**lines[3], "opening": None}, *lines[4:]]
    assert codes(without) == [(3, "opening_withheld")]
    other = {"choice": {"approve": ["P7"]}, "nonce": b64(bytes(32))}
    changed = [*lines[:3], {**lines[3], "opening": other}, *lines[4:]]
    assert codes(changed) == [(0, "invalid_list")]
    assert walked(changed).invalid == ((3, "commitment"),)
    wrong_sealed = [*lines[:3], {**lines[3], "sealed": b64(bytes(200))}, *lines[4:]]
    assert codes(wrong_sealed) == [(3, "sealed")]


def test_a_spoiled_last_turn_leaves_nothing_to_count(small: tuple[Rehearsal, Lines]) -> None:
    _poll, lines = small
    turns = {line["body"]["token"]: line for line in lines[1:-2] if line["body"].get("turn", 0) > 1}
    token, last = next(iter(turns.items()))
    own = [line for line in lines[1:-2] if line["body"].get("token") == token]
    last = max(own, key=lambda line: line["body"]["turn"])
    changed = [line if line is not last else {**line, "opening": {"choice": 1, "nonce": "x"}} for line in lines]
    counted = {row.seq for row in walked(changed).counted}
    assert not counted & {line["seq"] for line in own}


def test_a_receipt_is_the_digest_of_its_ballot(small: tuple[Rehearsal, Lines]) -> None:
    _poll, lines = small
    digest = receipt(lines[1]["body"])
    assert digest == sha256_hex(canonical(lines[1]["body"]))
    assert receipt_shown(digest).replace(" ", "") == digest[:20]


def test_a_box_survives_its_file(small: tuple[Rehearsal, Lines]) -> None:
    _poll, lines = small
    written = list(box_lines(lines))
    file = box_read(written, "x.box.jsonl")
    assert verify_box(file.header, file.lines).sound
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in written)


@pytest.mark.parametrize(
    ("lines", "line", "code"),
    [
        ([], 1, "box_empty"),
        ([b"\x00\n"], 1, "box_line"),
        ([b"{}\n"], 1, "header_form"),
        ([b'{"a":1}\n'], 1, "header_form"),
        ([b"[]"], 1, "header_form"),
        ([b"[" * 5000], 1, "box_line"),
    ],
)
def test_what_is_no_box_says_where(lines: list[bytes], line: int, code: str) -> None:
    with pytest.raises(InputError) as caught:
        box_read(lines, "x")
    assert (caught.value.code, caught.value.at.line) == (code, line)


@pytest.mark.parametrize("change", ["{", '{"b":1, "a":2}', '{"a": 1}', "nul", '{"a":NaN}', '{"a":"\\u0061"}'])
def test_a_line_that_is_written_otherwise_says_where(small: tuple[Rehearsal, Lines], change: str) -> None:
    _poll, lines = small
    file = box_read([next(box_lines(lines)), change.encode() + b"\n"], "x")
    with pytest.raises(InputError) as caught:
        list(file.lines)
    assert caught.value.at.line == 2


HEADER_FAULTS: list[tuple[str, Any]] = [
    ("format", "other"),
    ("version", 2),
    ("poll", ""),
    ("title", None),
    ("manifest", {}),
    ("manifest_hash", "0" * 64),
    ("budget", -1),
    ("budget", True),
    ("projects", []),
    ("projects", [{"id": "a b", "name": "x", "cost": 1}]),
    ("projects", [{"id": "a", "name": "x", "cost": -1}]),
    ("projects", [{"id": "a", "name": "x", "cost": 1}] * 2),
    ("projects", [{"id": "a"}]),
    ("keys", {}),
    ("pad", 0),
    ("turns", "64"),
    ("batch", 0),
    ("extra", 1),
]


@pytest.mark.parametrize(("name", "value"), HEADER_FAULTS)
def test_a_header_that_is_none_is_refused(rehearsal: Rehearsal, name: str, value: Any) -> None:
    with pytest.raises(EngineInputError):
        header_read({**rehearsal.header.value, name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("threshold", 0),
        ("threshold", 4),
        ("seal", b64(bytes(65))),
        ("share_publics", []),
        ("trustees", []),
        ("trustees", [{"number": 2, "sign": "", "box": ""}]),
        ("token", {"n": "AQ", "e": 65537}),
        ("more", 1),
    ],
)
def test_keys_that_are_none_are_refused(rehearsal: Rehearsal, name: str, value: Any) -> None:
    keys = {**rehearsal.header.value["keys"], name: value}
    with pytest.raises(EngineInputError):
        header_read({**rehearsal.header.value, "keys": keys})


def test_shares_that_do_not_belong_to_the_key_show(rehearsal: Rehearsal) -> None:
    keys = copy.deepcopy(rehearsal.header.value["keys"])
    keys["share_publics"][0], keys["share_publics"][1] = keys["share_publics"][1], keys["share_publics"][0]
    assert codes([{**rehearsal.header.value, "keys": keys}]) == [(0, "keys")]


def test_the_published_file_is_a_pabulib_file_with_the_same_winners(small: tuple[Rehearsal, Lines]) -> None:
    poll, lines = small
    counted = walked(lines).counted
    winners = lines[-1]["closing"]["result"]["winners"]
    text = pabulib_text(poll.header, counted, winners)
    file = pabulib_read(text.encode(), "x.pb")
    outcome = allocate(file.election, Manifest.from_json(poll.header.value["manifest"]))
    assert [file.election.ids[index] for index in outcome.winners] == winners
    assert text.count("\n") == text.rstrip("\n").count("\n") + 1
    # Nothing is said of a voter but the number of the entry.
    votes = text.split("VOTES\n")[1].splitlines()
    assert votes[0] == "voter_id;vote"
    assert [int(row.split(";")[0]) for row in votes[1:]] == [row.seq for row in counted]


@pytest.mark.parametrize(
    ("ballot", "choice", "columns"),
    [
        ({"type": "ordinal", "max_length": 3}, {"order": ["P2", "P1"]}, "voter_id;vote"),
        ({"type": "cumulative", "max_points": 3, "max_sum_points": 5}, {"points": {"P1": 3}}, "voter_id;vote;points"),
        ({"type": "scoring", "max_points": 3}, {"points": {"P1": 3, "P2": 1}}, "voter_id;vote;points"),
    ],
)
def test_every_type_of_ballot_is_published(
    token_key: PrivateKey, ballot: dict[str, Any], choice: dict[str, Any], columns: str
) -> None:
    satisfaction = "borda" if ballot["type"] == "ordinal" else "additive"
    manifest = {"rule": "greedy", "satisfaction": satisfaction, "ballot": ballot}
    poll = rehearse(stage_of(token_key, manifest=manifest))
    made = box_rehearsed(poll, [Play(voter=1, choice=choice), Play(voter=2, choice=choice)], result_of(poll))
    verdict = walked(made)
    assert verdict.sound
    assert [row.choice for row in verdict.counted] == [choice, choice]
    text = pabulib_text(poll.header, verdict.counted)
    assert columns in text.splitlines()
    assert pabulib_read(text.encode(), "x.pb").election.voters == 2
    assert count_inputs(poll.header, verdict.counted)["ballots"] == [{**choice, "count": 2}]


def test_a_rehearsal_is_the_same_from_the_same_seed(token_key: PrivateKey) -> None:
    made = []
    for _twice in range(2):
        poll = rehearse(stage_of(token_key))
        made.append(b"".join(box_lines(box_rehearsed(poll, plays(5), result_of(poll)))))
    assert made[0] == made[1]
