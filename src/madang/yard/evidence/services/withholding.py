"""Deciding what is withheld, once, when a line of small counts is written."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from madang.yard.evidence.bridge import Line, line_judged, rule_of
from madang.yard.evidence.models import Indicator, Observation, Withholding

Cells = Mapping[tuple[str, str], Observation]

_BATCH = 1000


def lines_withhold(indicator: Indicator, before: Cells, fresh: Sequence[Observation]) -> int:
    """Write which cells of the lines that new values touch are withheld; return how many lines cannot be protected.

    Parameters
    ----------
    indicator : Indicator
        A sensitive one.
    before : mapping
        By place and period, the values that stood in those periods.
    fresh : sequence of Observation
        The new values.

    Notes
    -----
    A value that stood there, was shown and has not changed is public: it can no longer be withheld, and hides nothing.
    """
    periods = {row.period for row in fresh}
    kept_back: defaultdict[str, set[str]] = defaultdict(set)
    rows = Withholding.objects.filter(indicator=indicator, period__in=periods).values_list("place", "period")
    for place, period in rows:
        kept_back[period].add(place)
    changed = {(row.place, row.period): row for row in fresh}
    lines: defaultdict[str, dict[str, Observation]] = defaultdict(dict)
    for (place, period), row in {**before, **changed}.items():
        lines[period][place] = row
    new: list[Withholding] = []
    unprotected = 0
    for period in sorted(periods):
        cells = lines[period]
        line = Line(
            counts={place: count_of(row) for place, row in cells.items()},
            shown={place for place in cells if (place, period) not in changed and place not in kept_back[period]},
            withheld=kept_back[period],
        )
        verdict = line_judged(line, rule_of(indicator))
        unprotected += 0 if verdict.protects else 1
        new += [
            Withholding(indicator=indicator, place=place, period=period)
            for place in sorted(verdict.withheld - kept_back[period])
        ]
    Withholding.objects.bulk_create(new, batch_size=_BATCH)
    return unprotected


def count_of(row: Observation) -> int:
    """Return how many persons a value of a sensitive indicator speaks of."""
    return int(row.value if row.numerator is None else row.numerator)
