"""The sample of a district: a synthetic population, some of it as records, demo accounts and the first cycle."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from madang.numerics.errors import InputError
from madang.ops.installation import Installation, write_private
from madang.ui.terminal import translate as _

if TYPE_CHECKING:
    from madang.yard.people.engine.population import Population
    from madang.yard.people.engine.records import PersonRecord
    from madang.yard.people.services import PersonDraft
    from madang.yard.places.engine.boundaries import Boundaries

SEED = 2026
RECORDS = 2000
PASSWORD_FILE = "demo-password"  # noqa: S105  # the name of a file

Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleLoaded:
    """What the sample consists of.

    Attributes
    ----------
    persons : int
        Persons of the synthetic population.
    accounts : tuple of (username, role, place)
        Demo accounts.
    password : str
        Password of all of them.
    """

    persons: int
    accounts: tuple[tuple[str, str, str], ...]
    password: str


def generate(code: str, *, scale: float, seed: int, out: Path | None) -> "Population":
    """Generate a district's population without an installation, and write it to a file if one is named.

    Raises
    ------
    EngineInputError
        If there is no such district, or the scale or seed cannot be used.
    """
    from madang.yard.people.engine.population import synthesise
    from madang.yard.people.formats.population_parquet import write_population
    from madang.yard.places.formats.bundle import district_read

    population = synthesise(district_read(code), seed, scale)
    if out is not None:
        out.write_bytes(write_population(population))
    return population


def describe(population: "Population", code: str) -> dict[str, Any]:
    """Return a population's main figures as JSON."""
    persons, households = population.persons, population.households
    return {
        "district": code,
        "seed": population.seed,
        "scale": population.scale,
        "version": population.version,
        "persons": len(persons.age),
        "aged_65_and_over": int((persons.age >= 65).sum()),
        "households": len(households.size),
        "one_person_households": int((households.size == 1).sum()),
        "elders_living_alone": int(households.is_elder_alone.sum()),
        "needing_long_term_care": int((persons.grade > 0).sum()),
        "schools": len(population.schools.level),
        "workplaces": len(population.workplaces.sector),
        "electricity_mwh_a_year": round(float(households.electricity_kwh.sum()) / 1000),
        "dongs": population.persons_by_dong,
        "digest": population.digest,
    }


def sample_load(installation: Installation, progress: Progress) -> SampleLoaded:
    """Make the sample of an installation; what is there already is kept.

    The population is made again if its file is missing, damaged or lies in other boundaries. Persons are entered in one
    transaction and so is the first cycle, so a start that was interrupted begins the step in hand anew.
    """
    from madang.yard.audit.authority import SYSTEM
    from madang.yard.people.services import demo_accounts_make
    from madang.yard.places.selectors import district_current, dongs_of

    if not _is_complete(installation):
        _fill(installation, progress)
    progress(0.97, _("looking for the demo accounts"))
    made = demo_accounts_make(SYSTEM, district_current())
    password = _password(installation, made.password)
    persons = sum(dong.population or 0 for dong in dongs_of(district_current()))
    return SampleLoaded(
        persons=persons,
        accounts=tuple((account.username, account.role.value, account.place) for account in made.accounts),
        password=password,
    )


def _is_complete(installation: Installation) -> bool:
    """Return whether nothing of the sample is missing, without reading the population."""
    from madang.rooms.projects.models import PledgeAssessment
    from madang.yard.people.models import Person
    from madang.yard.places.models import District

    district = District.objects.get()
    return (
        installation.population.exists()
        and district.sample_scale == installation.scale
        # An import of other boundaries empties these.
        and not district.dongs.filter(population=None).exists()
        and Person.objects.exists()
        # The first turn ends by judging the pledges, in one transaction with all that comes before.
        and PledgeAssessment.objects.exists()
    )


def _fill(installation: Installation, progress: Progress) -> None:
    from madang.plaza.workflows import first_cycle
    from madang.yard.audit.authority import SYSTEM
    from madang.yard.evidence.services import dataset_publish
    from madang.yard.people.models import Person
    from madang.yard.people.services import persons_load
    from madang.yard.places.selectors import boundaries_current
    from madang.yard.places.services import SampleStatement, sample_state

    boundaries = boundaries_current()
    population = _population(installation, boundaries, progress)
    sample_state(
        SYSTEM,
        SampleStatement(seed=population.seed, scale=population.scale, populations=population.persons_by_dong),
    )
    if not Person.objects.exists():
        progress(0.6, _("entering some of them as records"))
        persons_load(SYSTEM, _drafts(population, boundaries))
    first_cycle(population, progress=lambda fraction, step: progress(0.75 + 0.15 * fraction, step))
    progress(0.92, _("publishing the open data"))
    dataset_publish(SYSTEM)


def _population(installation: Installation, boundaries: "Boundaries", progress: Progress) -> "Population":
    from madang.yard.people.engine.population import VERSION, synthesise
    from madang.yard.people.formats.population_parquet import read_population, write_population

    path = installation.population
    if path.exists():
        try:
            kept = read_population(path.read_bytes(), path.name)
        except InputError:
            path.unlink()
        else:
            if (kept.boundaries, kept.scale, kept.version) == (boundaries.digest, installation.scale, VERSION):
                return kept
    population = synthesise(
        boundaries,
        SEED,
        installation.scale,
        progress=lambda fraction, step: progress(0.55 * fraction, _("generating the sample population") + f": {step}"),
    )
    part = path.with_name(path.name + ".part")
    part.write_bytes(write_population(population))
    part.replace(path)
    return population


def _drafts(population: "Population", boundaries: "Boundaries") -> "Iterator[PersonDraft]":
    from madang.yard.people.engine.records import sample_records
    from madang.yard.people.models import Sex
    from madang.yard.people.services import PersonDraft

    count = min(RECORDS, len(population.persons.age))
    for found in sample_records(population, boundaries, count, SEED):
        yield PersonDraft(
            dong=found.dong_code,
            name=found.name,
            phone=found.phone,
            address=found.address,
            birth_date=found.birth_date,
            notes=_notes(found),
            sex=(Sex.MALE, Sex.FEMALE)[found.sex],
            household=_household(population, found.household),
        )


def _household(population: "Population", household: int) -> uuid.UUID | None:
    if household < 0:
        return None
    # The same household of the same sample has the same reference wherever it is loaded.
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{population.district}/{population.seed}/{population.scale}/{household}")


def _notes(found: "PersonRecord") -> str:
    parts = list(found.conditions)
    if found.grade:
        parts.append(f"long-term care grade {found.grade}")
    if found.lives_alone:
        parts.append("lives alone")
    return ", ".join(parts)


def _password(installation: Installation, fresh: str) -> str:
    """Keep the demo accounts' password beside the sample, so that a later start can print it again."""
    path = installation.keys / PASSWORD_FILE
    if fresh:
        write_private(path, fresh + "\n")
    return path.read_text().strip() if path.exists() else ""
