"""What residents propose and think in the sample's assemblies. Invented, in no real dong, and naming nobody."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleProposal:
    """One proposal of the sample.

    Attributes
    ----------
    title, text, category : str
        What everybody reads.
    percent : int
        What it would cost, of the assembly's budget [%].
    basis : str
        How the office knows.
    liked_by : tuple of int
        How likely those who think like the first and like the second group name it [%].
    declined : str
        Why the office does not admit it; empty where it does.
    """

    title: str
    text: str
    category: str
    percent: int
    basis: str
    liked_by: tuple[int, int]
    declined: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleStatement:
    """One sentence of the sample's conversation, and how likely the two groups agree with it [%]."""

    text: str
    agreed_by: tuple[int, int]


PROPOSALS: tuple[SampleProposal, ...] = (
    SampleProposal(
        title="초등학교 앞 횡단보도에 바닥 신호등 설치",
        text="아이들이 휴대전화를 보며 건너는 일이 많습니다. 바닥에도 신호가 보이면 사고를 줄일 수 있습니다.",
        category="road", percent=28, basis="같은 길이의 바닥 신호등 설치 단가에 두 곳을 곱했습니다.", liked_by=(85, 45),
    ),
    SampleProposal(
        title="경로당 문턱 없애기와 손잡이 달기",
        text="보행기를 쓰는 어르신이 문턱에 걸립니다. 세 곳의 문턱을 낮추고 화장실에 손잡이를 달아 주세요.",
        category="seniors", percent=18, basis="경로당 세 곳을 둘러보고 받은 견적입니다.", liked_by=(30, 90),
    ),
    SampleProposal(
        title="골목 공유 텃밭 만들기",
        text="비어 있는 공터를 이웃이 함께 가꾸는 텃밭으로 만들고 싶습니다. 물 받는 곳도 있으면 좋겠습니다.",
        category="park", percent=12, basis="흙과 울타리, 수도를 놓는 비용입니다.", liked_by=(60, 50),
    ),
    SampleProposal(
        title="버스 정류장 온열 의자와 바람막이",
        text="겨울에 버스를 오래 기다리는 어르신과 학생을 위해 정류장 세 곳에 온열 의자를 놓아 주세요.",
        category="heat-cold", percent=22, basis="온열 의자 세 개와 바람막이의 조달 가격입니다.", liked_by=(55, 70),
    ),
    SampleProposal(
        title="작은도서관 토요일 저녁까지 열기",
        text="일하는 부모도 아이와 함께 올 수 있게 토요일은 저녁 여덟 시까지 열어 주세요.",
        category="other", percent=15, basis="토요일 네 시간, 한 해 동안의 인건비입니다.", liked_by=(75, 20),
    ),
    SampleProposal(
        title="어두운 골목 다섯 곳에 발광다이오드 보안등",
        text="밤에 지나기 무서운 골목이 있습니다. 밝고 전기를 적게 쓰는 등으로 바꾸어 주세요.",
        category="light", percent=20, basis="보안등 다섯 개의 설치 단가입니다.", liked_by=(70, 75),
    ),
    SampleProposal(
        title="주말 골목 장터와 버스킹 무대",
        text="한 달에 한 번 골목에 차를 막고 장터를 열면 가게도 이웃도 살아납니다.",
        category="other", percent=30, basis="천막과 안전 요원, 열두 번의 운영비입니다.", liked_by=(45, 15),
    ),
    SampleProposal(
        title="폐건전지와 의약품 수거함 더 놓기",
        text="가까운 곳에 없어서 그냥 버리는 집이 많습니다. 아파트 밖에도 놓아 주세요.",
        category="waste", percent=6, basis="수거함 열 개와 한 해 수거 비용입니다.", liked_by=(40, 40),
    ),
    SampleProposal(
        title="강변 자전거길 전 구간 다시 깔기",
        text="자전거길이 울퉁불퉁합니다. 처음부터 끝까지 새로 깔아 주세요.",
        category="road", percent=95, basis="전 구간의 포장 면적에 단가를 곱했습니다.", liked_by=(50, 25),
        declined="강변은 광역시가 관리합니다. 시에 건의하고 답을 이 자리에 알리겠습니다.",
    ),
)  # fmt: skip

STATEMENTS: tuple[SampleStatement, ...] = (
    SampleStatement(text="아이들이 안전하게 다니는 길이 무엇보다 먼저입니다.", agreed_by=(92, 70)),
    SampleStatement(text="어르신이 쓰는 시설에 돈을 더 써야 합니다.", agreed_by=(35, 95)),
    SampleStatement(text="밤길을 밝히는 일에는 모두가 도움을 받습니다.", agreed_by=(88, 90)),
    SampleStatement(text="주차 자리를 줄여서라도 걷는 길을 넓혀야 합니다.", agreed_by=(75, 20)),
    SampleStatement(text="행사보다는 오래 남는 시설에 써야 합니다.", agreed_by=(50, 85)),
    SampleStatement(text="젊은 부모가 저녁에 쓸 수 있는 곳이 모자랍니다.", agreed_by=(90, 30)),
    SampleStatement(text="텃밭은 이웃이 만나는 좋은 자리입니다.", agreed_by=(65, 60)),
    SampleStatement(text="작은 일 여러 개보다 큰 일 하나가 낫습니다.", agreed_by=(30, 40)),
    SampleStatement(text="지금 있는 것을 고치는 일이 새로 짓는 일보다 먼저입니다.", agreed_by=(55, 88)),
    SampleStatement(text="결과를 누구나 다시 세어 볼 수 있어야 합니다.", agreed_by=(86, 84)),
)

ARGUMENTS: tuple[tuple[int, str, str], ...] = (
    (0, "for", "등하교 시간에 아이들이 가장 많이 건너는 곳입니다."),
    (0, "against", "고장이 잦다고 들었습니다. 고치는 돈도 함께 따져 보면 좋겠습니다."),
    (1, "for", "지난해 넘어져 다치신 분이 있어서 급합니다."),
    (3, "for", "배차 간격이 긴 곳부터 놓으면 도움이 큽니다."),
    (6, "against", "주말에 쉬는 이웃에게는 시끄러울 수 있습니다."),
)
"""Arguments: which proposal, for or against, in which words."""
