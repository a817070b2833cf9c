"""The stand-alone verifier in a real browser: it finds and counts what the engine does, and asks nobody."""

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from tests.journeys.conftest import LANGUAGES, SCHEMES, WIDTHS, assert_accessible, assert_fits, assert_keyboard

import madang.rooms.autonomy
from madang.rooms.autonomy.engine.allocation.rule import allocate, election_from_json
from madang.rooms.autonomy.engine.ballots.box import header_read, receipt, receipt_shown
from madang.rooms.autonomy.engine.ballots.encoding import b64, canonical
from madang.rooms.autonomy.engine.ballots.rehearsal import Play, Rehearsal, Stage, box_rehearsed, rehearse
from madang.rooms.autonomy.engine.ballots.tokens import PrivateKey
from madang.rooms.autonomy.engine.ballots.verification import verify_box
from madang.rooms.autonomy.engine.manifest import Manifest

VERIFIER = Path(madang.rooms.autonomy.__file__).parent / "static" / "autonomy" / "verifier.html"
WORDS = {
    "ko": {
        "right": "✓ 맞습니다",
        "wrong": "✗ 맞지 않습니다",
        "in": "번에 들어 있습니다",
        "counted": "이 표는 세어졌습니다.",
    },
    "en": {
        "right": "✓ It is right",
        "wrong": "✗ It is not right",
        "in": "is in the box as entry",
        "counted": "It was counted.",
    },
}
PROJECTS: list[dict[str, Any]] = [
    {"id": f"P{number}", "name": f"제안 {number}", "cost": cost, "category": "안전"}
    for number, cost in enumerate((3_000_000, 5_000_000, 2_500_000, 4_000_000, 1_000_000, 6_000_000, 0, 2_000_000), 1)
]
IDS: list[str] = sorted(row["id"] for row in PROJECTS)
CHECK = """async text => {
  const running = {workers: new Set(), stops: []};
  const found = await check(new File([text], "a.box.jsonl"), "", running, () => {});
  const {stage, faults, invalid, replaced, phone, paper, counted, head, same, recounted} = found;
  return {stage, faults, invalid, replaced, phone, paper, counted, head, same, recounted};
}"""


@pytest.fixture(scope="module")
def token_key() -> PrivateKey:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return PrivateKey.from_pem(key.private_bytes(*form).decode())


@pytest.fixture
def open_verifier(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open the file from the disk, as somebody does who downloaded it."""
    contexts, asked, errors = [], [], []

    def open_page(width: int = 360, scheme: str = "light", language: str = "ko", *, bypass_csp: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]  # light or dark
            locale={"ko": "ko-KR", "en": "en-GB"}[language],
            bypass_csp=bypass_csp,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(VERIFIER.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not [url for url in asked if url != VERIFIER.as_uri() and not url.startswith("blob:")], "it asked somebody"
    assert not errors


def manifest(**changes: Any) -> dict[str, Any]:  # JSON
    value = {"rule": "equal-shares", "satisfaction": "cost", "completion": "add1", "step": 1000, **changes}
    return Manifest.from_json(value).to_json()


def poll(token_key: PrivateKey, rule: dict[str, Any], seed: int = 1, budget: int = 9_000_000) -> Rehearsal:
    stage = Stage(
        poll="29140-2026-1", title="우리 동 주민총회", manifest=rule, budget=budget, projects=PROJECTS,
        token_key=token_key, random_bytes=random.Random(seed).randbytes,  # noqa: S311  # a rehearsal
    )  # fmt: skip
    return rehearse(stage)


def counted(inputs: dict[str, Any], rule: dict[str, Any]) -> dict[str, Any]:
    """Return what the engine counts."""
    wanted = Manifest.from_json(rule)
    election = election_from_json(inputs, wanted.ballot.type, wanted.budget)
    winners = allocate(election, wanted).winners
    ids, costs = [election.projects[p].id for p in winners], [election.projects[p].cost for p in winners]
    return {"winners": ids, "total_cost": int(sum(costs))}


def result_of(rule: dict[str, Any], budget: int, choices: Sequence[Any]) -> dict[str, Any]:
    return counted({"projects": PROJECTS, "ballots": choices, "budget": budget}, rule)


def counted_choices(header: Any, entries: Sequence[Mapping[str, Any]]) -> list[Any]:  # Header
    """Return what counts of entries that are all sound: the last of each voter."""
    last: dict[str, Any] = {}
    for row in entries:
        last[row["body"].get("token", row["body"].get("sheet"))] = row["opening"]["choice"]
    assert header.rules
    return list(last.values())


def some_choice(kind: str, draw: random.Random) -> dict[str, Any]:
    chosen = draw.sample(IDS, draw.randint(0, 4))
    match kind:
        case "approval":
            return {"approve": sorted(chosen)}
        case "ordinal":
            return {"order": chosen}
        case _:
            return {"points": {project: draw.randint(1, 5) for project in sorted(chosen)}}


def some_box(
    token_key: PrivateKey, rule: dict[str, Any], seed: int, voters: int = 24, budget: int = 9_000_000
) -> list[dict[str, Any]]:
    draw = random.Random(seed)  # noqa: S311  # a rehearsal
    kind = rule["ballot"]["type"]
    plays = [Play(voter=number, choice=some_choice(kind, draw)) for number in range(voters)]
    plays += [Play(voter=draw.randrange(voters), choice=some_choice(kind, draw)) for _again in range(4)]
    plays += [Play(voter=-1, choice=some_choice(kind, draw), sheet=f"A-{number}") for number in range(3)]
    made = poll(token_key, rule, seed, budget)
    return box_rehearsed(made, plays, lambda entries: result_of(rule, budget, counted_choices(made.header, entries)))


def text_of(lines: Sequence[Any]) -> str:
    return "".join(canonical(line).decode() + "\n" for line in lines)


def said_by_engine(lines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    verdict = verify_box(header_read(lines[0]), lines[1:])
    return {
        "stage": verdict.stage, "faults": [fault.as_json() for fault in verdict.faults],
        "invalid": [list(row) for row in verdict.invalid], "replaced": verdict.replaced, "phone": verdict.phone,
        "paper": verdict.paper, "counted": len(verdict.counted), "head": verdict.head,
    }  # fmt: skip


def run(page: Page, path: Path, number: str = "") -> str:
    page.set_input_files("#file", path)
    page.fill("#receipt", number)
    page.click("#start")
    page.wait_for_selector("#verdict:not([hidden])")
    return page.inner_text("main")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_box_is_checked_by_keyboard_on_a_small_screen(
    open_verifier: Callable[..., Page], token_key: PrivateKey, tmp_path: Path, language: str
) -> None:
    lines = some_box(token_key, manifest(), seed=7)
    path = tmp_path / "poll.box.jsonl"
    path.write_text(text_of(lines), encoding="utf-8")
    page = open_verifier(360, language=language)
    page.focus("#file")
    page.set_input_files("#file", path)
    page.keyboard.press("Tab")
    digest = receipt(lines[5]["body"])
    page.keyboard.type(receipt_shown(digest))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#verdict:not([hidden])")
    words = WORDS[language]
    assert page.inner_text("#verdict-title") == words["right"]
    assert page.evaluate("document.activeElement.id") == "verdict-title"
    assert words["in"] in page.inner_text("#mine")
    assert "제안" in page.inner_text("#mine")
    shown = [row.inner_text() for row in page.locator("#result tbody tr td:nth-child(2)").all()]
    winners = lines[-1]["closing"]["result"]["winners"]
    assert [text.split("(")[1].rstrip(")") for text in shown] == winners
    assert_fits(page)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_is_sound(
    open_verifier: Callable[..., Page], token_key: PrivateKey, tmp_path: Path, width: int, scheme: str
) -> None:
    lines = some_box(token_key, manifest(), seed=8)
    lines[3]["body"]["commitment"] = "0" * 64
    path = tmp_path / "poll.box.jsonl"
    path.write_text(text_of(lines), encoding="utf-8")
    page = open_verifier(width, scheme, bypass_csp=True)
    assert_accessible(page)
    assert_fits(page)
    assert_keyboard(page)
    assert WORDS["ko"]["wrong"] in run(page, path, "0" * 20)
    assert_accessible(page)
    assert_fits(page)
    page.click("#language")
    assert page.inner_text("#verdict-title") == WORDS["en"]["wrong"]
    assert page.get_attribute("html", "lang") == "en"


def test_what_is_no_box_is_refused_in_words(open_verifier: Callable[..., Page], tmp_path: Path) -> None:
    page = open_verifier()
    page.click("#start")
    assert page.inner_text("#file-error") != ""
    for text in ("", "{}\n", "not json", '{"format":"madang-box"}'):
        path = tmp_path / "poll.box.jsonl"
        path.write_text(text, encoding="utf-8")
        page.set_input_files("#file", path)
        page.click("#start")
        page.wait_for_selector("#verdict.bad:not([hidden])")
    page.fill("#receipt", "12 34")
    page.click("#start")
    assert page.inner_text("#receipt-error") != ""


RULES: list[dict[str, Any]] = [
    {"rule": rule, "satisfaction": satisfaction, "completion": completion, "stop": stop, "ballot": {"type": kind}}
    for kind, fits in (
        ("approval", ("cost", "cardinality", "score")),
        ("cumulative", ("additive", "cost")),
        ("ordinal", ("borda", "score")),
    )
    for satisfaction in fits
    for rule, completion, stop in (
        ("greedy", "none", "first-exhaustive"),
        ("equal-shares", "none", "first-exhaustive"),
        ("equal-shares", "greedy", "first-exhaustive"),
        ("equal-shares", "add1", "first-exhaustive"),
        ("equal-shares", "add1", "run-on"),
        ("equal-shares", "add1-greedy", "run-on"),
    )
    if satisfaction != "score" or rule == "greedy"
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: "-".join(map(str, rule.values()))[:60])
def test_random_elections_are_counted_as_the_engine_counts(
    open_verifier: Callable[..., Page], rule: dict[str, Any]
) -> None:
    """Small costs and few voters make many ties; the engine is the oracle, in order of selection."""
    draw = random.Random(f"{rule}")  # noqa: S311  # cases of a test
    cases = []
    for _case in range(40):
        projects: list[dict[str, Any]] = [
            {"id": name, "name": name, "cost": draw.choice((0, 1, 2, 3, 4, 6, 7, 12)) * draw.choice((1, 1, 1, 1000))}
            for name in draw.sample(["1", "2", "10", "a", "B", "b.1", "Z-9", "k_3", "30"], draw.randint(1, 9))
        ]
        ids = sorted(project["id"] for project in projects)
        ballots = []
        for _ballot in range(draw.randint(0, 12)):
            chosen = draw.sample(ids, draw.randint(0, len(ids)))
            match rule["ballot"]["type"]:
                case "approval":
                    choice: dict[str, Any] = {"approve": sorted(chosen)}
                case "ordinal":
                    choice = {"order": chosen}
                case _:
                    choice = {"points": {name: draw.randint(1, 4) for name in sorted(chosen)}}
            ballots.append((choice, draw.choice((1, 1, 2, 3))))
        step = draw.choice((1, "1/3", "0.5", 2))
        ties = draw.choice((["id"], ["cost", "id"], ["votes", "costly"], ["listed"]))
        whole = Manifest.from_json(
            {**rule, "step": step, "ties": ties, "misfit": draw.choice(("skip", "stop"))}
        ).to_json()
        budget = draw.choice((0, 3, 10, 17, 2000))
        inputs = {"projects": projects, "budget": budget, "ballots": [{**choice, "count": n} for choice, n in ballots]}
        cases.append((whole, budget, projects, ballots, counted(inputs, whole)["winners"]))
    page = open_verifier()
    found = page.evaluate(
        """cases => cases.map(([manifest, budget, projects, ballots]) => recount(
          {manifest, budget, projects}, ballots.map(([choice, n]) => [canonical(choice), n]), () => {}).winners)""",
        [case[:4] for case in cases],
    )
    for case, winners in zip(cases, found, strict=True):
        assert winners == case[4], json.dumps(case[:4], ensure_ascii=False)


def test_an_unknown_rule_is_left_to_the_command_line(open_verifier: Callable[..., Page], token_key: PrivateKey) -> None:
    page = open_verifier()
    rule = manifest(rule="phragmen", completion="none", satisfaction="cardinality")
    found = page.evaluate(CHECK, text_of(some_box(token_key, rule, seed=3, voters=4)))
    assert (found["faults"], found["recounted"]) == ([], None)


def test_every_kind_of_ballot_agrees_with_the_engine(open_verifier: Callable[..., Page], token_key: PrivateKey) -> None:
    page = open_verifier()
    for number, kind in enumerate(("approval", "cumulative", "scoring", "ordinal")):
        limits = {"max_sum_points": 20} if kind in {"cumulative", "scoring"} else {}
        rule = Manifest.from_json({"rule": "equal-shares", "ballot": {"type": kind, **limits}}).to_json()
        lines = some_box(token_key, rule, seed=20 + number)
        found = page.evaluate(CHECK, text_of(lines))
        wanted = said_by_engine(lines)
        assert {name: found[name] for name in wanted} == wanted
        assert wanted["faults"] == []
        assert found["same"]
        assert found["recounted"]["winners"] == lines[-1]["closing"]["result"]["winners"]


def tampered(lines: list[dict[str, Any]], other: list[dict[str, Any]]) -> Iterator[tuple[str, list[Any]]]:
    """Yield boxes in each of which one thing is wrong."""

    def changed(change: Callable[[list[Any]], object]) -> list[Any]:
        copy = json.loads(json.dumps(lines))
        change(copy)
        return copy  # type: ignore[no-any-return]  # JSON

    closing = len(lines) - 1
    yield "altered turn", changed(lambda box: box[4]["body"].update(turn=2))
    yield "altered hash", changed(lambda box: box[4].update(hash="0" * 64))
    yield "altered first", changed(lambda box: box[1].update(hash="0" * 64))
    yield "altered commitment", changed(lambda box: box[4]["body"].update(commitment="0" * 64))
    yield "another choice", changed(lambda box: box[4]["opening"].update(choice={"approve": ["P1", "P2", "P3"]}))
    yield "choice against the rule", changed(lambda box: box[4]["opening"].update(choice={"approve": ["P9"]}))
    yield "signature", changed(lambda box: box[4]["body"].update(signature=b64(bytes(256))))
    yield "another's token", changed(lambda box: box[4]["body"].update(token=other[4]["body"]["token"]))
    yield "key that is no base64", changed(lambda box: box[4]["body"].update(turn_key="A" * 42 + "B"))
    yield "more in the body", changed(lambda box: box[4]["body"].update(note="x"))
    yield "dropped", changed(lambda box: box.pop(6))
    yield "dropped last", changed(lambda box: box.pop(closing - 1))
    yield "dropped two", changed(lambda box: (box.pop(6), box.pop(9)))
    yield "added", changed(lambda box: box.insert(6, json.loads(json.dumps(box[5]))))
    yield "swapped", changed(lambda box: box.insert(6, box.pop(9)))
    yield "replayed turn", changed(lambda box: box[7].update(body=json.loads(json.dumps(box[6]["body"]))))
    yield "opening withheld", changed(lambda box: box[4].update(opening=None))
    yield "form", changed(lambda box: box[4].pop("body"))
    yield "foreign key in a line", changed(lambda box: box[4].update(note=1))
    yield "close count", changed(lambda box: box[closing - 1]["body"].update(entries=5))
    yield "issued", changed(lambda box: box[closing - 1]["body"].update(issued={"phone": 3, "paper": 0}))
    yield "head", changed(lambda box: box[closing]["closing"].update(head="0" * 64))
    yield "seq", changed(lambda box: box[closing]["closing"].update(seq=400))
    yield "seal", changed(lambda box: box[closing]["closing"].update(seal_private=b64(bytes(31) + b"\x01")))
    yield "no scalar", changed(lambda box: box[closing]["closing"].update(seal_private="zz"))
    yield "invalid list", changed(lambda box: box[closing]["closing"].update(invalid=[{"seq": 3, "reason": "choice"}]))
    yield "unsigned", changed(lambda box: box[closing]["closing"].update(signatures=[]))
    yield (
        "signed twice by one",
        changed(lambda box: box[closing]["closing"].update(signatures=[box[closing]["closing"]["signatures"][0]] * 3)),
    )
    yield (
        "false signature",
        changed(lambda box: box[closing]["closing"]["signatures"][1].update(signature=b64(bytes(64)))),
    )
    yield (
        "another box was signed",
        changed(lambda box: box[closing]["closing"].update(signatures=other[-1]["closing"]["signatures"])),
    )
    yield "closing with more", changed(lambda box: box[closing]["closing"].update(note=1))
    yield (
        "shares of another key",
        changed(lambda box: box[0]["keys"].update(share_publics=other[0]["keys"]["share_publics"])),
    )
    yield "still open", changed(lambda box: (box.pop(), box.pop()))
    yield "closed only", changed(lambda box: box.pop())


def test_whatever_is_tampered_with_is_found_as_the_engine_finds_it(
    open_verifier: Callable[..., Page], token_key: PrivateKey
) -> None:
    rule = manifest()
    lines, other = some_box(token_key, rule, seed=31), some_box(token_key, rule, seed=32)
    page = open_verifier()
    for name, box in tampered(lines, other):
        found, wanted = page.evaluate(CHECK, text_of(box)), said_by_engine(box)
        assert {key: found[key] for key in wanted} == wanted, name
        assert wanted["faults"] or wanted["stage"] != "opened", name


def test_another_result_than_announced_is_no_right_result(
    open_verifier: Callable[..., Page], token_key: PrivateKey, tmp_path: Path
) -> None:
    lines = some_box(token_key, manifest(), seed=41)
    winners = lines[-1]["closing"]["result"]["winners"]
    lines[-1]["closing"]["result"]["winners"] = [*winners[1:], winners[0]]
    path = tmp_path / "poll.box.jsonl"
    path.write_text(text_of(lines), encoding="utf-8")
    page = open_verifier()
    assert WORDS["ko"]["wrong"] in run(page, path)
    # Not in its one form: the same value with a space is another line.
    path.write_text(text_of(lines).replace('{"body":', '{ "body":', 1), encoding="utf-8")
    assert WORDS["ko"]["wrong"] in run(page, path)


def test_a_large_box_can_be_stopped(open_verifier: Callable[..., Page], token_key: PrivateKey, tmp_path: Path) -> None:
    lines = some_box(token_key, manifest(), seed=51)
    path = tmp_path / "poll.box.jsonl"
    # Many copies of the same entry are no sound box, but take their time.
    path.write_text(text_of([lines[0], *(lines[2:3] * 60_000)]), encoding="utf-8")
    page = open_verifier()
    page.set_input_files("#file", path)
    page.click("#start")
    page.click("#stop")
    page.wait_for_selector("#start:not([disabled])")
    assert page.inner_text("#ended") != ""
    assert page.locator("#verdict").is_hidden()
