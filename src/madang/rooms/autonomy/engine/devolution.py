"""Money and posts for the dongs by a published formula, and what each weight of it does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from madang.numerics.errors import EngineInputError
from madang.rooms.autonomy.engine.apportionment import Bounds, Rounding, apportion

ENGINE = "madang.rooms.autonomy.engine.devolution:devolve_json"
VERSION = "1"
STEP_POINTS = 5
MAX_DONGS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One thing that is shared by.

    Attributes
    ----------
    name : str
        What it is.
    weight : Fraction
        Its part of the formula; only the ratios of the weights matter.
    values : tuple of Fraction
        Of each dong; not negative, and not all nothing.
    """

    name: str
    weight: Fraction
    values: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pot:
    """One thing that is shared.

    Attributes
    ----------
    name : str
        `budget` [won] or `posts`.
    total : int
        How much.
    unit : int
        The smallest part that is handed out; totals, floors and caps are multiples of it.
    floors, caps : tuple of int
        Bounds of each dong.
    """

    name: str
    total: int
    unit: int
    floors: tuple[int, ...]
    caps: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A published formula with its numbers.

    Raises
    ------
    EngineInputError
        With code `dongs_wrong`, `criterion_wrong` or `unit_does_not_divide`.
    """

    dongs: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    pots: tuple[Pot, ...]
    rounding: Rounding

    def __post_init__(self) -> None:
        if not 1 <= len(self.dongs) <= MAX_DONGS or len(set(self.dongs)) != len(self.dongs):
            raise EngineInputError("dongs_wrong", "name every dong once", field="dongs")
        names = [criterion.name for criterion in self.criteria]
        if not names or len(set(names)) != len(names) or sum(criterion.weight for criterion in self.criteria) <= 0:
            raise EngineInputError("criterion_wrong", "the formula needs criteria with weights", field="criteria")
        for criterion in self.criteria:
            if criterion.weight < 0 or len(criterion.values) != len(self.dongs):
                message = f"{criterion.name}: one value a dong, and no weight below nothing"
                raise EngineInputError("criterion_wrong", message, {"criterion": criterion.name}, field="criteria")
            if min(criterion.values) < 0 or sum(criterion.values) <= 0:
                message = f"{criterion.name}: no value below nothing, and not all of them nothing"
                raise EngineInputError("criterion_wrong", message, {"criterion": criterion.name}, field="criteria")
        for pot in self.pots:
            if pot.unit < 1 or any(number % pot.unit for number in (pot.total, *pot.floors, *pot.caps)):
                message = f"{pot.name}: the total, floors and caps are whole multiples of the unit {pot.unit}"
                raise EngineInputError("unit_does_not_divide", message, {"pot": pot.name}, field="unit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What moving one weight does.

    Attributes
    ----------
    criterion : str
        Whose weight moves.
    points : Fraction
        By how many points of a hundred; the other weights give or take in proportion.
    changes : tuple of tuple of int
        For each pot, what each dong gains or loses.
    """

    criterion: str
    points: Fraction
    changes: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allotment:
    """What the formula gives.

    Attributes
    ----------
    shares : tuple of Fraction
        Share of each dong before rounding and bounds; sums to one.
    given : tuple of tuple of int
        For each pot, what each dong receives.
    effects : tuple of Effect
        For each criterion, its weight five points up and five points down.
    """

    shares: tuple[Fraction, ...]
    given: tuple[tuple[int, ...], ...]
    effects: tuple[Effect, ...]


def devolve(formula: Formula) -> Allotment:
    """Return what each dong receives, and what it would gain or lose if a weight moved by five points.

    Raises
    ------
    EngineInfeasible
        If floors or caps cannot be kept, as :func:`apportion`.

    Notes
    -----
    A dong's share is the weighted mean of its shares in each criterion. Everything is exact: rational numbers up to the
    rounding that the formula names.
    """
    weights = _normal([criterion.weight for criterion in formula.criteria])
    given = _given(formula, weights)
    effects = []
    for place, criterion in enumerate(formula.criteria):
        for points in (Fraction(STEP_POINTS), Fraction(-STEP_POINTS)):
            moved = _moved(weights, place, points / 100)
            if moved is None:
                continue
            then = _given(formula, moved)
            changes = tuple(
                tuple(b - a for a, b in zip(before, after, strict=True))
                for before, after in zip(given, then, strict=True)
            )
            effects.append(
                Effect(criterion=criterion.name, points=100 * (moved[place] - weights[place]), changes=changes)
            )
    return Allotment(shares=tuple(_shares(formula, weights)), given=given, effects=tuple(effects))


def _normal(numbers: Sequence[Fraction]) -> list[Fraction]:
    total = sum(numbers)
    return [number / total for number in numbers]


def _shares(formula: Formula, weights: Sequence[Fraction]) -> list[Fraction]:
    columns = [_normal(criterion.values) for criterion in formula.criteria]
    return [
        sum((weight * column[dong] for weight, column in zip(weights, columns, strict=True)), Fraction(0))
        for dong in range(len(formula.dongs))
    ]


def _given(formula: Formula, weights: Sequence[Fraction]) -> tuple[tuple[int, ...], ...]:
    shares = _shares(formula, weights)
    found = []
    for pot in formula.pots:
        bounds = Bounds(
            floors=tuple(number // pot.unit for number in pot.floors),
            caps=tuple(number // pot.unit for number in pot.caps),
        )
        units = apportion(pot.total // pot.unit, shares, formula.rounding, bounds)
        found.append(tuple(number * pot.unit for number in units))
    return tuple(found)


def _moved(weights: Sequence[Fraction], place: int, by: Fraction) -> list[Fraction] | None:
    """Return the weights with one moved and the others scaled to make room; None where nothing can move."""
    rest = 1 - weights[place]
    target = min(max(weights[place] + by, Fraction(0)), Fraction(1))
    if rest == 0 or target == weights[place]:
        return None
    return [
        target if other == place else weight * (1 - target) / rest for other, weight in enumerate(weights)
    ]  # fmt: skip


def exact(value: object) -> Fraction:
    """Return a number as it was written: 0.1 is a tenth.

    Raises
    ------
    EngineInputError
        With code `number_wrong` for anything else than a finite number.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise EngineInputError("number_wrong", f"{value!r} is no number")
    try:
        return Fraction(Decimal(str(value)))
    except (ArithmeticError, ValueError) as error:
        raise EngineInputError("number_wrong", f"{value!r} is no number") from error


def formula_read(data: Mapping[str, Any]) -> Formula:
    """Return the formula of a JSON value.

    Parameters
    ----------
    data : mapping
        `dongs`: codes; `criteria`: `{"name", "weight", "values"}`; `pots`: `{"name", "total", "unit", "floors",
        "caps"}`; `rounding`. Numbers that are not whole may be strings, so that nothing is lost.

    Raises
    ------
    EngineInputError
        With code `formula_form` if it has another form.
    """
    try:
        return Formula(
            dongs=tuple(str(code) for code in data["dongs"]),
            criteria=tuple(
                Criterion(
                    name=str(row["name"]),
                    weight=exact(row["weight"]),
                    values=tuple(exact(value) for value in row["values"]),
                )
                for row in data["criteria"]
            ),
            pots=tuple(
                Pot(
                    name=str(row["name"]),
                    total=int(row["total"]),
                    unit=int(row["unit"]),
                    floors=tuple(int(number) for number in row["floors"]),
                    caps=tuple(int(number) for number in row["caps"]),
                )
                for row in data["pots"]
            ),
            rounding=Rounding(data["rounding"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise EngineInputError("formula_form", f"not a formula: {error!r}") from error


def devolve_json(inputs: Any, _parameters: Mapping[str, Any], _seed: int | None) -> dict[str, Any]:  # noqa: ANN401
    """Compute :func:`devolve` of JSON as :func:`formula_read` takes it.

    Returns
    -------
    dict
        `shares` (rounded to 12 digits), `given` (by pot), `effects`.
    """
    formula = formula_read(inputs)
    found = devolve(formula)
    names = [pot.name for pot in formula.pots]
    return {
        "shares": [round(float(share), 12) for share in found.shares],
        "given": {name: list(row) for name, row in zip(names, found.given, strict=True)},
        "effects": [
            {
                "criterion": effect.criterion,
                "points": round(float(effect.points), 6),
                "changes": {name: list(row) for name, row in zip(names, effect.changes, strict=True)},
            }
            for effect in found.effects
        ],
    }
