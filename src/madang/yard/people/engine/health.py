"""Chronic conditions, care needs, and who lives in a care home."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from madang.numerics.streams import stream
from madang.yard.people.engine import marginals
from madang.yard.people.engine.shares import Floats, Ints, chosen, ranked

CONDITIONS = tuple(marginals.CONDITION_MEN.rows)
GRADES = tuple(marginals.CARE_GRADE.rows)
NO_GRADE = 0
_HARD = ("stroke", "dementia", "arthritis")
_HARD_WEIGHT = np.array([1.0, 2.2, 0.4])
_RESIDENT_WEIGHT = 2.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Health:
    """Health of each person.

    Attributes
    ----------
    conditions : ndarray of int16, shape (n_persons,)
        Bit k stands for `CONDITIONS[k]`.
    grade : ndarray of int8, shape (n_persons,)
        Long-term care: 0 none, 1 to 5 the grades, 6 the cognitive support grade.
    adl : ndarray of int8, shape (n_persons,)
        How many of six basic activities of daily living need help.
    """

    conditions: npt.NDArray[np.int16]
    grade: npt.NDArray[np.int8]
    adl: npt.NDArray[np.int8]


def in_care_homes(counts: Ints) -> Ints:
    """Return how many of each sex and age live in care homes, shape (2, 105).

    Parameters
    ----------
    counts : ndarray of int64, shape (2, 105)
        Persons of each sex and age.
    """
    ages = np.arange(counts.shape[1])
    row = np.searchsorted(marginals.ELDER_LOW, ages, side="right") - 1
    rate = np.where(row[:, None] >= 0, marginals.CARE_HOME.values[np.maximum(row, 0)], 0.0).T
    running = np.round(np.cumsum((counts * rate).ravel()))
    found = np.diff(np.concatenate(([0.0], running))).astype(np.int64).reshape(counts.shape)
    return np.minimum(found, counts)


def health_of(age: Ints, sex: Ints, resident: npt.NDArray[np.bool_], seed: int) -> Health:
    """Give persons conditions and care needs.

    Parameters
    ----------
    age, sex : ndarray of int64, shape (n_persons,)
        [year]; 0 men, 1 women.
    resident : ndarray of bool, shape (n_persons,)
        Who lives in a care home.
    seed : int
        Seed of the streams.

    Notes
    -----
    One hidden frailty a person makes conditions come together (a one-factor Gaussian copula of correlation 0.35);
    within each sex and age group exactly the stated share has each condition. Care grades go to the frailest, raised by
    stroke, dementia, arthritis and a care home, in exactly the stated shares by sex and age.
    """
    random = stream(seed, "population", "health")
    frailty = random.standard_normal(len(age))
    group = (np.searchsorted(marginals.CONDITION_LOW, age, side="right") - 1) * 2 + sex
    own, common = np.sqrt(1 - marginals.CONDITION_CORRELATION), np.sqrt(marginals.CONDITION_CORRELATION)
    conditions = np.zeros(len(age), np.int16)
    for bit in range(len(CONDITIONS)):
        rates = np.column_stack((marginals.CONDITION_MEN.values[bit], marginals.CONDITION_WOMEN.values[bit])).ravel()
        latent = common * frailty + own * random.standard_normal(len(age))
        conditions |= np.where(chosen(latent, group, rates), np.int16(1 << bit), np.int16(0))
    burden = np.zeros(len(age))
    for name, weight in zip(_HARD, _HARD_WEIGHT, strict=True):
        burden += weight * has(conditions, name)
    latent = 0.7 * frailty + burden + _RESIDENT_WEIGHT * resident + random.standard_normal(len(age))
    grade = _grades(age, sex, latent)
    return Health(conditions=conditions, grade=grade, adl=_activities(age, grade, latent))


def has(conditions: npt.NDArray[np.int16], name: str) -> npt.NDArray[np.bool_]:
    """Return who has a condition."""
    return np.asarray((conditions >> CONDITIONS.index(name)) & 1 == 1)


def _grades(age: Ints, sex: Ints, latent: Floats) -> npt.NDArray[np.int8]:
    elders = np.flatnonzero(age >= marginals.ELDER_LOW[0])
    group = (np.searchsorted(marginals.ELDER_LOW, age[elders], side="right") - 1) * 2 + sex[elders]
    receives = chosen(latent[elders], group, marginals.LONG_TERM_CARE.values.ravel())
    found = np.full(len(age), NO_GRADE, np.int8)
    receivers = elders[receives]
    found[receivers] = 1 + ranked(-latent[receivers], marginals.CARE_GRADE.column())
    return found


def _activities(age: Ints, grade: npt.NDArray[np.int8], latent: Floats) -> npt.NDArray[np.int8]:
    activities = marginals.ADL.column()
    found = np.concatenate(([0], activities[:6]))[grade].astype(np.int8)
    elders = np.flatnonzero((age >= marginals.ELDER_LOW[0]) & (grade == NO_GRADE))
    one = chosen(latent[elders], np.zeros(len(elders), np.int64), activities[6:7])
    found[elders[one]] = 1
    return found
