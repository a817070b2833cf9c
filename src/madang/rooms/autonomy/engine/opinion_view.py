"""What may be published of opinion groups: shares and groups that are large enough to hide everybody in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot, sqrt
from typing import Any

from madang.numerics.errors import EngineInputError

_DECIMALS = 2
_ANSWERS = ("agree", "disagree", "pass")


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewRules:
    """How little is too little to be published.

    Attributes
    ----------
    smallest : int
        People that a group must have, and people who must have answered a statement in it, for its share to be shown.
    pick : int
        Statements picked at most for each list.
    dividing_gap : float
        Least distance between two groups' shares of agreement for a statement to count as dividing.
    """

    smallest: int = 5
    pick: int = 5
    dividing_gap: float = 0.3

    def __post_init__(self) -> None:
        if self.smallest < 2:
            raise EngineInputError("view_rules", "a group of one hides nobody", field="smallest")


def opinion_published(result: Mapping[str, Any], rules: ViewRules = ViewRules()) -> dict[str, Any]:  # frozen
    """Return what may be published of a result of `opinion_json`.

    Parameters
    ----------
    result : mapping
        Groups with their members, positions of all participants and counts by statement and group.
    rules : ViewRules
        How little is too little.

    Returns
    -------
    dict
        `groups_shown` with `groups` (size, centre, spread, statements that set it apart), `statements` (shares, never
        counts; None where too few answered), `consensus`, `dividing` and `bridging`, `stability`, and where groups are
        not shown `why_not`: "few" people, "one_group", or "small_group".

    Notes
    -----
    Groups are shown all or none, so that no small group is what is left over. Shares of everybody are taken over the
    shown groups that answered a statement often enough, so that neither people without a group nor a withheld group can
    be told by subtraction. Nobody's position is published, only a group's middle and its spread.

    References
    ----------
    Hundepool, A. et al. (2012). Statistical Disclosure Control, ch. 4-5 (threshold rule, complementary suppression).
    """
    why_not = _why_not(result, rules)
    shown = not why_not
    groups = list(result["groups"]) if shown else []
    statements = [
        _statement(row, [group["group"] for group in groups], rules)
        for row in result["statements"]
        if not row["moderated"]
    ]
    open_ids = {row["id"] for row in statements if row["agree"] is not None}
    whole = {row["id"] for row in statements if row["groups"] and all(cell is not None for cell in row["groups"])}
    return {
        "smallest": rules.smallest,
        "participants": result["participants"],
        "grouped": result["clustered"],
        "groups_shown": shown,
        "why_not": why_not,
        "stability": result["stability"] if shown else None,
        "groups": [_group(group, result["positions"], open_ids, rules) for group in groups],
        "statements": statements,
        "consensus": _consensus(statements, result, open_ids, rules),
        "dividing": _dividing(statements, whole, rules),
        "bridging": [
            {"statement": row["statement"], "for": row["for"]}
            for row in result["bridging"]
            if row["statement"] in whole
        ][: rules.pick]
        if shown
        else [],
    }


def _why_not(result: Mapping[str, Any], rules: ViewRules) -> str:
    if result["participants"] < 2 * rules.smallest:
        return "few"
    if result["group_count"] < 2:
        return "one_group"
    return "small_group" if min(group["size"] for group in result["groups"]) < rules.smallest else ""


def _statement(row: Mapping[str, Any], shown: Sequence[int], rules: ViewRules) -> dict[str, Any]:
    cells = {cell["group"]: cell for cell in row["groups"]}
    wanted = [cells[number] for number in shown] if shown else []
    large = [cell for cell in wanted if _seen(cell) >= rules.smallest]
    whole = {answer: sum(cell[answer] for cell in large) for answer in _ANSWERS} if shown else row
    return {
        "id": row["id"],
        **_shares(whole, rules),
        "groups": [_shares(cell, rules) if _seen(cell) >= rules.smallest else None for cell in wanted],
    }


def _seen(counts: Mapping[str, Any]) -> int:
    return sum(int(counts[answer]) for answer in _ANSWERS)


def _shares(counts: Mapping[str, Any], rules: ViewRules) -> dict[str, float | None]:
    seen = _seen(counts)
    if seen < rules.smallest:
        return dict.fromkeys(_ANSWERS)
    return {answer: round(counts[answer] / seen, _DECIMALS) for answer in _ANSWERS}


def _group(
    group: Mapping[str, Any], positions: Sequence[Sequence[Any]], open_ids: set[Any], rules: ViewRules
) -> dict[str, Any]:
    members = set(group["members"])
    x, y = group["centre"]
    squares = [hypot(at_x - x, at_y - y) ** 2 for person, at_x, at_y in positions if person in members]
    return {
        "group": group["group"],
        "size": group["size"],
        "x": round(x, _DECIMALS),
        "y": round(y, _DECIMALS),
        "spread": round(sqrt(sum(squares) / max(1, len(squares))), _DECIMALS),
        "picks": [
            {"statement": pick["statement"], "for": pick["for"]}
            for pick in group["representative"]
            if pick["statement"] in open_ids
        ][: rules.pick],
    }


def _consensus(
    statements: Sequence[Mapping[str, Any]], result: Mapping[str, Any], open_ids: set[Any], rules: ViewRules
) -> list[dict[str, Any]]:
    """Return what most agree on, then what most reject, as the result picked it."""
    agreed, rejected = ("agree", "disagree")
    picked = [
        {"statement": pick["statement"], "for": side}
        for side in (agreed, rejected)
        for pick in result["consensus"][side]
        if pick["statement"] in open_ids
    ]
    shares = {row["id"]: row for row in statements}
    return sorted(picked, key=lambda pick: -shares[pick["statement"]][pick["for"]])[: rules.pick]


def _dividing(statements: Sequence[Mapping[str, Any]], whole: set[Any], rules: ViewRules) -> list[dict[str, Any]]:
    gaps = []
    for row in statements:
        if row["id"] in whole:
            agree = [cell["agree"] for cell in row["groups"]]
            gaps.append({"statement": row["id"], "gap": round(max(agree) - min(agree), _DECIMALS)})
    wide = [row for row in gaps if row["gap"] >= rules.dividing_gap]
    return sorted(wide, key=lambda row: -row["gap"])[: rules.pick]
