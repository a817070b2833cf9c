"""How many people a district has, how they spread over its dongs, and what kind of dong each is."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from madang.numerics.errors import EngineInputError
from madang.numerics.streams import stream
from madang.yard.people.engine.shares import Floats, Ints, fit, whole_counts, whole_table
from madang.yard.places.engine.boundaries import Boundaries

# Thousands of persons; assumed, rounded, of the order of resident registration at the end of 2024.
DISTRICT_THOUSANDS: Mapping[str, int] = MappingProxyType(
    {
        "11110": 138, "11140": 120, "11170": 204, "11200": 275, "11215": 332, "11230": 338, "11260": 379, "11290": 424,
        "11305": 282, "11320": 303, "11350": 489, "11380": 458, "11410": 306, "11440": 362, "11470": 430, "11500": 558,
        "11530": 392, "11545": 227, "11560": 376, "11590": 376, "11620": 481, "11650": 403, "11680": 555, "11710": 651,
        "11740": 475, "29110": 107, "29140": 285, "29155": 209, "29170": 419, "29200": 395, "36110": 390,
    }
)  # fmt: skip
# Any other district: so many thousands by the last letter of its name, but at most so many per square kilometre.
OTHER_THOUSANDS: Mapping[str, int] = MappingProxyType({"구": 300, "시": 180, "군": 45})
OTHER_THOUSANDS_PER_KM2 = 12.0
SMALLEST = 50

# Thousands of persons in the legal dongs of Seo-gu, Gwangju; assumed, from the administrative dongs that lie in them.
SEO_GU_THOUSANDS: Mapping[str, float] = MappingProxyType(
    {
        "29140104": 10.0, "29140106": 23.0, "29140115": 9.0, "29140116": 7.0, "29140117": 1.2, "29140118": 50.0,
        "29140119": 52.0, "29140120": 27.0, "29140121": 10.0, "29140125": 1.6, "29140126": 1.0, "29140127": 0.9,
        "29140128": 33.5, "29140129": 2.0, "29140130": 38.0, "29140131": 3.0, "29140132": 1.8, "29140133": 14.0,
    }
)  # fmt: skip
# Elsewhere a dong weighs its area up to one square kilometre, an eup and a myeon this much whatever their area.
DONG_FULL_KM2 = 1.0
EUP_WEIGHT = 1.5
MYEON_WEIGHT = 0.3

# How much likelier a class of household is in a new, dense dong than in the average one (natural logarithm).
HOUSEHOLD_TILT: Mapping[str, float] = MappingProxyType(
    {
        "alone, under 40": 0.25,
        "alone, 40 to 64": -0.10,
        "alone, 65 or older": -0.55,
        "no child, head 65 or older": -0.40,
        "with a child under 19": 0.45,
        "other": 0.0,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Settlement:
    """The dongs as the population sees them.

    Attributes
    ----------
    shares : ndarray of float64, shape (n_dongs,)
        Share of the district's persons.
    newness : ndarray of float64, shape (n_dongs,)
        From -1 (old, sparse, houses) to 1 (new, dense, apartments).
    """

    shares: Floats
    newness: Floats


def district_size(boundaries: Boundaries, scale: float = 1.0) -> int:
    """Return how many persons a district's synthetic population has.

    Parameters
    ----------
    boundaries : Boundaries
        The district.
    scale : float, optional
        Size relative to the district's.

    Raises
    ------
    EngineInputError
        If the scale is not above zero, or leaves fewer than fifty persons.
    """
    if not 0 < scale <= 4:
        raise EngineInputError("scale", "the scale must be above 0 and at most 4", {"scale": scale})
    thousands = DISTRICT_THOUSANDS.get(boundaries.district.code)
    if thousands is None:
        most = OTHER_THOUSANDS_PER_KM2 * sum(boundaries.areas_m2) / 1e6
        size = 1000.0 * min(OTHER_THOUSANDS.get(boundaries.district.name_ko[-1], 180), most)
    else:
        size = 1000.0 * thousands
    persons = round(size * scale)
    if persons < SMALLEST:
        raise EngineInputError("scale", f"a sample has at least {SMALLEST} persons", {"scale": scale})
    return persons


def settle(boundaries: Boundaries, seed: int) -> Settlement:
    """Return how persons spread over the dongs, and how new each dong is.

    Notes
    -----
    Newness goes by density, blurred by a draw: where many live on little ground there are apartments.
    """
    areas = np.array(boundaries.areas_m2) / 1e6
    if set(boundaries.codes) <= SEO_GU_THOUSANDS.keys():
        weights = np.array([SEO_GU_THOUSANDS[code] for code in boundaries.codes])
    else:
        weights = np.array([_weight(name, area) for name, area in zip(boundaries.names_ko, areas, strict=True)])
    shares = weights / weights.sum()
    order = np.argsort(np.argsort(shares / areas))
    by_density = 2 * (order + 0.5) / len(order) - 1
    blur = stream(seed, "population", "newness").uniform(-1, 1, len(order))
    return Settlement(shares=shares, newness=0.75 * by_density + 0.25 * blur)


def _weight(name: str, area_km2: float) -> float:
    if name.endswith("읍"):
        return EUP_WEIGHT
    if name.endswith("면"):
        return MYEON_WEIGHT
    return min(area_km2, DONG_FULL_KM2)


def household_class(size: Ints, head_age: Ints, minors: Ints) -> Ints:
    """Return each household's class, an index into `HOUSEHOLD_TILT`."""
    found = np.full(len(size), 5, np.int64)
    found[(head_age >= 65) & (minors == 0)] = 3
    found[minors > 0] = 4
    alone = size == 1
    found[alone] = np.digitize(head_age[alone], [40, 65])
    return found


def place_households(settlement: Settlement, size: Ints, kind: Ints, seed: int) -> Ints:
    """Give every household a dong so that each dong has its share of persons.

    Parameters
    ----------
    settlement : Settlement
        The dongs.
    size : ndarray of int64, shape (n_households,)
        Persons in each household.
    kind : ndarray of int64, shape (n_households,)
        Class of each.
    seed : int
        Seed of the streams.
    """
    classes = len(HOUSEHOLD_TILT)
    counts = np.bincount(kind, minlength=classes)
    persons = np.bincount(kind, weights=size, minlength=classes).astype(np.float64)
    tilt = np.array(tuple(HOUSEHOLD_TILT.values()))
    seeds = settlement.shares * np.exp(tilt[:, None] * settlement.newness)
    spread = fit(seeds, persons, settlement.shares * persons.sum())
    mean_size = np.divide(persons, counts, out=np.ones(classes), where=counts > 0)
    cells = spread / mean_size[:, None]
    whole = whole_table(cells, counts, whole_counts(cells.sum(axis=0), int(counts.sum())))
    random = stream(seed, "population", "places")
    found = np.empty(len(size), np.int64)
    for index in range(classes):
        members = random.permutation(np.flatnonzero(kind == index))
        found[members] = np.repeat(np.arange(len(settlement.shares)), whole[index])
    return found
