"""Adopting a district, and replacing its boundaries."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madang.numerics.errors import Conflict, EngineInputError, NotFound
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.services import record
from madang.yard.places.bridge import DRAWN_FIELDS, boundaries_of, district_row, dong_rows, drawn, names_of
from madang.yard.places.engine.boundaries import Boundaries, Kind
from madang.yard.places.engine.regroup import regroup
from madang.yard.places.formats.bundle import district_read
from madang.yard.places.formats.geojson import boundaries_from, read_geojson
from madang.yard.places.formats.regrouping import read_regrouping
from madang.yard.places.models import District, Dong, DongKind
from madang.yard.places.selectors import district_current


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundariesDraft:
    """A file of boundaries that somebody hands in.

    Attributes
    ----------
    data : bytes
        GeoJSON, or a CSV that unites legal dongs.
    file_name : str
        What it is called.
    kind : str
        What a GeoJSON file's dongs are.
    tolerance_m : float
        Gaps and overlaps up to this width are cleaned and not refused. [m]
    """

    data: bytes
    file_name: str
    kind: Kind = "administrative"
    tolerance_m: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleStatement:
    """What the sample of a district was generated from.

    Attributes
    ----------
    seed : int
        Seed of the synthetic population.
    scale : float
        Its size relative to the district.
    populations : mapping of str to int
        Persons of each dong, by code.
    """

    seed: int
    scale: float
    populations: Mapping[str, int] = field(default_factory=dict)


@transaction.atomic
def district_adopt(actor: Actor, code: str, *, is_sample: bool = False) -> District:
    """Make a district the one that this installation serves; adopting it again changes nothing.

    Parameters
    ----------
    actor : Actor
        Who does it.
    code : str
        Official code of five digits.
    is_sample : bool, optional
        Whether its people and money are going to be generated.

    Raises
    ------
    NotFound
        If there is no district of this code; says which are near.
    Conflict
        If another district has been adopted.
    """
    require(actor, Action.DISTRICT_ADOPT, place=code)
    present = District.objects.first()
    if present is not None:
        if present.code != code:
            raise Conflict(
                "other_district",
                gettext_lazy("This installation serves another district already. Use a data directory of its own."),
                {"district": present.code, "asked": code},
            )
        return present
    try:
        boundaries = district_read(code)
    except EngineInputError as error:
        raise NotFound("district_unknown", _not_found(code, error.data.get("near", [])), error.data) from error
    drawing = drawn(boundaries)
    district = district_row(District(is_sample=is_sample), boundaries, drawing)
    district.save(force_insert=True)
    Dong.objects.bulk_create(dong_rows(district, boundaries, drawing))
    record(
        actor,
        Action.DISTRICT_ADOPT,
        target=district,
        detail={"code": code, "dongs": len(boundaries), "boundaries": district.boundary_digest},
    )
    return district


def _not_found(code: str, near: list[str]) -> str:
    if near:
        return _("There is no district with the code %(code)s. Did you mean %(near)s?") % {
            "code": code, "near": ", ".join(near),
        }  # fmt: skip
    return _("There is no district with the code %(code)s. `madang districts TEXT` finds the code.") % {"code": code}


@transaction.atomic
def sample_state(actor: Actor, statement: SampleStatement) -> District:
    """Write down what the district's sample was generated from, and how many persons each dong has in it.

    Raises
    ------
    Conflict
        If the district's data are real.
    """
    district = district_current()
    require(actor, Action.SAMPLE_LOAD, place=district.code)
    if not district.is_sample:
        raise Conflict(
            "district_is_real", gettext_lazy("This district holds real data; a sample cannot be loaded into it."),
            {"district": district.code},
        )  # fmt: skip
    district.sample_seed, district.sample_scale = statement.seed, statement.scale
    district.save(update_fields=["sample_seed", "sample_scale"])
    dongs = list(Dong.objects.filter(district=district, code__in=statement.populations).only("code", "population"))
    for dong in dongs:
        dong.population = statement.populations[dong.code]
    Dong.objects.bulk_update(dongs, ["population"])
    record(
        actor,
        Action.SAMPLE_LOAD,
        target=district,
        detail={"seed": statement.seed, "scale": statement.scale, "persons": sum(statement.populations.values())},
    )
    return district


@transaction.atomic
def boundaries_import(actor: Actor, draft: BoundariesDraft) -> District:
    """Replace the district's dongs by those of a GeoJSON file.

    Raises
    ------
    InputError
        If the file has a fault; nothing is changed then.
    Conflict
        If a dong that the file leaves out has records.
    """
    district = district_current()
    require(actor, Action.BOUNDARIES_IMPORT, place=district.code)
    shapes = read_geojson(draft.data, draft.file_name, tolerance_m=draft.tolerance_m)
    boundaries = boundaries_from(shapes, names_of(district), draft.kind, tolerance_m=draft.tolerance_m)
    return _replace(actor, district, boundaries, draft.file_name)


@transaction.atomic
def boundaries_regroup(actor: Actor, draft: BoundariesDraft) -> District:
    """Unite the district's legal dongs into administrative dongs by a CSV table.

    Raises
    ------
    InputError
        If the table has a fault; nothing is changed then.
    Conflict
        If the dongs are not legal dongs any more, or one that goes has records.
    """
    district = district_current()
    require(actor, Action.BOUNDARIES_IMPORT, place=district.code)
    if district.kind != DongKind.LEGAL:
        raise Conflict(
            "not_legal_dongs",
            gettext_lazy("The dongs are administrative dongs already; import a GeoJSON file instead."),
        )
    legal = boundaries_of(district)
    table = read_regrouping(draft.data, draft.file_name, legal)
    return _replace(actor, district, regroup(legal, table), draft.file_name)


def _replace(actor: Actor, district: District, boundaries: Boundaries, file_name: str) -> District:
    before = {dong.code: dong for dong in district.dongs.select_for_update()}
    gone = [dong for code, dong in before.items() if code not in boundaries.codes]
    _refuse_if_referenced(gone)
    drawing = drawn(boundaries)
    district_row(district, boundaries, drawing).save()
    rows = dong_rows(district, boundaries, drawing)
    kept = [row for row in rows if row.code in before]
    for row in kept:
        row.pk = before[row.code].pk
    Dong.objects.filter(pk__in=[dong.pk for dong in gone]).delete()
    Dong.objects.bulk_update(kept, DRAWN_FIELDS)
    Dong.objects.bulk_create([row for row in rows if row.code not in before])
    record(
        actor,
        Action.BOUNDARIES_IMPORT,
        target=district,
        detail={
            "file": file_name,
            "kind": boundaries.kind,
            "boundaries": district.boundary_digest,
            "kept": len(kept),
            "new": len(rows) - len(kept),
            "gone": sorted(dong.code for dong in gone),
        },
    )
    return district


def _refuse_if_referenced(gone: list[Dong]) -> None:
    """Refuse to lose a dong that anything points to, whatever its deletion would do to that."""
    for relation in Dong._meta.related_objects:
        holders = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": gone})
        codes = sorted(set(holders.values_list(f"{relation.field.name}__code", flat=True)))
        if codes:
            raise Conflict(
                "dong_in_use",
                gettext_lazy("A dong that the file leaves out has records. Keep its code, or move the records first."),
                {"dongs": codes, "records": relation.related_model._meta.label_lower},
            )
