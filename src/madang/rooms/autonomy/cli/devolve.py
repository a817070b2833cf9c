"""`madang autonomy devolve`: money and posts for the dongs by a published formula."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from madang.ui.terminal import answer, exit_codes
from madang.ui.terminal import translate as _

Json = Annotated[bool, typer.Option("--json", help=_("Answer in JSON, for programs."))]


def devolve(
    file: Annotated[Path, typer.Argument(metavar="FILE.toml", help=_("The formula with its numbers."))],
    data: Annotated[
        Path | None,
        typer.Option("--data", help=_("Take population and area of the dongs from this installation.")),
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Share by the formula, and show what each weight does."""
    with exit_codes(as_json=as_json):
        from madang.rooms.autonomy.engine.devolution import devolve_json
        from madang.rooms.autonomy.formats.devolution_toml import formula_toml

        known = _known(data) if data is not None else None
        formula = formula_toml(file.name, file.read_bytes(), known)
        result = devolve_json(formula.inputs, {}, None)
        dongs = [
            {
                "code": code,
                "name": name,
                "share": result["shares"][place],
                **{pot: given[place] for pot, given in result["given"].items()},
            }
            for place, (code, name) in enumerate(zip(formula.inputs["dongs"], formula.names, strict=True))
        ]
        report = {
            "title": formula.title,
            "rounding": formula.inputs["rounding"],
            "totals": {pot["name"]: pot["total"] for pot in formula.inputs["pots"]},
            "dongs": dongs,
            "effects": result["effects"],
        }
        answer(report, lambda: _lines(report), as_json=as_json)


def _known(data: Path) -> Mapping[str, Mapping[str, int | float | str]]:
    from madang.ops.installation import open_installation

    open_installation(data)
    from madang.rooms.autonomy.selectors.devolution import dong_numbers

    return dong_numbers()


def _lines(report: Mapping[str, Any]) -> Iterator[str]:
    pots = list(report["totals"])
    if report["title"]:
        yield report["title"]
    for dong in report["dongs"]:
        numbers = "  ".join(f"{dong[pot]:>16,} {_(pot)}" for pot in pots)
        yield f"{dong['code']:<11} {100 * dong['share']:6.2f} %  {numbers}  {dong['name']}"
    for effect in report["effects"]:
        yield ""
        yield _("%(criterion)s %(points)+g points:") % effect
        for place, dong in enumerate(report["dongs"]):
            changes = {pot: effect["changes"][pot][place] for pot in pots}
            if any(changes.values()):
                yield f"{dong['code']:<11} " + "  ".join(f"{changes[pot]:>+16,} {_(pot)}" for pot in pots)
