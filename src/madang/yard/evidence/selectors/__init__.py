"""Reading the evidence; counts of persons leave only through the guard."""

from madang.yard.evidence.selectors.catalogue import (
    document_get,
    document_intact,
    document_list,
    has_values,
    indicator_list,
    place_names,
    publications_latest,
)
from madang.yard.evidence.selectors.observations import (
    Panel,
    PublishedTable,
    exact_values,
    indicator_get,
    latest_by_place,
    observations_current,
    published,
    published_all,
    published_counts,
    published_table,
    series,
)
from madang.yard.evidence.selectors.signals import (
    SignalFilter,
    signal_get,
    signal_list,
    signals_open,
    signals_open_count,
)

__all__ = [
    "Panel",
    "PublishedTable",
    "SignalFilter",
    "document_get",
    "document_intact",
    "document_list",
    "exact_values",
    "has_values",
    "indicator_get",
    "indicator_list",
    "latest_by_place",
    "observations_current",
    "place_names",
    "publications_latest",
    "published",
    "published_all",
    "published_counts",
    "published_table",
    "series",
    "signal_get",
    "signal_list",
    "signals_open",
    "signals_open_count",
]
