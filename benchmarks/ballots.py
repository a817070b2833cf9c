"""The secret ballot: tokens, 300,000 ballots from casting to recount, and ballots a second over HTTP.

Usage: python benchmarks/ballots.py [tokens] [box] [http]      (all three without a name)

`tokens` issues 20,000 blind tokens and sets beside it what plain signatures by OpenSSL cost. `box` lets 20,000 voters
vote fifteen times each: checks every ballot as the server does when it comes in, chains, closes, opens and writes the
box, then walks the file as `madang autonomy recount` does. `http` starts an installation with its server and sends
ballots from many connections; every acknowledgement waits for the disk. No installable peer does the same work.
"""

import http.client
import json
import os
import resource
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from madang.rooms.autonomy.engine.ballots import tokens
from madang.rooms.autonomy.engine.ballots.box import body_fault, close_body, head_message, link
from madang.rooms.autonomy.engine.ballots.count import recount, result_stated
from madang.rooms.autonomy.engine.ballots.encoding import b64
from madang.rooms.autonomy.engine.ballots.opening import opened
from madang.rooms.autonomy.engine.ballots.rehearsal import Play, Rehearsal, Stage, ballots_made, rehearse
from madang.rooms.autonomy.engine.ballots.seal import private_key, scalar_bytes, signed
from madang.rooms.autonomy.engine.ballots.verification import verify_box
from madang.rooms.autonomy.formats.box import box_lines, box_read

TOKENS, VOTERS, TURNS = 20_000, 20_000, 15
CHUNK = 500
HTTP_VOTERS, CONNECTIONS = 1500, 24
ROOT = Path(__file__).resolve().parents[1]


def cpu() -> float:
    """Return CPU seconds of this process."""
    return time.process_time()


def told(what: str, count: int, seconds: float, note: str = "") -> None:
    """Print one line."""
    print(f"{what:<46} {count:>8,}  {seconds:8.2f} CPU-s  {seconds / count * 1e6:9.1f} us each  {note}")


def drawn_key() -> tuple[rsa.RSAPrivateKey, tokens.PrivateKey]:
    """Return an RSA key for OpenSSL and for us."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    numbers = made.private_numbers()
    public = tokens.PublicKey(n=numbers.public_numbers.n)
    return made, tokens.PrivateKey(public=public, p=numbers.p, q=numbers.q)


def tokens_issued() -> None:
    """Issue blind tokens, and sign as many messages plainly."""
    openssl, key = drawn_key()
    message = tokens.prepared(bytes(32), bytes(32))
    factors = [tokens.blinding_factor(key.public, secrets.token_bytes) for _number in range(50)]
    asked = [tokens.blind(key.public, message, secrets.token_bytes(48), factor) for factor in factors]
    begun = cpu()
    for number in range(TOKENS):
        answer = tokens.blind_sign(key, asked[number % len(asked)][0], secrets.token_bytes)
    told("blind tokens issued (RFC 9474, 2,048 bits)", TOKENS, cpu() - begun, "bar: 60 CPU-s for 20,000")
    tokens.finalize(key.public, message, answer, asked[(TOKENS - 1) % len(asked)][1])
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA384()), salt_length=48)
    begun = cpu()
    for _number in range(TOKENS // 10):
        openssl.sign(message, pss, hashes.SHA384())
    told("plain signatures by OpenSSL, for comparison", TOKENS // 10, cpu() - begun)


def votes(first: int, random: np.random.Generator, ids: list[str]) -> Iterator[Play]:
    """Yield the ballots of some voters, each in all turns."""
    for voter in range(first, first + CHUNK):
        for _turn in range(TURNS):
            chosen = random.choice(len(ids), random.integers(1, 6), replace=False)
            yield Play(voter=voter, choice={"approve": sorted(ids[place] for place in chosen)})


def box_walked() -> None:
    """Cast, close, open, write and recount 300,000 ballots."""
    _openssl, key = drawn_key()
    random = np.random.default_rng(20261124)
    projects = [
        {"id": f"P{n:02}", "name": f"project {n}", "cost": 1_000_000 * n, "category": "park"} for n in range(1, 41)
    ]
    manifest = {"rule": "equal-shares", "satisfaction": "cost", "completion": "add1", "step": 100,
                "ballot": {"type": "approval", "min_length": 1, "max_length": 5}}  # fmt: skip
    stage = Stage(poll="29140104-2027-1", title="benchmark", manifest=manifest, budget=300_000_000, projects=projects,
                  token_key=key, random_bytes=random.bytes)  # fmt: skip
    poll = rehearse(stage)
    ids = [row["id"] for row in projects]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.box.jsonl"
        with path.open("wb") as file:
            _cast(poll, file, random, ids)
        print(f"{'the file of the box':<46} {path.stat().st_size / 2**20:8.0f} MiB")
        begun, wall = cpu(), time.perf_counter()
        with path.open("rb") as lines:
            read = box_read(lines, path.name)
            verdict = verify_box(read.header, read.lines)
            recount(read.header, verdict.counted)
        told("walked and counted again, as recount does", VOTERS * TURNS, cpu() - begun,
             f"{time.perf_counter() - wall:.1f} s; sound: {verdict.sound}")  # fmt: skip
    print(f"{'peak memory':<46} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MiB")


def _cast(poll: Rehearsal, file: Any, random: np.random.Generator, ids: list[str]) -> None:  # noqa: ANN401
    spent = dict.fromkeys(("made", "checked", "chained", "opened"), 0.0)
    opener = private_key(poll.seal_scalar)
    file.writelines(box_lines([poll.header.value]))
    previous, seq, latest = poll.header.genesis, 0, []
    for first in range(0, VOTERS, CHUNK):
        begun = cpu()
        made = list(ballots_made(poll, list(votes(first, random, ids))))
        spent["made"] += cpu() - begun
        begun = cpu()
        for body, _sealed, _opening in made:
            if body_fault(poll.header, body):
                sys.exit("a ballot of the rehearsal is not sound")
        spent["checked"] += cpu() - begun
        begun = cpu()
        hashed = []
        for number, (body, _sealed, _opening) in enumerate(made, seq + 1):
            previous = link(previous, number, body)
            hashed.append(previous)
        spent["chained"] += cpu() - begun
        begun = cpu()
        lines = []
        for (body, closed, _opening), digest in zip(made, hashed, strict=True):
            seq += 1
            found = opened(poll.header, body, closed, opener)
            lines.append({"seq": seq, "body": body, "hash": digest, "opening": found.opening})
        spent["opened"] += cpu() - begun
        file.writelines(box_lines(lines))
        latest += [line for line in lines if line["body"]["turn"] == TURNS]
    for what, name in (
        ("ballots made on the voters' side (not the server)", "made"),
        ("checked as they came in", "checked"),
        ("chained into the box", "chained"),
        ("opened and checked against their commitment", "opened"),
    ):
        told(what, VOTERS * TURNS, spent[name])
    file.writelines(box_lines(_ended(poll, previous, seq, latest)))


def _ended(poll: Rehearsal, previous: str, seq: int, latest: list[dict[str, Any]]) -> list[dict[str, Any]]:
    from madang.rooms.autonomy.engine.ballots.verification import Counted

    body = close_body(seq, VOTERS, 0)
    head = link(previous, seq + 1, body)
    result = recount(poll.header, [Counted(seq=row["seq"], choice=row["opening"]["choice"]) for row in latest])
    message = head_message(poll.header.poll, seq + 1, head)
    signatures = [
        {"trustee": number, "seq": seq + 1, "head": head, "signature": b64(signed(message, scalar))}
        for number, scalar in enumerate(poll.sign_scalars, 1)
    ]
    closing = {
        "head": head,
        "seq": seq + 1,
        "seal_private": b64(scalar_bytes(poll.seal_scalar)),
        "signatures": signatures,
        "invalid": [],
        "result": result_stated(result),
    }
    return [{"seq": seq + 1, "body": body, "hash": head, "opening": None}, {"closing": closing}]


def madang(*arguments: str | Path) -> None:
    """Run the command line, or end with what it said."""
    done = subprocess.run([sys.executable, *map(str, arguments)], capture_output=True, text=True, cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)


def over_http() -> None:
    """Send ballots to a running server from many connections at once."""
    with tempfile.TemporaryDirectory() as folder:
        data, made_at, box_at = Path(folder) / "data", Path(folder) / "made.json", Path(folder) / "x.box.jsonl"
        madang("-m", "madang", "up", "--no-serve", "--no-sample", "--district", "29140", "--data", data)
        madang("-m", "tests.rooms.autonomy.ballots.installed", data, "set-up", "29140104", HTTP_VOTERS, 50, made_at)
        made = json.loads(made_at.read_text())
        port = 18_743
        up = [sys.executable, "-m", "madang", "up", "--data", str(data), "--port", str(port)]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        server = subprocess.Popen(up, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
        try:
            _wait(port)
            ballots = [json.dumps(voter["ballots"][turn]).encode() for turn in (0, 1) for voter in made["voters"]]
            seconds, waits = _send(port, made["poll"], ballots)
        finally:
            server.terminate()
            server.wait()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        told("CPU of the server, its start included", len(ballots), spent)
        rate = len(ballots) / seconds
        half, most = np.quantile(waits, (0.5, 0.99)) * 1000
        print(
            f"{'acknowledged over HTTP, each on disk':<46} {len(ballots):>8,}  {seconds:8.2f} s  {rate:9.1f} a second"
            f"  half within {half:.0f} ms, 99 % within {most:.0f} ms"
        )
        begun = time.perf_counter()
        madang("-m", "tests.rooms.autonomy.ballots.installed", data, "close", made_at, box_at)
        print(
            f"{'closed, signed, opened, counted, written':<46} {len(ballots):>8,}  {time.perf_counter() - begun:8.2f} s"
        )
        madang("-m", "madang", "autonomy", "recount", box_at)
        print("recount: everything holds")


def _wait(port: int) -> None:
    for _try in range(600):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/about/")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
    sys.exit("the server does not answer")


def _send(port: int, poll: str, ballots: list[bytes]) -> tuple[float, list[float]]:
    waits: list[float] = []
    lock = threading.Lock()
    # The first ballots of all before the second of any: turns go one way.
    half = len(ballots) // 2

    def work(mine: list[bytes]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        own = []
        for ballot in mine:
            begun = time.perf_counter()
            connection.request("POST", f"/polls/{poll}/ballots/", ballot, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            content = answer.read()
            if answer.status != 201:
                print(answer.status, content.decode()[:200])
                os._exit(1)
            own.append(time.perf_counter() - begun)
        with lock:
            waits.extend(own)

    begun = time.perf_counter()
    for part in (ballots[:half], ballots[half:]):
        threads = [threading.Thread(target=work, args=(part[number::CONNECTIONS],)) for number in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return time.perf_counter() - begun, waits


def main(names: list[str]) -> None:
    """Run what is asked for."""
    parts = {"tokens": tokens_issued, "box": box_walked, "http": over_http}
    for name, part in parts.items():
        if not names or name in names:
            part()


if __name__ == "__main__":
    main(sys.argv[1:])
