"""Reading what is handed down: the formula in force, a dong's own money, and the register of authorities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.numerics.errors import NotFound
from madang.rooms.autonomy.models import Delegation, DevolutionFormula
from madang.yard.ledger.models import BudgetLine, Fund, FundLevel
from madang.yard.ledger.selectors import LineFilter, PlaceMoney, funds_list, line_balances, places_money
from madang.yard.places.models import Dong
from madang.yard.places.selectors import district_current, dongs_of


@dataclass(frozen=True, slots=True, kw_only=True)
class DongShare:
    """What the formula gives one dong.

    Attributes
    ----------
    dong : Dong
        Which.
    share : float
        Before rounding, floors and caps; 0 to 1.
    given : mapping
        By pot (`budget` [won], `posts`).
    """

    dong: Dong
    share: float
    given: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightEffect:
    """What moving one weight by some points does: by dong and pot, gained or lost."""

    criterion: str
    points: float
    changes: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaView:
    """A formula ready for its page.

    Attributes
    ----------
    formula : DevolutionFormula
        The record, with its run.
    weights : tuple of (str, float)
        Criteria with their part of the formula, 0 to 1.
    totals : mapping
        By pot.
    shares : tuple of DongShare
        By code.
    effects : tuple of WeightEffect
        In the formula's order.
    """

    formula: DevolutionFormula
    weights: tuple[tuple[str, float], ...]
    totals: Mapping[str, int]
    shares: tuple[DongShare, ...]
    effects: tuple[WeightEffect, ...]

    def of(self, code: str) -> DongShare | None:
        """Return what one dong receives; None if the formula does not name it."""
        return next((share for share in self.shares if share.dong.code == code), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class DongFinance:
    """A dong's own money in a year.

    Attributes
    ----------
    money : PlaceMoney
        Its lines and what its own funds have not yet appropriated.
    funds : tuple of Fund
        The dong's own funds, with `unallocated_won`.
    own_won, other_won : int
        What its lines were given out of its own funds, and out of those of others [won].
    lines : tuple of BudgetLine
        With balances, the largest first.
    """

    money: PlaceMoney
    funds: tuple[Fund, ...]
    own_won: int
    other_won: int
    lines: tuple[BudgetLine, ...]


def dong_numbers() -> dict[str, dict[str, int | float | str]]:
    """Return by code what the installation knows of its dongs: `name`, `population` where known, `area_km2`."""
    found: dict[str, dict[str, int | float | str]] = {}
    for dong in dongs_of(district_current()):
        found[dong.code] = {"name": dong.name_ko, "area_km2": round(dong.area_m2 / 1e6, 4)}
        if dong.population is not None:
            found[dong.code]["population"] = dong.population
    return found


def formula_years() -> list[int]:
    """Return the years for which a formula was published, newest first."""
    return list(DevolutionFormula.objects.order_by("-year").values_list("year", flat=True).distinct())


def formula_current(year: int | None = None) -> FormulaView | None:
    """Return the formula in force of a year (the one published last), or of the newest year; None before any."""
    rows = DevolutionFormula.objects.select_related("run").order_by("-year", "-published_at", "-pk")
    formula = (rows if year is None else rows.filter(year=year)).first()
    return None if formula is None else _view(formula)


def _view(formula: DevolutionFormula) -> FormulaView:
    inputs, result = formula.inputs, formula.run.result or {}
    codes: Sequence[str] = inputs["dongs"]
    dongs = {dong.code: dong for dong in dongs_of(district_current())}
    weights = [(str(row["name"]), float(row["weight"])) for row in inputs["criteria"]]
    total = sum(weight for _name, weight in weights)
    shares = [
        DongShare(
            dong=dongs[code],
            share=result["shares"][place],
            given={pot: given[place] for pot, given in result["given"].items()},
        )
        for place, code in enumerate(codes)
        if code in dongs
    ]
    effects = [
        WeightEffect(
            criterion=effect["criterion"],
            points=effect["points"],
            changes={
                code: {pot: change[place] for pot, change in effect["changes"].items()}
                for place, code in enumerate(codes)
            },
        )
        for effect in result["effects"]
    ]
    return FormulaView(
        formula=formula,
        weights=tuple((name, weight / total) for name, weight in weights),
        totals={pot["name"]: pot["total"] for pot in inputs["pots"]},
        shares=tuple(sorted(shares, key=lambda share: share.dong.code)),
        effects=tuple(effects),
    )


def dong_finance(dong: str, year: int) -> DongFinance:
    """Return a dong's own money in a year: its funds, its lines, and whose money they spend."""
    funds = funds_list(year).filter(level=FundLevel.DONG, place=dong)
    lines = sorted(
        line_balances(LineFilter(place=dong, exact=True, year=year)),
        key=lambda line: (-line.appropriated_won, line.code),  # type: ignore[attr-defined]  # annotated
    )
    own = sum(line.appropriated_won for line in lines if line.fund.level == FundLevel.DONG)  # type: ignore[attr-defined]
    every = sum(line.appropriated_won for line in lines)  # type: ignore[attr-defined]
    return DongFinance(
        money=places_money(year).get(dong, PlaceMoney(place=dong)),
        funds=tuple(funds.order_by("code")),
        own_won=own,
        other_won=every - own,
        lines=tuple(lines),
    )


def delegations(dong: str = "") -> QuerySet[Delegation]:
    """Return the register, of one dong or of all, by dong and start."""
    rows = Delegation.objects.select_related("dong").defer("dong__boundary", "dong__outline")
    return (rows.filter(dong_id=dong) if dong else rows).order_by("dong_id", "starts_on", "pk")


def delegations_overdue(today: date | None = None) -> QuerySet[Delegation]:
    """Return delegations in force whose review is past its day, the longest overdue first."""
    day = today or timezone.localdate()
    in_force = Q(starts_on__lte=day) & (Q(ended_on=None) | Q(ended_on__gt=day))
    return delegations().filter(in_force, review_on__lt=day).order_by("review_on", "pk")


def delegation_get(delegation_id: int) -> Delegation:
    """Return one entry of the register.

    Raises
    ------
    NotFound
        If there is none.
    """
    found = delegations().filter(pk=delegation_id).first()
    if found is None:
        raise NotFound("delegation_unknown", _("There is no such delegation."))
    return found
