"""Reading lotteries: what everybody sees of a draw, step by step, and the files with which it is repeated."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.numerics.errors import NotFound
from madang.rooms.autonomy.models import CouncilLottery, LotteryState

_ORDER = tuple(LotteryState)


@dataclass(frozen=True, slots=True, kw_only=True)
class LotteryStep:
    """One step of a lottery: what it is, when it was taken, what came of it, and whether it is reached."""

    label: str
    when: date | datetime | None
    why: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """How many applicants have a probability."""

    probability: float
    persons: int


def lotteries_list(dong: str = "") -> QuerySet[CouncilLottery]:
    """Return lotteries, newest first, without what is large or sealed."""
    rows = CouncilLottery.objects.select_related("dong").defer(
        "published", "levels", "secret", "dong__boundary", "dong__outline"
    )
    return rows.filter(dong_id=dong) if dong else rows


def lottery_get(lottery_id: int) -> CouncilLottery:
    """Return one lottery with its dong and runs, without its sealed seed.

    Raises
    ------
    NotFound
        If there is none.
    """
    rows = CouncilLottery.objects.select_related("dong", "fair_run", "draw_run")
    lottery = rows.defer("secret", "dong__boundary", "dong__outline").filter(pk=lottery_id).first()
    if lottery is None:
        raise NotFound("lottery_unknown", _("There is no such lottery."))
    return lottery


def lotteries_due(today: date | None = None) -> int:
    """Return how many seeds are fixed whose public value has been known since yesterday and not been used."""
    waiting = Q(state=LotteryState.COMMITTED.value, value_on__lt=today or timezone.localdate())
    return CouncilLottery.objects.filter(waiting | Q(state=LotteryState.ANNOUNCED.value)).count()


def lottery_steps(lottery: CouncilLottery) -> list[LotteryStep]:
    """Return the four steps, those to come without a moment."""
    reached = _ORDER.index(LotteryState(lottery.state))
    rows = (
        (_("The pool is closed and the fairest lottery computed"), lottery.prepared_at, ""),
        (_("The seed is fixed: its commitment is public"), lottery.committed_at, lottery.commitment),
        (
            _("The public value becomes known"),
            lottery.announced_at or lottery.value_on,
            f"{lottery.public_source}: {lottery.public_value}" if lottery.public_value else lottery.public_source,
        ),
        (_("The council is drawn and the seed revealed"), lottery.drawn_at, lottery.seed),
    )
    return [
        LotteryStep(
            label=label,
            when=when,
            why=why,
            status="now" if place == reached else "reached" if place < reached else "ahead",
        )
        for place, (label, when, why) in enumerate(rows)
    ]


def lottery_levels(lottery: CouncilLottery) -> list[Level]:
    """Return the probabilities that occur, to a hundredth of a percent, smallest first, with the persons of each."""
    persons: Counter[float] = Counter()
    for count, probability in lottery.levels:
        persons[round(float(probability), 4)] += int(count)
    return [Level(probability=level, persons=persons[level]) for level in sorted(persons)]


def lottery_pool_count(lottery: CouncilLottery) -> int:
    """Return how many applied."""
    return sum(int(count) for count, _probability in lottery.levels)


def lottery_pool_rows(lottery: CouncilLottery) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of the published pool: lots with their values, or with numbers of types."""
    problem: Mapping[str, list[list[str]]] = lottery.published["problem"]
    return ["lot", *map(str, lottery.published["problem"]["categories"])], problem["pool"]


def lottery_quota_rows(lottery: CouncilLottery) -> list[list[object]]:
    """Return the quotas as the command takes them beside the published pool: none where the pool has types alone."""
    return [list(row) for row in lottery.published["problem"]["quotas"]]
