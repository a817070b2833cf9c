"""The door between the rows of a pledge and the rule that judges it."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import F

from madang.rooms.projects.models import Milestone, Pledge, PledgeIndicator
from madang.yard.evidence.engine.periods import period
from madang.yard.evidence.models import Indicator
from madang.yard.evidence.selectors.observations import observations_current, published
from madang.yard.ledger.models import Account, AccountKind
from madang.yard.ledger.selectors.balances import total
from madang.yard.places.models import District

Point = tuple[str, float]


def pledge_inputs(pledge: Pledge, as_of: date) -> dict[str, Any]:
    """Return everything that a pledge's state depends on, as `pledge_state_json` takes it.

    Parameters
    ----------
    pledge : Pledge
        Which one.
    as_of : date
        The day on which it is judged; money stands as the ledger holds it now.

    Notes
    -----
    Five queries, whatever the number of indicators. Only the district's own values count, not those of single dongs.
    """
    links = list(pledge.indicators.select_related("indicator"))
    observed = observed_values([link.indicator_id for link in links])
    return {
        "pledge": pledge.code,
        "as_of": as_of.isoformat(),
        "indicators": [_indicator(link, observed.get(link.indicator_id, {}), as_of) for link in links],
        "milestones": [
            {
                "code": milestone.code,
                "due_on": milestone.due_on.isoformat(),
                "reached_on": _iso(milestone.reached_on),
                "weight": milestone.weight,
                "waits_for": list(milestone.waits_for),
            }
            for milestone in pledge.milestones.all()
        ],
        "funding": _funding(pledge),
        "asks": [
            {
                "code": ask.code,
                "asked_on": _iso(ask.asked_on),
                "due_on": _iso(ask.due_on),
                "answered_on": _iso(ask.answered_on),
            }
            for ask in pledge.asks.all()
        ],
    }


def observed_values(indicators: Iterable[int], place: str = "") -> dict[int, dict[str, float]]:
    """Return the newest revision of each value of some indicators as the public may see it: by indicator, by period.

    What is withheld counts as not measured, so that a state can be recomputed from what is published.

    Parameters
    ----------
    indicators : iterable of int
        Keys of indicators.
    place : str
        Code of a place; the district by default.
    """
    place = place or District.objects.values_list("code", flat=True).first() or ""
    found: dict[int, dict[str, float]] = {}
    for value in published(observations_current().filter(indicator__in=list(indicators), place=place)):
        if value.value is not None:
            found.setdefault(value.indicator, {})[value.period] = value.value
    return found


def path_points(indicator: Indicator) -> list[Point]:
    """Return an indicator's path as days and values; the first point is its baseline."""
    return [(period(text).last.isoformat(), value) for text, value in indicator.targets.points]


def programme_money(pledge: str) -> dict[int, tuple[int, int]]:
    """Return what was appropriated to, and spent on, each programme of a pledge [won], by the programme's key."""
    held = total(F("credits_won") - F("debits_won"))
    rows = (
        Account.objects.filter(line__programme__pledge=pledge)
        .order_by()
        .values_list("line__programme", "kind")
        .annotate(held=held)
    )
    found: dict[int, tuple[int, int]] = {}
    for programme, kind, won in rows:
        appropriated, spent = found.get(programme, (0, 0))
        # A line's money is always available, committed or spent, so their sum is what it was given.
        found[programme] = (appropriated + won, spent + (won if kind == AccountKind.SPENT else 0))
    return found


def milestone_days() -> list[list[str | None]]:
    """Return of every milestone of a project its day and the day it was reached, as `in_time_json` takes them."""
    rows = Milestone.objects.filter(project__isnull=False).order_by("code").values_list("due_on", "reached_on")
    return [[due.isoformat(), _iso(reached)] for due, reached in rows]


def measured_on(text: str, as_of: date) -> date:
    """Return the day for which a period's value stands: its last, or today while the period lasts.

    Examples
    --------
    >>> measured_on("2026-11", date(2026, 11, 23)), measured_on("2026-10", date(2026, 11, 23))
    (datetime.date(2026, 11, 23), datetime.date(2026, 10, 31))
    """
    found = period(text)
    return as_of if found.first <= as_of < found.last else found.last


def _indicator(link: PledgeIndicator, values: Mapping[str, float], as_of: date) -> dict[str, Any]:
    baseline, *targets = path_points(link.indicator)
    return {
        "code": link.indicator.code,
        "baseline": baseline,
        "targets": targets,
        "observed": sorted([measured_on(text, as_of).isoformat(), value] for text, value in values.items()),
        "weight": link.weight,
        "waits_for": list(link.waits_for),
    }


def _funding(pledge: Pledge) -> dict[str, Any]:
    money = programme_money(pledge.code).values()
    return {
        "plan": [list(point) for point in pledge.funding_plan],
        "weight": pledge.funding_weight,
        "appropriated_won": sum(appropriated for appropriated, _spent in money),
        "spent_won": sum(spent for _appropriated, spent in money),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
