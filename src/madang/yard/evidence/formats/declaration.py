"""The one declaration of what the open data of the evidence holds; files, dictionary and pages all follow from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

LICENCE = "KOGL Type 1 (Attribution)"
LICENCE_KO = "공공누리 제1유형(출처표시)"
LICENCE_URL = "https://www.kogl.or.kr/info/licenseType1.do"


class Kind(StrEnum):
    """Type of a field."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    TRUTH = "truth"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column of a dataset.

    Attributes
    ----------
    name : str
        Its heading in every format.
    kind : Kind
        Its type; a moment is ISO 8601 in UTC.
    ko, en : str
        What it means.
    unit : str
        What it counts in; empty where it counts nothing, or where another field says it.
    nullable : bool
        Whether it may be empty.
    """

    name: str
    kind: Kind
    ko: str
    en: str
    unit: str = ""
    nullable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One table of open data.

    Attributes
    ----------
    code : str
        Begins its file names.
    title_ko, title_en, about_ko, about_en : str
        What people read.
    fields : tuple of Field
        Its columns in order.
    key : tuple of str
        The columns that name a row; rows come in their order.
    """

    code: str
    title_ko: str
    title_en: str
    about_ko: str
    about_en: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]


def _text(name: str, ko: str, en: str, *, nullable: bool = False) -> Field:
    return Field(name=name, kind=Kind.TEXT, ko=ko, en=en, nullable=nullable)


INDICATORS = Dataset(
    code="indicators",
    title_ko="지표",
    title_en="Indicators",
    about_ko="무엇을 어떻게 재는지와 목표 경로",
    about_en="What is measured, how, and the path that it should take",
    key=("code",),
    fields=(
        _text("code", "지표 코드", "Code of the indicator"),
        _text("room", "담당 분야: autonomy, care, health, climate, projects", "Whose subject it is"),
        _text("name_ko", "한국어 이름", "Korean name"),
        _text("name_en", "영어 이름", "English name"),
        _text("unit", "단위 코드", "Code of the unit"),
        _text("definition_ko", "한국어 정의", "Korean definition"),
        _text("definition_en", "영어 정의", "English definition"),
        _text("source_ko", "자료 출처(한국어)", "Source, in Korean"),
        _text("source_en", "자료 출처(영어)", "Source, in English"),
        _text("direction", "up이면 높을수록, down이면 낮을수록 좋음", "Whether higher (up) or lower (down) is better"),
        _text("frequency", "관측 주기: year, quarter, month, week, day", "How often it is observed"),
        _text("aggregation", "기간을 합치는 방법: sum, mean, last", "How a longer stretch follows from its periods"),
        Field(
            name="sensitive", kind=Kind.TRUTH, ko="작은 수를 가리는 지표인지", en="Whether small counts are withheld"
        ),
        Field(
            name="threshold",
            kind=Kind.INTEGER,
            ko="공개하는 가장 작은 수. 이보다 작은 수는 가림",
            en="Smallest count that is shown; smaller ones are withheld",
            unit="persons",
            nullable=True,
        ),
        _text(
            "target_path",
            "목표 경로: 기간과 그 마지막 날까지의 값을 세미콜론으로 이은 것",
            "Target path: period=value by the period's last day, joined by semicolons",
            nullable=True,
        ),
    ),
)

OBSERVATIONS = Dataset(
    code="observations",
    title_ko="관측값",
    title_en="Observations",
    about_ko="지표의 장소별·기간별 값. 작은 수와, 그것을 알아낼 수 있는 수는 비어 있습니다.",
    about_en="Values by place and period. Small counts, and others that would give them away, are empty.",
    key=("indicator", "period", "place"),
    fields=(
        _text("indicator", "지표 코드", "Code of the indicator"),
        _text("period", "기간: 2026, 2026-Q3, 2026-11, 2026-W46, 2026-11-23", "Period"),
        _text("place", "구(5자리) 또는 동(8~10자리)의 공식 코드", "Official code of the district or dong"),
        _text("place_name", "장소의 한국어 이름", "Korean name of the place", nullable=True),
        Field(
            name="value",
            kind=Kind.NUMBER,
            ko="값. 가린 값은 비어 있음",
            en="Value; empty where withheld",
            unit="see indicators.unit",
            nullable=True,
        ),
        Field(name="numerator", kind=Kind.NUMBER, ko="분자", en="Numerator of a rate or share", nullable=True),
        Field(name="denominator", kind=Kind.NUMBER, ko="분모", en="Denominator of a rate or share", nullable=True),
        Field(
            name="withheld",
            kind=Kind.TRUTH,
            ko="개인을 보호하려고 가렸는지",
            en="Whether it is withheld to protect persons",
        ),
        _text(
            "status", "measured 측정, estimated 추정, sample 예시 자료", "measured, estimated, or sample data (sample)"
        ),
        Field(name="revision", kind=Kind.INTEGER, ko="몇 번째로 입력된 값인지", en="Number of the entry, from 1"),
        _text("run", "값을 계산한 기록의 번호", "Number of the computation it comes from", nullable=True),
    ),
)

SIGNALS = Dataset(
    code="signals",
    title_ko="신호",
    title_en="Signals",
    about_ko="각 분야가 찾아내어 동에 알린 일. 개인정보는 없습니다.",
    about_en="What the rooms found and told a dong. No personal data.",
    key=("signal",),
    fields=(
        Field(name="signal", kind=Kind.INTEGER, ko="신호 번호", en="Number of the signal"),
        _text("room", "담당 분야", "Whose finding it is"),
        _text("place", "구 또는 동의 공식 코드", "Official code of the district or dong"),
        _text("topic", "주제 코드", "Code of the topic"),
        _text("text_ko", "한국어 내용", "What was found, in Korean"),
        _text("text_en", "영어 내용", "What was found, in English"),
        Field(
            name="severity",
            kind=Kind.INTEGER,
            ko="1 참고, 2 주의, 3 긴급",
            en="1 to note, 2 warning, 3 urgent",
        ),
        _text("state", "지금 단계: raised, seen, on_agenda, answered, closed", "Where it stands"),
        Field(name="raised_at", kind=Kind.MOMENT, ko="알린 때", en="When it was raised"),
    ),
)

MOVES = Dataset(
    code="signal-moves",
    title_ko="신호의 처리 과정",
    title_en="Life of the signals",
    about_ko="신호가 단계를 옮긴 때와 이유",
    about_en="When and why each signal moved on",
    key=("move",),
    fields=(
        Field(name="move", kind=Kind.INTEGER, ko="차례 번호", en="Number of the step"),
        Field(name="signal", kind=Kind.INTEGER, ko="신호 번호", en="Number of the signal"),
        _text("from_state", "이전 단계", "State before", nullable=True),
        _text("to_state", "다음 단계", "State after"),
        _text("reason", "이유", "Reason"),
        _text("role", "옮긴 사람의 역할", "Role of who moved it"),
        Field(name="at", kind=Kind.MOMENT, ko="옮긴 때", en="When"),
    ),
)

DOCUMENTS = Dataset(
    code="documents",
    title_ko="문서",
    title_en="Documents",
    about_ko="근거로 둔 문서의 목록과 지문",
    about_en="Documents that evidence rests on, with their digests",
    key=("sha256",),
    fields=(
        _text("sha256", "파일 내용의 SHA-256 지문", "SHA-256 digest of the file"),
        _text("title", "제목", "Title"),
        Field(name="size_bytes", kind=Kind.INTEGER, ko="크기", en="Size", unit="bytes"),
        _text("media_type", "파일 종류", "Media type"),
        _text("place", "구 또는 동의 공식 코드", "Official code of the district or dong"),
        Field(name="filed_at", kind=Kind.MOMENT, ko="올린 때", en="When it was filed"),
    ),
)

DATASETS: Mapping[str, Dataset] = MappingProxyType(
    {dataset.code: dataset for dataset in (INDICATORS, OBSERVATIONS, SIGNALS, MOVES, DOCUMENTS)}
)
