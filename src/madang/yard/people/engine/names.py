"""Made-up Korean names: common surnames and syllables, put together by chance."""

import numpy as np

# Common surnames and their rough shares per mille; assumed.
SURNAMES: tuple[tuple[str, int], ...] = (
    ("김", 215), ("이", 147), ("박", 84), ("최", 47), ("정", 43), ("강", 24), ("조", 21), ("윤", 21), ("장", 20),
    ("임", 17), ("한", 15), ("오", 15), ("서", 15), ("신", 15), ("권", 14), ("황", 14), ("안", 14), ("송", 14),
    ("류", 13),
    ("홍", 11), ("전", 11), ("고", 9), ("문", 9), ("손", 9), ("양", 9), ("배", 8), ("백", 8), ("허", 7), ("남", 6),
    ("심", 5),
)  # fmt: skip
# First and second syllables of given names, by sex and by whether born before 1970.
_SYLLABLES: dict[tuple[int, bool], tuple[str, str]] = {
    (0, True): ("영정종상성재병동광길봉창만기경", "수호식철환남길근규석섭태진순오"),
    (1, True): ("영정순옥미경춘복금숙명말점봉은", "자숙순희옥례임님심남애란화덕분"),
    (0, False): ("민지준현도서시우성건재유태하승", "준우호민현훈재율혁빈성윤진원후"),
    (1, False): ("지서민하수예유은다채소윤가나혜", "연은아윤서진영빈원희린인현주율"),
}
_OLD_BORN = 1970


def surnames(count: int, random: np.random.Generator) -> list[str]:
    """Draw surnames as common as they are."""
    weights = np.array([weight for _, weight in SURNAMES], np.float64)
    drawn = random.choice(len(SURNAMES), count, p=weights / weights.sum())
    return [SURNAMES[index][0] for index in drawn]


def given_name(sex: int, born: int, random: np.random.Generator) -> str:
    """Put two syllables together that people of this sex and age bear."""
    first, second = _SYLLABLES[sex, born < _OLD_BORN]
    for _ in range(10):
        name = first[random.integers(len(first))] + second[random.integers(len(second))]
        if name[0] != name[1]:
            return name
    return first[0] + second[0]
