"""What a chart shows: frozen descriptions without any drawing in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from madang.ui import formats


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How the values of a chart are said.

    Attributes
    ----------
    unit : str
        In the reader's language; shown beside the title ("cases", "t CO2e"). Leave empty for money and ratios.
    decimals : int
        Digits after the point.
    money : bool
        The values are whole won.
    ratio : bool
        The values are ratios, shown as percentages.
    """

    unit: str = ""
    decimals: int = 0
    money: bool = False
    ratio: bool = False

    def short(self, value: float, language: str) -> str:
        """Return a value as it stands in the drawing."""
        if self.money:
            return formats.won_short(round(value), language)
        if self.ratio:
            return formats.percent(value, language, decimals=self.decimals)
        return formats.number(value, language, decimals=self.decimals)

    def tick(self, value: float, step: float, language: str) -> str:
        """Return a value on a scale: no more digits than its steps need."""
        if self.money:
            return formats.won_compact(round(value), language)
        shown_step = Decimal(str(step)) * (100 if self.ratio else 1)
        decimals = max(0, -int(shown_step.normalize().as_tuple().exponent))
        if self.ratio:
            return formats.percent(value, language, decimals=decimals)
        return formats.number(value, language, decimals=decimals)

    def exact(self, value: float, language: str) -> str:
        """Return a value as it stands in the table."""
        return formats.won(round(value), language) if self.money else self.short(value, language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A named row of values over the chart's labels; None where there is none."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What every chart has.

    Attributes
    ----------
    title : str
        States the finding ("Waiting time halved since spring"), not the topic.
    measure : Measure
        How values are said.
    alt : str
        What a person who cannot see it should know beyond the title; made from the numbers where empty.
    heading : str
        Name of what the labels are (month, dong): heads the table's first column.
    """

    title: str
    measure: Measure
    alt: str = ""
    heading: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChart(Chart):
    """Values over time, with the path they should take.

    Attributes
    ----------
    labels : tuple of str
        Points in time, oldest first.
    series : tuple of Series
        One to five.
    target : Series or None
        The plan, drawn dashed in ink.
    from_zero : bool
        The scale begins at zero.
    """

    labels: tuple[str, ...]
    series: tuple[Series, ...]
    target: Series | None = None
    from_zero: bool = True

    def __post_init__(self) -> None:
        rows = (*self.series, self.target) if self.target else self.series
        _check_lengths(self.labels, rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar; `plan` is marked on it, `strong` sets it apart from its neighbours."""

    label: str
    value: float
    plan: float | None = None
    strong: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BarChart(Chart):
    """Values side by side; horizontal unless the labels are points in time.

    Attributes
    ----------
    bars : tuple of Bar
        In the order they are drawn.
    vertical : bool
        Upright.
    plan_label : str
        What the mark across the bars is; "Plan" in the page's language where empty.
    """

    bars: tuple[Bar, ...]
    vertical: bool = False
    plan_label: str = ""

    def __post_init__(self) -> None:
        if any(bar.value < 0 for bar in self.bars):
            raise ValueError("a bar cannot be negative; use an interval or a line chart")


@dataclass(frozen=True, slots=True, kw_only=True)
class StackedBarChart(Chart):
    """Parts of wholes: one horizontal bar a label, one segment a series."""

    labels: tuple[str, ...]
    series: tuple[Series, ...]

    def __post_init__(self) -> None:
        _check_lengths(self.labels, self.series)
        if any((value or 0) < 0 for row in self.series for value in row.values):
            raise ValueError("a part cannot be negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallMultiples(Chart):
    """The same small line chart for each of many, on one scale."""

    labels: tuple[str, ...]
    panels: tuple[Series, ...]

    def __post_init__(self) -> None:
        _check_lengths(self.labels, self.panels)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowNode:
    """A place that a flow passes: `column` counts from 0 at the left; `series` (1 to 5) is its colour."""

    key: str
    label: str
    column: int
    series: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowLink:
    """So much goes from one node to another."""

    source: str
    target: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowChart(Chart):
    """Where every unit came from and where it went."""

    nodes: tuple[FlowNode, ...]
    links: tuple[FlowLink, ...]

    def __post_init__(self) -> None:
        columns = {node.key: node.column for node in self.nodes}
        for link in self.links:
            if link.value <= 0 or columns[link.source] >= columns[link.target]:
                raise ValueError("a link goes forward and carries something")


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate and the range it lies in."""

    label: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalChart(Chart):
    """Estimates with their ranges, against a reference such as the plan.

    Attributes
    ----------
    rows : tuple of Interval
        Estimates.
    reference : float or None
        Drawn as a line.
    reference_label : str
        What that line is.
    """

    rows: tuple[Interval, ...]
    reference: float | None = None
    reference_label: str = ""

    def __post_init__(self) -> None:
        if any(not row.low <= row.value <= row.high for row in self.rows):
            raise ValueError("an estimate lies inside its range")


def _check_lengths(labels: Sequence[str], rows: Sequence[Series]) -> None:
    for row in rows:
        if len(row.values) != len(labels):
            raise ValueError(f"{row.name}: {len(row.values)} values for {len(labels)} labels")
