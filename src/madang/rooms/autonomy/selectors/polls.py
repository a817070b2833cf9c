"""What the pages of a vote read: the rule in plain words, what is voted on and where, and what a ballot said."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from madang.rooms.autonomy.engine.ballots.choice import BallotRules
from madang.rooms.autonomy.models import BallotOpening, Category, Poll, PollProject
from madang.rooms.autonomy.selectors.ballots import poll_unknown, polls_list
from madang.ui.listing import Listing
from madang.yard.places.models import Dong

_STEP = re.compile(r"([MmLlZz])([^MmLlZz]*)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_MARGIN = 0.08


@dataclass(frozen=True, slots=True, kw_only=True)
class DongDrawing:
    """A dong by itself.

    Attributes
    ----------
    outline : str
        SVG path in the district's view box.
    left, top, width, height : float
        The part of that view box that it fills, with a margin.
    """

    outline: str
    left: float
    top: float
    width: float
    height: float


def poll_by_id(poll_id: int) -> Poll:
    """Return a poll by its key, with its assembly and calendar.

    Raises
    ------
    NotFound
        If there is none.
    """
    poll = polls_list().prefetch_related("assembly__phases").filter(pk=poll_id).first()
    if poll is None:
        raise poll_unknown()
    return poll


def poll_projects(poll: Poll, listing: Listing | None = None) -> QuerySet[PollProject]:
    """Return what is voted on, in the order of the codes or as a list's URL asks."""
    rows = PollProject.objects.filter(poll=poll).select_related("proposal").order_by("code")
    if listing is None:
        return rows
    if listing.q:
        rows = rows.filter(name__icontains=listing.q) | rows.filter(code__iexact=listing.q)
    if listing.chosen.get("category"):
        rows = rows.filter(category=listing.chosen["category"])
    return rows.order_by(*listing.ordering)


def category_name(value: str) -> str:
    """Return a category in the reader's language; what is none stands as it is."""
    return str(Category(value).label) if value in Category.values else value


def dong_drawing(code: str) -> DongDrawing:
    """Return a dong's outline and the part of the district's drawing that shows it."""
    outline = Dong.objects.values_list("outline", flat=True).get(code=code)
    corners = list(_corners(outline)) or [(0.0, 0.0), (1.0, 1.0)]
    across, down = [x for x, _y in corners], [y for _x, y in corners]
    left, top = min(across), min(down)
    width, height = max(max(across) - left, 1.0), max(max(down) - top, 1.0)
    edge = _MARGIN * max(width, height)
    return DongDrawing(
        outline=outline, left=left - edge, top=top - edge, width=width + 2 * edge, height=height + 2 * edge
    )


def _corners(outline: str) -> Iterator[tuple[float, float]]:
    """Yield the corners of a path of straight lines, absolute or relative."""
    x = y = 0.0
    begin = (x, y)
    for command, rest in _STEP.findall(outline):
        if command in "Zz":
            x, y = begin
            continue
        numbers = [float(text) for text in _NUMBER.findall(rest)]
        for place, (across, down) in enumerate(zip(numbers[::2], numbers[1::2], strict=True)):
            x, y = (x + across, y + down) if command.islower() else (across, down)
            if command in "Mm" and place == 0:
                begin = (x, y)
            yield x, y


def opening_of(poll: Poll, seq: int) -> Mapping[str, Any] | None:
    """Return the choice that an entry of an opened box holds; None where it is not opened or does not count."""
    text = BallotOpening.objects.filter(entry__poll=poll, entry__seq=seq).values_list("opening", flat=True).first()
    return json.loads(text)["choice"] if text else None


def choice_lines(choice: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Return a choice in words, one line a project, in its order."""
    if "points" in choice:
        return [
            _("%(project)s: %(points)d points") % {"project": names.get(code, code), "points": points}
            for code, points in choice["points"].items()
        ]
    if "order" in choice:
        return [
            _("Place %(place)d: %(project)s") % {"place": place, "project": names.get(code, code)}
            for place, code in enumerate(choice["order"], 1)
        ]
    return [names.get(code, code) for code in choice["approve"]]


def rule_sentences(manifest: Mapping[str, Any]) -> list[str]:
    """Return how the winners are found, in plain words."""
    rules = {
        "greedy": _("The proposals with the most votes are taken one after the other, as long as the money lasts."),
        "equal-shares": _(
            "The budget is shared out equally among all who vote. Supporters of a proposal pay for it together out of"
            " their shares; the proposals that cost each supporter least are taken first. So every group of residents"
            " decides on as much money as it has people."
        ),
        "exact-equal-shares": _(
            "The budget is shared out equally among all who vote, and all who pay for a proposal pay the same. So every"
            " group of residents decides on as much money as it has people."
        ),
        "bos": _(
            "The budget is shared out equally among all who vote; where it serves many, a proposal may cost its"
            " supporters a little more than they have."
        ),
        "phragmen": _(
            "Money flows to all voters evenly; a proposal is taken as soon as its supporters can pay for it."
        ),
    }
    completions = {
        "add1": _("What is left then is used up by raising everybody's share step by step."),
        "add1-greedy": _(
            "What is left then is used up by raising everybody's share step by step, and after that by votes."
        ),
        "add-opt": _("What is left then is used up by raising everybody's share to the next change."),
        "add-opt-greedy": _(
            "What is left then is used up by raising everybody's share to the next change, and after that by votes."
        ),
        "greedy": _("What is left then goes to the proposals with the most votes that still fit."),
    }
    found = [rules.get(str(manifest.get("rule")), "")]
    found.append(completions.get(str(manifest.get("completion")), ""))
    found.append(
        _("Where two proposals are equal, the order of their codes decides, or what the rule names before it.")
    )
    return [sentence for sentence in found if sentence]


def ballot_sentence(rules: BallotRules) -> str:
    """Return what a voter may choose, in one plain sentence."""
    most, all_of_them = rules.max_length, rules.max_length >= len(rules.costs)
    if rules.type in {"cumulative", "scoring"}:
        if rules.max_sum_points is not None:
            return _("You share out up to %(points)d points among the proposals.") % {"points": rules.max_sum_points}
        return _("You give each proposal up to %(points)d points.") % {"points": rules.most_points}
    if rules.type == "ordinal":
        return _("You put up to %(most)d proposals in order, the best first.") % {"most": most}
    if all_of_them:
        return _("You may choose as many proposals as you like.")
    return _("You may choose up to %(most)d proposals.") % {"most": most}


def sheet_choice(rules: BallotRules, given: Sequence[tuple[str, int]]) -> dict[str, Any]:
    """Return a choice as a sheet of paper says it: project codes with a mark, their points, or their place.

    Parameters
    ----------
    rules : BallotRules
        Of the vote.
    given : sequence of (str, int)
        Every project that the sheet marks, with its number: points, place, or one.
    """
    if rules.type in {"cumulative", "scoring"}:
        return {"points": dict(sorted(given))}
    if rules.type == "ordinal":
        return {"order": [code for code, _place in sorted(given, key=lambda pair: pair[1])]}
    return {"approve": sorted(code for code, _mark in given)}
