"""A list of things: search, sort, filter and page, all of it in the URL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

PER_PAGE = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    label : str
        Its heading.
    key : str
        Name by which the URL sorts it; empty for a column that cannot be sorted.
    numeric : bool
        Right-aligned.
    """

    label: object
    key: str = ""
    numeric: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingRules:
    """What a list may be asked for.

    Attributes
    ----------
    sortable : Mapping
        From the name in the URL to the field the database sorts by.
    default : str
        Sort where the URL names none, with "-" before it for descending.
    filters : Mapping
        From the name of each filter to its allowed values.
    """

    sortable: Mapping[str, str]
    default: str
    filters: Mapping[str, Sequence[str]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What the URL asks of a list; anything it may not ask for counts as not asked."""

    q: str
    sort: str
    descending: bool
    sortable: Mapping[str, str]
    chosen: Mapping[str, str]
    page: int

    @property
    def ordering(self) -> tuple[str, ...]:
        """The order for the database; ends with the key, so that pages never overlap."""
        sign = "-" if self.descending else ""
        return (f"{sign}{self.sortable[self.sort]}", "pk")


def listing_of(request: HttpRequest, rules: ListingRules) -> Listing:
    """Return what a request's URL (`q`, `sort`, `page` and the filters) asks of a list."""
    asked = request.GET.get("sort", rules.default)
    if asked.removeprefix("-") not in rules.sortable:
        asked = rules.default
    chosen = {name: request.GET.get(name, "") for name in rules.filters}
    page = request.GET.get("page", "1")
    return Listing(
        # PostgreSQL refuses the character NUL.
        q=request.GET.get("q", "").replace("\0", "").strip()[:100],
        sort=asked.removeprefix("-"),
        descending=asked.startswith("-"),
        sortable=rules.sortable,
        chosen={name: value if value in rules.filters[name] else "" for name, value in chosen.items()},
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 8 else 1,
    )


def page_of(rows: QuerySet[Any, Any] | Sequence[Any], page: int, per_page: int = PER_PAGE) -> Page[Any]:
    """Return one page of rows; a page beyond the last is the last."""
    return Paginator(rows, per_page).get_page(page)
