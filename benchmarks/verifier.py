"""The verifier page in Chromium on a box of many ballots, with the engine's own walk beside it.

Usage: python benchmarks/verifier.py [BALLOTS]

The box is made first (about half a millisecond a ballot: its tokens are signed without blinding, which nobody can tell
from the outside), then checked and counted again by both. Both must find the same winners.
"""

import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from playwright.sync_api import sync_playwright

import madang.rooms.autonomy
from madang.rooms.autonomy.engine.allocation.rule import allocate, election_from_json
from madang.rooms.autonomy.engine.ballots.box import (
    Voting,
    ballot_body,
    close_body,
    head_message,
    header_read,
    link,
)
from madang.rooms.autonomy.engine.ballots.choice import commitment
from madang.rooms.autonomy.engine.ballots.encoding import b64, canonical
from madang.rooms.autonomy.engine.ballots.rehearsal import Rehearsal, Stage, rehearse
from madang.rooms.autonomy.engine.ballots.seal import scalar_bytes, signed
from madang.rooms.autonomy.engine.ballots.tokens import PrivateKey, PublicKey
from madang.rooms.autonomy.engine.ballots.turns import turn_key
from madang.rooms.autonomy.engine.ballots.verification import verify_box
from madang.rooms.autonomy.engine.manifest import Manifest

VERIFIER = Path(madang.rooms.autonomy.__file__).parent / "static" / "autonomy" / "verifier.html"
PROJECTS = 60
PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA384()), salt_length=48)
RULE = Manifest.from_json(
    {"rule": "equal-shares", "completion": "add1", "step": 1000, "ballot": {"type": "approval", "max_length": 5}}
).to_json()


def stage(key: rsa.RSAPrivateKey, draw: random.Random) -> Rehearsal:
    """Return a poll on sixty proposals."""
    numbers = key.private_numbers()
    projects = [
        {"id": f"P{number:02}", "name": f"Proposal {number}", "cost": draw.randint(5, 90) * 1_000_000, "category": ""}
        for number in range(1, PROJECTS + 1)
    ]
    return rehearse(
        Stage(
            poll="29140101-2026-1", title="A large vote", manifest=RULE, budget=1_000_000_000, projects=projects,
            token_key=PrivateKey(public=PublicKey(n=numbers.public_numbers.n), p=numbers.p, q=numbers.q),
            random_bytes=draw.randbytes,
        )
    )  # fmt: skip


def entries(poll: Rehearsal, key: rsa.RSAPrivateKey, draw: random.Random, count: int) -> Iterator[dict[str, Any]]:
    """Yield the entries of so many ballots."""
    ids = [row["id"] for row in poll.header.value["projects"]]
    weights = [1 / place**0.6 for place in range(1, PROJECTS + 1)]
    previous = poll.header.genesis
    for seq in range(1, count + 1):
        secret, prefix, nonce = draw.randbytes(32), draw.randbytes(32), draw.randbytes(32)
        token = turn_key(secret, 0)
        choice = {"approve": sorted(set(draw.choices(ids, weights, k=draw.randint(0, 5))))}
        voting = Voting(
            token=token, prefix=prefix, signature=key.sign(prefix + token, PSS, hashes.SHA384()), turn=1,
            turn_key=turn_key(secret, 1),
        )  # fmt: skip
        body = ballot_body(voting, commitment(choice, nonce), draw.randbytes(64))
        previous = link(previous, seq, body)
        yield {"seq": seq, "body": body, "hash": previous, "opening": {"choice": choice, "nonce": b64(nonce)}}


def box(poll: Rehearsal, key: rsa.RSAPrivateKey, draw: random.Random, count: int) -> list[dict[str, Any]]:
    """Return the lines of the whole box."""
    rows = list(entries(poll, key, draw, count))
    seq, body = count + 1, close_body(count, count, 0)
    head = link(rows[-1]["hash"], seq, body)
    message = head_message(poll.header.poll, seq, head)
    signatures = [
        {"trustee": number, "seq": seq, "head": head, "signature": b64(signed(message, scalar))}
        for number, scalar in enumerate(poll.sign_scalars, 1)
    ]
    closing = {
        "head": head, "seq": seq, "seal_private": b64(scalar_bytes(poll.seal_scalar)), "signatures": signatures,
        "invalid": [], "result": counted(poll, rows),
    }  # fmt: skip
    last = {"seq": seq, "body": body, "hash": head, "opening": None}
    return [dict(poll.header.value), *rows, last, {"closing": closing}]


def counted(poll: Rehearsal, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what the engine counts."""
    rule = Manifest.from_json(RULE)
    inputs = {**poll.header.value, "ballots": [row["opening"]["choice"] for row in rows]}
    election = election_from_json(inputs, rule.ballot.type, None)
    winners = allocate(election, rule).winners
    cost = int(sum(election.projects[p].cost for p in winners))
    return {"winners": [election.projects[p].id for p in winners], "total_cost": cost}


def browser(path: Path) -> tuple[float, str]:
    """Return how long the page took, from the press of the button to the verdict, and what it says."""
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        sys.exit("no chromium on this machine (apt-get install chromium)")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        page = running.new_page(locale="en-GB")
        page.goto(VERIFIER.as_uri())
        page.set_input_files("#file", path)
        begun = time.perf_counter()
        page.click("#start")
        page.wait_for_selector("#verdict:not([hidden])", timeout=600_000)
        took, said = time.perf_counter() - begun, page.inner_text("#verdict-title")
        running.close()
    return took, said


def main() -> None:
    """Make the box, and let both check it."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    draw = random.Random(20261124)  # noqa: S311  # a rehearsal
    key = rsa.generate_private_key(65537, 2048)
    poll = stage(key, draw)
    lines = box(poll, key, draw, count)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.box.jsonl"
        with path.open("wb") as file:
            file.writelines(canonical(line) + b"\n" for line in lines)
        print(f"{count:,} ballots, {path.stat().st_size / 1e6:.0f} MB")
        took, said = browser(path)
        print(f"verifier page in Chromium  {took:6.1f} s  {said}")
        begun, cpu = time.perf_counter(), time.process_time()
        with path.open("rb") as file:
            read = [json.loads(line) for line in file]
        verdict = verify_box(header_read(read[0]), read[1:])
        print(f"engine, one thread         {time.perf_counter() - begun:6.1f} s ({time.process_time() - cpu:.1f} CPU-s)"
              f"  {'sound' if verdict.sound else verdict.faults[:3]}")  # fmt: skip


if __name__ == "__main__":
    main()
