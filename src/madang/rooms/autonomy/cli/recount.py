"""`madang autonomy recount`: check a public ballot box from its first line to its last, and count it again."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from madang.ui.terminal import EXIT_FAULT, ProgressLine, answer, exit_codes
from madang.ui.terminal import translate as _

if TYPE_CHECKING:
    from madang.rooms.autonomy.engine.ballots.box import Header
    from madang.rooms.autonomy.engine.ballots.verification import Verdict

Json = Annotated[bool, typer.Option("--json", help=_("Answer in JSON, for programs."))]
MOST_LINES = 20


def recount(
    box: Annotated[Path, typer.Argument(metavar="BOX", help=_("A public box, such as 29140104-2027-1.box.jsonl."))],
    receipt: Annotated[
        str, typer.Option("--receipt", metavar="DIGITS", help=_("Say where the ballot of this receipt stands."))
    ] = "",
    pabulib: Annotated[
        Path | None,
        typer.Option("--pabulib", metavar="FILE.pb", help=_("Write the ballots that count for other tools.")),
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Check every entry, seal and signature of a box, and count it by its own rule."""
    with exit_codes(as_json=as_json):
        from madang.rooms.autonomy.engine.ballots.verification import verify_box
        from madang.rooms.autonomy.formats.box import box_read, pabulib_text

        begun = time.perf_counter()
        bar = ProgressLine(quiet=as_json)
        # The size tells how far it is; a line has about as many bytes as the next.
        with box.open("rb") as stream:
            file = box_read(stream, box.name)
            seen = _Looking(file.lines, receipt)
            verdict = verify_box(
                file.header,
                seen.lines(),
                total=max(1, box.stat().st_size // 900),
                progress=lambda part: bar(min(part, 0.99), _("checking the box")),
            )
        report = {
            "file": box.name,
            "poll": file.header.poll,
            "title": file.header.value["title"],
            "manifest_hash": file.header.value["manifest_hash"],
            **_checked(verdict),
            **_counted(file.header, verdict, seen.stated),
        }
        if receipt:
            report["receipt"] = seen.found
        report["sound"] = verdict.sound and not report["differences"] and (not receipt or seen.found is not None)
        report["seconds"] = round(time.perf_counter() - begun, 6)
        bar(1.0, _("checking the box"))
        if pabulib is not None:
            pabulib.write_text(pabulib_text(file.header, verdict.counted, report["winners"] or ()), encoding="utf-8")
        answer(report, lambda: _lines(report), as_json=as_json)
        if not report["sound"]:
            raise typer.Exit(EXIT_FAULT)


class _Looking:
    """Passes the lines of a box on, and notes the stated result and one receipt on the way."""

    def __init__(self, lines: Iterator[Any], receipt: str) -> None:
        self._lines = lines
        self._digits = "".join(receipt.split()).replace("-", "").lower()
        self.stated: Any = None
        self.found: dict[str, Any] | None = None

    def lines(self) -> Iterator[Any]:
        from madang.rooms.autonomy.engine.ballots.box import receipt

        for line in self._lines:
            if isinstance(line, dict) and isinstance(line.get("closing"), dict):
                self.stated = line["closing"].get("result")
            elif self._digits and isinstance(line, dict) and isinstance(line.get("body"), dict):
                digest = receipt(line["body"])
                if digest.startswith(self._digits):
                    self.found = {"seq": line.get("seq"), "receipt": digest, "opening": line.get("opening")}
            yield line


def _checked(verdict: "Verdict") -> dict[str, Any]:
    return {
        "stage": verdict.stage,
        "entries": verdict.entries,
        "head": verdict.head,
        "phone": verdict.phone,
        "paper": verdict.paper,
        "replaced": verdict.replaced,
        "invalid": [{"seq": seq, "reason": reason} for seq, reason in verdict.invalid],
        "faults": [fault.as_json() for fault in verdict.faults],
    }


def _counted(header: "Header", verdict: "Verdict", stated: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON value
    names = ("rule", "satisfaction", "completion", "winners", "total_cost", "budget", "voters")
    if verdict.stage != "opened":
        return {**dict.fromkeys(names), "stated": None, "differences": []}
    from madang.rooms.autonomy.engine.ballots.count import recount as count_again
    from madang.rooms.autonomy.engine.ballots.count import result_differs

    result = count_again(header, verdict.counted)
    return {
        **{name: result[name] for name in names},
        "stated": stated,
        "differences": result_differs(stated, result),
    }


def _lines(report: dict[str, Any]) -> Iterator[str]:
    yield f"{report['title']} ({report['poll']})"
    yield _("%(entries)s ballots in the box: %(phone)s by phone, %(paper)s on paper, %(replaced)s replaced.") % report
    yield _("Head of the box: %(head)s") % report
    for fault in report["faults"][:MOST_LINES]:
        yield _("Entry %(seq)s does not hold: %(code)s") % fault
    if len(report["faults"]) > MOST_LINES:
        yield _("... and %(more)s more.") % {"more": len(report["faults"]) - MOST_LINES}
    for row in report["invalid"][:MOST_LINES]:
        yield _("Entry %(seq)s does not count: %(reason)s") % row
    if report["winners"] is None:
        yield _("The ballots are not opened yet.")
    else:
        yield _("Winners under %(rule)s: %(listed)s") % {**report, "listed": ", ".join(report["winners"]) or "-"}
        yield _("%(total_cost)s of %(budget)s won, decided by %(voters)s ballots.") % report
    if report["differences"]:
        yield _("The result that was published says otherwise: %(listed)s") % {"listed": report["stated"]}
    if "receipt" in report:
        found = report["receipt"]
        yield _("Your ballot is entry %(seq)s.") % found if found else _("No ballot of this receipt is in the box.")
    yield _("Everything holds.") if report["sound"] else _("This box does not hold.")
