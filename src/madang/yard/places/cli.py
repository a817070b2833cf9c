"""The commands `madang districts` and `madang places`."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from madang.ui.terminal import answer, exit_codes
from madang.ui.terminal import translate as _

if TYPE_CHECKING:
    from madang.yard.places.models import District

places = typer.Typer(no_args_is_help=True, help=_("The district's dongs and their boundaries."))

Data = Annotated[Path | None, typer.Option("--data", help=_("Data directory of the installation."))]
Json = Annotated[bool, typer.Option("--json", help=_("Answer in JSON, for programs."))]
File = Annotated[Path, typer.Argument(metavar="FILE", help=_("File to read."))]
Tolerance = Annotated[
    float, typer.Option("--tolerance", min=0.0, help=_("Clean gaps and overlaps up to this width, in metres."))
]


def districts(
    text: Annotated[str, typer.Argument(metavar="TEXT", help=_("Part of a code or name."))] = "",
    *,
    as_json: Json = False,
) -> None:
    """List the districts of Korea whose code or name holds TEXT."""
    with exit_codes(as_json=as_json):
        from madang.yard.places.formats.bundle import districts as find

        found = find(text)

        def lines() -> Iterator[str]:
            for entry in found:
                names = entry.names
                english = f"{names.name_en}, {names.sido_en}"
                yield f"{names.code}  {names.sido_ko} {names.name_ko}  {english}  ({entry.dongs})"
            if not found:
                yield _("No district has this in its code or name.")

        answer([{**asdict(entry.names), "dongs": entry.dongs} for entry in found], lines, as_json=as_json)


def _opened(data: Path | None) -> None:
    from madang.ops.installation import open_installation

    open_installation(data)


def _told(district: "District", *, as_json: bool) -> None:
    body: dict[str, Any] = {
        "district": district.code,
        "kind": district.kind,
        "dongs": district.dongs.count(),
        "boundaries": district.boundary_digest,
    }
    kind = _("legal dong") if district.kind == "legal" else _("administrative dong")

    def lines() -> Iterator[str]:
        yield _("%(district)s now has %(dongs)d dongs (%(kind)s).") % {**body, "kind": kind}

    answer(body, lines, as_json=as_json)


@places.command("import", help=_("Replace the district's dongs by those of a GeoJSON file, after checking it."))
def import_(
    file: File,
    data: Data = None,
    tolerance: Tolerance = 1.0,
    *,
    legal: Annotated[bool, typer.Option("--legal", help=_("They are legal dongs, not administrative ones."))] = False,
    as_json: Json = False,
) -> None:
    """Replace the district's dongs by those of a GeoJSON file."""
    with exit_codes(as_json=as_json):
        content = file.read_bytes()
        _opened(data)
        from madang.yard.audit.authority import SYSTEM
        from madang.yard.places.services import BoundariesDraft, boundaries_import

        draft = BoundariesDraft(
            data=content, file_name=file.name, kind="legal" if legal else "administrative", tolerance_m=tolerance
        )
        _told(boundaries_import(SYSTEM, draft), as_json=as_json)


@places.command("regroup", help=_("Unite legal dongs into administrative dongs by a CSV: code,name,legal_codes."))
def regroup(file: File, data: Data = None, *, as_json: Json = False) -> None:
    """Unite legal dongs into administrative dongs."""
    with exit_codes(as_json=as_json):
        content = file.read_bytes()
        _opened(data)
        from madang.yard.audit.authority import SYSTEM
        from madang.yard.places.services import BoundariesDraft, boundaries_regroup

        _told(boundaries_regroup(SYSTEM, BoundariesDraft(data=content, file_name=file.name)), as_json=as_json)


@places.command("export", help=_("Write the district's dongs as GeoJSON."))
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("File to write."))],
    data: Data = None,
    *,
    district: Annotated[
        str, typer.Option("--district", metavar="CODE", help=_("Any district of Korea; needs no installation."))
    ] = "",
    simple: Annotated[bool, typer.Option("--simple", help=_("Simplified, with shared borders kept."))] = False,
    as_json: Json = False,
) -> None:
    """Write the district's dongs as GeoJSON."""
    with exit_codes(as_json=as_json):
        from madang.yard.places.formats.geojson import simplified, write_geojson

        if district:
            from madang.yard.places.formats.bundle import district_read

            boundaries = district_read(district)
        else:
            _opened(data)
            from madang.yard.places.selectors import boundaries_current

            boundaries = boundaries_current()
        file.write_bytes(write_geojson(boundaries, simplified(boundaries) if simple else None))
        body = {"file": str(file), "district": boundaries.district.code, "dongs": len(boundaries)}
        answer(body, lambda: iter([_("%(dongs)d dongs written to %(file)s") % body]), as_json=as_json)
