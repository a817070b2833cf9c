"""A council drawn by lot and a formula that hands money down, for the sample; played through the rooms' services."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from django.utils import timezone

from madang.rooms.autonomy.models import CouncilLottery
from madang.rooms.autonomy.services.devolution import (
    DelegationDraft,
    FormulaDraft,
    delegation_enter,
    devolution_publish,
)
from madang.rooms.autonomy.services.lottery import (
    ApplicantDraft,
    LotteryDraft,
    QuotaDraft,
    lottery_announce,
    lottery_commit,
    lottery_draw,
    lottery_prepare,
)
from madang.yard.audit.authority import SYSTEM
from madang.yard.people.models import Person, Sex
from madang.yard.places.models import Dong

APPLICANTS, COUNCIL = 140, 20
LEAST_APPLICANTS = 60
ADULT = 19
BANDS = ((40, "19-39"), (60, "40-59"), (200, "60+"))
EVERY_SO_MANYTH_SERVED_BEFORE = 5
POSTS_A_DONG = 3
ROUND_WON = 100_000

AUTHORITIES = (
    ("어린이공원 관리", "Care of children's parks", -20, 2),
    ("주민참여예산 집행", "Spending of the participatory budget", 165, 1),
)
"""What the sample's district hands down: in both languages, in how many days it is reviewed, and posts."""


def council_drawn(dong: Dong, people: Sequence[Person]) -> CouncilLottery | None:
    """Draw a dong's council by public lottery; None where too few would apply."""
    today = timezone.localdate()
    applicants = _applicants(people, today)
    if len(applicants) < LEAST_APPLICANTS:
        return None
    draft = LotteryDraft(
        dong=dong.code,
        title="주민자치회 위원 추첨",
        about="두 해 동안 동의 의제와 예산을 다룰 위원을 뽑습니다.",
        size=COUNCIL,
        quotas=_quotas(applicants),
        applicants=tuple(applicants),
        public_source="로또 당첨 번호 (토요일 추첨), 발표된 순서대로",
        value_on=today - timedelta(days=2),
    )
    lottery = lottery_prepare(SYSTEM, draft)
    lottery_commit(SYSTEM, lottery.pk, on=today - timedelta(days=9))
    lottery_announce(SYSTEM, lottery.pk, "3 11 15 29 35 44 + 10 (예시)")
    return lottery_draw(SYSTEM, lottery.pk)


def money_handed_down(dongs: Sequence[Dong], total_won: int) -> None:
    """Publish a formula by which the dongs share budget and posts, and delegate authorities to the largest."""
    today, count = timezone.localdate(), len(dongs)
    budget, posts = total_won // ROUND_WON * ROUND_WON, POSTS_A_DONG * count
    inputs = {
        "dongs": [dong.code for dong in dongs],
        "criteria": [
            {"name": "인구", "weight": 50, "values": [dong.population or 1 for dong in dongs]},
            {"name": "면적", "weight": 20, "values": [max(1, round(dong.area_m2)) for dong in dongs]},
            {"name": "모든 동 같게", "weight": 30, "values": [1] * count},
        ],
        "pots": [
            {"name": "budget", "total": budget, "unit": ROUND_WON, "floors": [0] * count, "caps": [budget] * count},
            {"name": "posts", "total": posts, "unit": 1, "floors": [1] * count, "caps": [posts] * count},
        ],
        "rounding": "sainte-lague",
    }
    reason = "절반은 인구로, 나머지는 면적과 고른 몫으로 나눕니다. 작은 동도 일할 사람이 있어야 합니다."
    formula = FormulaDraft(year=today.year + 1, title="동 예산과 정원을 나누는 산식", reason=reason, inputs=inputs)
    devolution_publish(SYSTEM, formula)
    for korean, english, review_in_days, posts in AUTHORITIES:
        delegation = DelegationDraft(
            dong=dongs[0].code,
            title_ko=korean,
            title_en=english,
            legal_basis="사무위임 조례 (예시)",
            starts_on=today - timedelta(days=200),
            review_on=today + timedelta(days=review_in_days),
            staff_posts=posts,
        )
        delegation_enter(SYSTEM, delegation)


def _applicants(people: Sequence[Person], today: date) -> list[ApplicantDraft]:
    found = []
    for place, person in enumerate(people):
        age = person.age_on(today)
        if age is None or age < ADULT:
            continue
        values = {
            "나이": next(name for limit, name in BANDS if age < limit),
            "성별": "여" if person.sex == Sex.FEMALE else "남",
            "경험": "있음" if place % EVERY_SO_MANYTH_SERVED_BEFORE == 0 else "처음",
        }
        found.append(ApplicantDraft(person=person.pk, values=values))
    return found[:APPLICANTS]


def _quotas(applicants: Sequence[ApplicantDraft]) -> tuple[QuotaDraft, ...]:
    """Return quotas around each value's share among those who applied, so that they can be met."""
    counts = Counter(pair for applicant in applicants for pair in applicant.values.items())
    quotas = []
    for (category, value), number in sorted(counts.items()):
        share = COUNCIL * number // len(applicants)
        quotas.append(QuotaDraft(category=category, value=value, least=max(0, share - 1), most=min(COUNCIL, share + 2)))
    return tuple(quotas)
