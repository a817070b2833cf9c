"""Reading observations: published ones for everybody, exact ones only for who may enter them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import overload

import numpy as np
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from madang.numerics.errors import NotFound
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.evidence.bridge import COLUMNS, Value, values_of
from madang.yard.evidence.engine.rules import Guarded, Rule
from madang.yard.evidence.models import Indicator, Observation, Withholding
from madang.yard.evidence.selectors.refusals import EvidenceCode

# A page with 18 dongs stays under 100 KB.
PERIODS_SHOWN = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """An indicator's values over places and periods, as the public may see them.

    Attributes
    ----------
    indicator : Indicator
        What was observed.
    periods : list of str
        In order of time.
    places : list of str
        Codes: the district first, then its dongs.
    values : dict
        By place and period.
    """

    indicator: Indicator
    periods: list[str]
    places: list[str]
    values: dict[tuple[str, str], Value] = field(default_factory=dict)

    def row(self, place: str) -> list[Value | None]:
        """Return a place's values in order of time; None where none was entered."""
        return [self.values.get((place, period)) for period in self.periods]

    def latest(self, place: str) -> Value | None:
        """Return a place's newest value, withheld or not."""
        return next((value for value in reversed(self.row(place)) if value is not None), None)


def indicator_get(code: str) -> Indicator:
    """Return one indicator.

    Raises
    ------
    NotFound
        If there is none with this code.
    """
    indicator = Indicator.objects.filter(code=code).first()
    if indicator is None:
        message = _("There is no indicator with the code %(code)s.") % {"code": code}
        raise NotFound(EvidenceCode.INDICATOR_UNKNOWN, message, {"indicator": code})
    return indicator


def observations_current() -> QuerySet[Observation]:
    """Return the newest revision of every value, with `withheld`; exact, so for engines and never for a page."""
    same = {"indicator": OuterRef("indicator"), "place": OuterRef("place"), "period": OuterRef("period")}
    return (
        Observation.objects.filter(~Exists(Observation.objects.filter(**same, revision__gt=OuterRef("revision"))))
        .annotate(withheld=Exists(Withholding.objects.filter(**same)))
        .order_by("indicator", "period", "place")
    )


def published(rows: QuerySet[Observation]) -> list[Value]:
    """Return some of `observations_current()` as the public may see them. One query.

    Notes
    -----
    With :func:`published_table` the only way for counts of persons to leave the yard. What is withheld was decided when
    the line was entered, so no filter, page or order can make the answer differ.
    """
    return [value.as_published() for value in values_of(rows.values_list(*COLUMNS))]


class PublishedRows(Sequence[dict[str, object]]):
    """Some of `observations_current()` as programs see them, read a page at a time.

    Parameters
    ----------
    rows : QuerySet
        Which ones.
    """

    def __init__(self, rows: QuerySet[Observation]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return self._rows.count()

    @overload
    def __getitem__(self, index: int) -> dict[str, object]: ...
    @overload
    def __getitem__(self, index: slice) -> list[dict[str, object]]: ...
    def __getitem__(self, index: int | slice) -> dict[str, object] | list[dict[str, object]]:
        if isinstance(index, int):
            return self[index : index + 1][0]
        values = published(self._rows[index])
        codes = dict(Indicator.objects.filter(pk__in={value.indicator for value in values}).values_list("pk", "code"))
        return [{**asdict(value), "indicator": codes[value.indicator]} for value in values]


def published_all(chunk: int = 5000) -> Iterator[Value]:
    """Yield every current value as the public may see it, in the order of the export, a chunk of memory at a time."""
    rows = observations_current().order_by("indicator__code", "period", "place").values_list(*COLUMNS)
    for row in rows.iterator(chunk_size=chunk):
        yield values_of([row])[0].as_published()


def published_counts(indicator: Indicator, *, periods: int = PERIODS_SHOWN) -> Panel:
    """Return the newest periods of an indicator as the public may see them. One query."""
    newest = Observation.objects.filter(indicator=indicator).order_by("-period").values("period").distinct()[:periods]
    values = published(observations_current().filter(indicator=indicator, period__in=newest))
    return Panel(
        indicator=indicator,
        periods=sorted({value.period for value in values}),
        places=sorted({value.place for value in values}, key=lambda place: (len(place), place)),
        values={(value.place, value.period): value for value in values},
    )


def series(indicator: Indicator, place: str) -> list[Value]:
    """Return a place's values in order of time, as the public may see them. One query."""
    return published(observations_current().filter(indicator=indicator, place=place))


def latest_by_place(indicator: Indicator) -> dict[str, Value]:
    """Return the newest value of every place, as the public may see it. One query."""
    later = Observation.objects.filter(
        indicator=OuterRef("indicator"), place=OuterRef("place"), period__gt=OuterRef("period")
    )
    values = published(observations_current().filter(~Exists(later), indicator=indicator))
    return {value.place: value for value in values}


def latest_at(indicators: Iterable[int], place: str) -> dict[int, Value]:
    """Return the newest value of some indicators at one place, as the public may see it, by indicator. One query."""
    later = Observation.objects.filter(indicator=OuterRef("indicator"), place=place, period__gt=OuterRef("period"))
    rows = observations_current().filter(~Exists(later), indicator__in=list(indicators), place=place)
    return {value.indicator: value for value in published(rows)}


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedTable:
    """A cross-table as it may be published.

    Attributes
    ----------
    cells : ndarray of float64
        With margins, the last on each axis; NaN where withheld [persons].
    guard : Guarded
        How the choice was made; not for the public.
    """

    cells: NDArray[np.float64]
    guard: Guarded


def published_table(counts: NDArray[np.int64], rule: Rule) -> PublishedTable:
    """Return a cross-table of persons (dongs by age bands, say) with its margins as the public may see it.

    Parameters
    ----------
    counts : ndarray of int64, shape (n, m) or more
        Inner cells, in an order that does not change from time to time [persons].
    rule : Rule
        What is small.
    """
    # The solvers are heavy; a web worker that only reads lines never loads them.
    from madang.yard.evidence.engine.suppression import guard_table
    from madang.yard.evidence.engine.tables import margin_table

    table = margin_table(counts)
    guard = guard_table(table, rule)
    cells = np.where(guard.published, table.counts, np.nan).reshape(table.shape)
    return PublishedTable(cells=cells, guard=guard)


def exact_values(actor: Actor, indicator: Indicator, place: str) -> list[Value]:
    """Return a place's exact values in order of time, for who may enter them there.

    Raises
    ------
    PermissionDenied
        If the actor may not.
    """
    require(actor, Action.OBSERVATION_ENTER, place=place)
    return values_of(observations_current().filter(indicator=indicator, place=place).values_list(*COLUMNS))
