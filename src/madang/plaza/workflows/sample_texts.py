"""What residents say in the sample, and what comes of it. Invented, in no real dong, and naming nobody."""

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
        How many days ago it came in.
    has_point : bool
        Whether it marks a point on the map.
    """

    text: str
    category: str
    dong: int
    days_ago: int
    has_point: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleMatter:
    """One matter that the sample's dongs take up.

    Attributes
    ----------
    title : str
        Follows the dong's name.
    room, summary, reason : str
        What the officer writes.
    reports : tuple of int
        Positions of the reports that it comes from; the first one's dong is its dong.
    days_ago : int
        When it was taken up.
    pledge : str
        Pledge that it serves, empty for none.
    """

    title: str
    room: str
    summary: str
    reason: str
    reports: tuple[int, ...]
    days_ago: int
    pledge: str = ""


REPORTS: tuple[SampleReport, ...] = (
    SampleReport(
        text="초등학교 앞 통학로에 여름이면 그늘이 하나도 없어요. 아이들이 걷기 힘들어합니다.",
        category="heat-cold", dong=0, days_ago=30, has_point=True,
    ),
    SampleReport(
        text="학교 정문까지 가는 길에 햇볕을 피할 곳이 있으면 좋겠습니다.",
        category="heat-cold", dong=0, days_ago=28,
    ),
    SampleReport(
        text="경로당 앞 보도블록이 들떠 있어서 어르신들이 자꾸 걸려 넘어집니다.",
        category="road", dong=1, days_ago=21, has_point=True,
    ),
    SampleReport(
        text="공원 안쪽 가로등이 꺼진 지 오래됐어요. 밤에 무서워서 못 지나갑니다.",
        category="light", dong=2, days_ago=26, has_point=True,
    ),
    SampleReport(
        text="이사철이라 골목에 버려진 가구가 쌓이는데 언제 치우나요?",
        category="waste", dong=3, days_ago=12,
    ),
    SampleReport(
        text="놀이터 그네 줄이 닳아서 위험해 보입니다.",
        category="park", dong=4, days_ago=15, has_point=True,
    ),
    SampleReport(
        text="마을 도서관 지붕에 햇빛발전소를 같이 지어 보면 어떨까요?",
        category="heat-cold", dong=3, days_ago=9,
    ),
    SampleReport(
        text="버스 정류장 옆 하수구에서 냄새가 올라옵니다.",
        category="health", dong=5, days_ago=8, has_point=True,
    ),
    SampleReport(
        text="경로당에 혈압계가 고장 나서 재 볼 데가 없습니다.",
        category="health", dong=0, days_ago=7,
    ),
    SampleReport(
        text="시장 입구 횡단보도 신호가 너무 짧아서 지팡이 짚고는 다 못 건넙니다.",
        category="road", dong=FIRST, days_ago=6, has_point=True,
    ),
    SampleReport(
        text="주차된 차 때문에 소방차가 골목에 못 들어올 것 같아요.",
        category="road", dong=2, days_ago=5,
    ),
    SampleReport(
        text="옆집에 혼자 사시는 할머니가 며칠째 안 보이십니다. 한번 살펴봐 주세요.",
        category="seniors", dong=1, days_ago=1,
    ),
    SampleReport(
        text="골목 안쪽 빈집에 쓰레기가 쌓여 냄새가 납니다.",
        category="waste", dong=FIRST, days_ago=2,
    ),
    SampleReport(
        text="어린이 놀이터 옆 공사장에서 아침 일찍부터 소리가 큽니다.",
        category="building", dong=4, days_ago=0,
    ),
)  # fmt: skip

# The first two are decided, the third and fourth answered, the others wait for the residents' council.
MATTERS: tuple[SampleMatter, ...] = (
    SampleMatter(
        title="어린이 통학로 그늘막", room="climate", pledge="autonomy", reports=(0, 1), days_ago=25,
        summary="학교 앞 통학로에 햇볕을 피할 그늘막을 놓아 달라는 주민 의견입니다.",
        reason="같은 의견이 여럿 들어왔습니다.",
    ),
    SampleMatter(
        title="공원 안쪽 가로등", room="autonomy", pledge="autonomy", reports=(3,), days_ago=22,
        summary="꺼진 가로등을 고치고 두 개를 더 세워 달라는 주민 의견입니다.", reason="밤길이 어둡습니다.",
    ),
    SampleMatter(
        title="경로당 앞 보도 정비", room="autonomy", reports=(2,), days_ago=18,
        summary="들뜬 보도블록을 고쳐 달라는 주민 의견입니다.", reason="넘어질 위험이 있습니다.",
    ),
    SampleMatter(
        title="놀이터 그네 점검", room="autonomy", reports=(5,), days_ago=13,
        summary="그네 줄이 닳아 보인다는 의견입니다.", reason="안전 문제라 먼저 살핍니다.",
    ),
    SampleMatter(
        title="도서관 지붕 시민햇빛발전소", room="climate", pledge="climate", reports=(6,), days_ago=6,
        summary="도서관 지붕에 주민이 함께 발전소를 짓자는 제안입니다.", reason="함께 따져 볼 만한 제안입니다.",
    ),
    SampleMatter(
        title="정류장 옆 하수구 악취", room="health", reports=(7,), days_ago=5,
        summary="버스 정류장 옆 하수구에서 냄새가 난다는 의견입니다.", reason="여름이 오기 전에 손봐야 합니다.",
    ),
    SampleMatter(
        title="경로당 혈압계 바꾸기", room="health", reports=(8,), days_ago=4,
        summary="고장 난 혈압계를 바꿔 달라는 의견입니다.", reason="어르신 건강을 살피는 데 필요합니다.",
    ),
    SampleMatter(
        title="시장 입구 횡단보도 신호 시간", room="autonomy", reports=(9,), days_ago=3,
        summary="걸음이 느린 분도 건널 수 있게 신호를 늘려 달라는 의견입니다.", reason="건너다 위험한 분이 많습니다.",
    ),
    SampleMatter(
        title="골목 소방차 길 넓히기", room="autonomy", reports=(10,), days_ago=2,
        summary="소방차가 들어갈 수 있게 주차 자리를 다시 그리자는 의견입니다.", reason="불이 났을 때 위험합니다.",
    ),
)  # fmt: skip
