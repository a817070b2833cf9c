"""Figures of money: what the selectors found, as charts with a finding in their title."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madang.ui import formats
from madang.ui.charts import FlowChart, FlowLink, FlowNode, Measure
from madang.yard.ledger.models import BudgetLine
from madang.yard.ledger.selectors import MoneyFlow, MoneyStop, PlaceMoney

# Colours by what a stop is; a use has its own.
_SERIES = {"source": 4, "giver": 4, "fund": 1, "line": 5, "taker": 2}
_USES = {"spent": 3, "committed": 2, "available": 1, "unallocated": 5}


def short(amount_won: int) -> str:
    """Return an amount as one says it, in the reader's language."""
    return formats.won_short(amount_won, get_language() or "ko")


def share(part: int, whole: int) -> str:
    """Return a part of a whole as a percentage, in the reader's language."""
    return formats.percent(part / whole if whole else 0.0, get_language() or "ko", decimals=0)


def flow_chart(flow: MoneyFlow, title: str) -> FlowChart | None:
    """Return a flow as a chart; None where nothing has come in yet."""
    if not flow.steps:
        return None
    return FlowChart(
        title=title,
        measure=Measure(money=True),
        nodes=tuple(
            FlowNode(key=_key(stop), label=stop.name, column=stop.column, series=_series(stop)) for stop in flow.stops
        ),
        links=tuple(FlowLink(source=_key(step.giver), target=_key(step.taker), value=step.won) for step in flow.steps),
    )


def _key(stop: MoneyStop) -> str:
    return f"{stop.kind}:{stop.code}"


def _series(stop: MoneyStop) -> int:
    return _USES[stop.code] if stop.kind == "use" else _SERIES[stop.kind]


def flow_title(name: str, flow: MoneyFlow, money: PlaceMoney) -> str:
    """Return what a flow shows, in one sentence."""
    values = {
        "place": name,
        "whole": short(flow.came_in_won),
        "spent": short(money.spent_won),
        "share": share(money.spent_won, flow.came_in_won),
    }
    if not money.spent_won:
        return _("%(whole)s came in for %(place)s; nothing has been spent yet") % values
    return _("%(whole)s came in for %(place)s; %(spent)s (%(share)s) is spent") % values


def line_said(line: BudgetLine) -> str:
    """Return where a line's money is, in one sentence for those who cannot see the bar."""
    given: int = line.appropriated_won  # type: ignore[attr-defined]  # annotated by line_balances
    spent: int = line.spent_won  # type: ignore[attr-defined]
    return _("%(spent)s of %(given)s spent (%(share)s)") % {
        "spent": short(spent),
        "given": short(given),
        "share": share(spent, given),
    }
