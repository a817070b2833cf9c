"""Seo-gu with its true dongs, and people in their roles."""

from dataclasses import dataclass
from uuid import uuid4

import pytest

from madang.rooms.autonomy.models import Issue
from madang.rooms.autonomy.services import IssueDraft, issue_report
from madang.yard.audit.authority import SYSTEM, VISITOR, Actor, Role
from madang.yard.places.models import District, Dong
from madang.yard.places.selectors import dongs_of
from madang.yard.places.services import district_adopt


@dataclass(frozen=True, slots=True, kw_only=True)
class SeoGu:
    """The district, its dongs, and an officer and a council member of the first."""

    district: District
    dongs: list[Dong]

    @property
    def dong(self) -> Dong:
        return self.dongs[0]

    @property
    def other(self) -> Dong:
        return self.dongs[1]

    def actor(self, role: Role, place: str | None = None) -> Actor:
        return Actor(role=role, place=self.dong.code if place is None else place, user=str(uuid4()))

    @property
    def officer(self) -> Actor:
        return self.actor(Role.DONG_OFFICER)

    @property
    def council(self) -> Actor:
        return self.actor(Role.COUNCIL_MEMBER)

    @property
    def administrator(self) -> Actor:
        return self.actor(Role.ADMINISTRATOR, self.district.code)


@pytest.fixture(scope="session")
def adopted() -> dict[str, list[dict[str, object]]]:
    """Return a place for the rows of the district, filled by whoever adopts it first: drawing it takes a while."""
    return {}


@pytest.fixture
def seo_gu(db: None, adopted: dict[str, list[dict[str, object]]]) -> SeoGu:
    if not adopted:
        district_adopt(SYSTEM, "29140")
        adopted["district"] = list(District.objects.values())
        adopted["dongs"] = list(Dong.objects.values())
    else:
        District.objects.bulk_create(District(**row) for row in adopted["district"])
        Dong.objects.bulk_create(Dong(**row) for row in adopted["dongs"])
    district = District.objects.get()
    return SeoGu(district=district, dongs=dongs_of(district))


@pytest.fixture
def reported(seo_gu: SeoGu) -> Issue:
    """Return a report of a resident of the first dong."""
    return issue_report(VISITOR, draft(seo_gu.dong.code))


def draft(
    dong: str, text: str = "골목 가로등이 꺼져 있어요. 12번지 김민준 010-1234-5678", **changes: object
) -> IssueDraft:
    return IssueDraft(**{"key": uuid4().hex, "text": text, "category": "light", "dong": dong, **changes})  # type: ignore[arg-type]
