"""What residents say in the sample. Invented, in no real dong, and naming nobody."""

from dataclasses import dataclass

FIRST = -1
"""The dong that comes first by its code: the one that the demo's dong officer works for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleReport:
    """One report of the sample.

    Attributes
    ----------
    text, category : str
        What is reported.
    dong : int
        In which dong, counted from the one with most residents; `FIRST` for the first by code.
    days_ago : int
        How many days before the turn it came in.
    has_point : bool
        Whether it marks a point on the map.
    """

    text: str
    category: str
    dong: int
    days_ago: int
    has_point: bool = False


REPORTS: tuple[SampleReport, ...] = (
    SampleReport(
        text="초등학교 앞 통학로에 여름이면 그늘이 하나도 없어요. 아이들이 걷기 힘들어합니다.",
        category="heat-cold", dong=0, days_ago=6, has_point=True,
    ),
    SampleReport(
        text="학교 정문까지 가는 길에 햇볕을 피할 곳이 있으면 좋겠습니다.",
        category="heat-cold", dong=0, days_ago=5,
    ),
    SampleReport(
        text="경로당 앞 보도블록이 들떠 있어서 어르신들이 자꾸 걸려 넘어집니다.",
        category="road", dong=1, days_ago=5, has_point=True,
    ),
    SampleReport(
        text="공원 안쪽 가로등이 꺼진 지 오래됐어요. 밤에 무서워서 못 지나갑니다.",
        category="light", dong=2, days_ago=4, has_point=True,
    ),
    SampleReport(
        text="이사철이라 골목에 버려진 가구가 쌓이는데 언제 치우나요?",
        category="waste", dong=3, days_ago=4,
    ),
    SampleReport(
        text="놀이터 그네 줄이 닳아서 위험해 보입니다.",
        category="park", dong=4, days_ago=3, has_point=True,
    ),
    SampleReport(
        text="옆집에 혼자 사시는 할머니가 며칠째 안 보이십니다. 한번 살펴봐 주세요.",
        category="seniors", dong=1, days_ago=1,
    ),
    SampleReport(
        text="버스 정류장 옆 하수구에서 냄새가 올라옵니다.",
        category="health", dong=5, days_ago=1,
    ),
    SampleReport(
        text="마을 도서관 지붕에 햇빛발전소를 같이 지어 보면 어떨까요?",
        category="heat-cold", dong=2, days_ago=0,
    ),
    SampleReport(
        text="시장 입구 횡단보도 신호가 너무 짧아서 지팡이 짚고는 다 못 건넙니다.",
        category="road", dong=FIRST, days_ago=6, has_point=True,
    ),
    SampleReport(
        text="골목 안쪽 빈집에 쓰레기가 쌓여 냄새가 납니다.",
        category="waste", dong=FIRST, days_ago=2,
    ),
)  # fmt: skip
