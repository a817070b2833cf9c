"""Korean place names in Latin letters: the Revised Romanization of 2000, as official place names use it.

References
----------
Ministry of Culture and Tourism, Notice 2000-8, "Revised Romanization of Korean": chapter 2 (letters), chapter 3
section 1 (sound changes), section 5 (hyphen before administrative units, no sound change across it).
"""

import re

_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_FINALS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
_VOWELS = (
    "a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu", "eu",
    "ui", "i",
)  # fmt: skip
_INITIAL_LETTERS = dict(
    zip(
        _INITIALS,
        ("g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h"),
        strict=True,
    )
)
# A final consonant before a pause or another consonant is one of seven sounds.
_SOUND = {
    "": "", "ㄱ": "ㄱ", "ㄲ": "ㄱ", "ㄳ": "ㄱ", "ㄴ": "ㄴ", "ㄵ": "ㄴ", "ㄶ": "ㄴ", "ㄷ": "ㄷ", "ㄹ": "ㄹ", "ㄺ": "ㄱ",
    "ㄻ": "ㅁ", "ㄼ": "ㄹ", "ㄽ": "ㄹ", "ㄾ": "ㄹ", "ㄿ": "ㅂ", "ㅀ": "ㄹ", "ㅁ": "ㅁ", "ㅂ": "ㅂ", "ㅄ": "ㅂ",
    "ㅅ": "ㄷ", "ㅆ": "ㄷ", "ㅇ": "ㅇ", "ㅈ": "ㄷ", "ㅊ": "ㄷ", "ㅋ": "ㄱ", "ㅌ": "ㄷ", "ㅍ": "ㅂ", "ㅎ": "ㄷ",
}  # fmt: skip
_CLOSED = {"": "", "ㄱ": "k", "ㄴ": "n", "ㄷ": "t", "ㄹ": "l", "ㅁ": "m", "ㅂ": "p", "ㅇ": "ng"}
_NASAL = {"ㄱ": "ㅇ", "ㄷ": "ㄴ", "ㅂ": "ㅁ"}
# A double final splits before a vowel: the first stays, the second moves on.
_SPLIT = {
    "ㄳ": ("ㄱ", "ㅅ"), "ㄵ": ("ㄴ", "ㅈ"), "ㄶ": ("", "ㄴ"), "ㄺ": ("ㄹ", "ㄱ"), "ㄻ": ("ㄹ", "ㅁ"),
    "ㄼ": ("ㄹ", "ㅂ"), "ㄽ": ("ㄹ", "ㅅ"), "ㄾ": ("ㄹ", "ㅌ"), "ㄿ": ("ㄹ", "ㅍ"), "ㅀ": ("", "ㄹ"),
    "ㅄ": ("ㅂ", "ㅅ"), "ㅎ": ("", ""),
}  # fmt: skip
_UNITS = {
    "시": "si", "군": "gun", "구": "gu", "읍": "eup", "면": "myeon", "동": "dong", "리": "ri", "가": "ga", "도": "do",
}  # fmt: skip
# Names whose pronunciation the rules of spelling do not show, as the signs of the place write them.
_FIXED = {"신문로": "Sinmunno", "학여울": "Hangnyeoul"}
_FIRST_SYLLABLE = 0xAC00
_LAST_SYLLABLE = 0xD7A3


def _letters(syllable: str) -> tuple[str, str, str]:
    index = ord(syllable) - _FIRST_SYLLABLE
    return _INITIALS[index // 588], _VOWELS[index % 588 // 28], _FINALS[index % 28]


def _join_vowel(final: str, vowel: str) -> tuple[str, str]:
    """Carry a final consonant over to a syllable that begins with a vowel."""
    if final == "ㅇ":
        return "ng", ""
    stays, moves = _SPLIT.get(final, ("", final))
    if vowel == "i" and moves in {"ㄷ", "ㅌ"}:
        moves = "ㅈ" if moves == "ㄷ" else "ㅊ"
    return _CLOSED[_SOUND[stays]], _INITIAL_LETTERS[moves] if moves else ""


def _join_consonant(final: str, initial: str) -> tuple[str, str]:
    """Letters of a final consonant and the initial after it, with the sound changes between them."""
    sound = _SOUND[final]
    if final in {"ㅎ", "ㄶ", "ㅀ"} and initial in {"ㄱ", "ㄷ", "ㅈ"}:
        left = {"ㅎ": "", "ㄶ": "ㄴ", "ㅀ": "ㄹ"}[final]
        return _CLOSED[left], {"ㄱ": "k", "ㄷ": "t", "ㅈ": "ch"}[initial]
    if initial == "ㄹ":
        if sound in {"ㄹ", "ㄴ"}:
            return "l", "l"
        if sound:
            return _CLOSED[_NASAL.get(sound, sound)], "n"
    if initial in {"ㄴ", "ㅁ"}:
        if sound == "ㄹ" and initial == "ㄴ":
            return "l", "l"
        sound = _NASAL.get(sound, sound)
    return _CLOSED[sound], _INITIAL_LETTERS[initial]


def romanise(text: str) -> str:
    """Write a Korean word in Latin letters; what is not a Hangul syllable stays as it is.

    Parameters
    ----------
    text : str
        A word without administrative suffix, or any text.

    Returns
    -------
    str
        Lower-case Revised Romanization.

    Notes
    -----
    Sound changes: nasalisation (박문 -> bangmun), lateralisation (신림 -> sillim), linking (일원 -> irwon), aspiration
    of ㅎ before ㄱ ㄷ ㅈ, palatalisation before i. As the notice says of nouns, ㄱ ㄷ ㅂ before ㅎ stay apart
    (묵호 -> mukho). The insertion of ㄴ in compounds cannot be seen from the spelling and is not made.

    Examples
    --------
    >>> [romanise(word) for word in ("광주", "종로", "신림", "왕십리", "화정")]
    ['gwangju', 'jongno', 'sillim', 'wangsimni', 'hwajeong']
    """
    parts: list[str] = []
    carried = ""  # letters that the next syllable's initial becomes, when a final decided them
    joined = False
    for position, character in enumerate(text):
        if not _FIRST_SYLLABLE <= ord(character) <= _LAST_SYLLABLE:
            parts.append(character)
            joined = False
            continue
        initial, vowel, final = _letters(character)
        parts.append((carried if joined else _INITIAL_LETTERS[initial]) + vowel)
        following = text[position + 1 : position + 2]
        if following and _FIRST_SYLLABLE <= ord(following) <= _LAST_SYLLABLE:
            next_initial, next_vowel, _ = _letters(following)
            join = _join_vowel(final, next_vowel) if next_initial == "ㅇ" else _join_consonant(final, next_initial)
            closing, carried = join
            joined = True
        else:
            closing, joined = _CLOSED[_SOUND[final]], False
        parts.append(closing)
    return "".join(parts)


def _capitalised(word: str) -> str:
    return _FIXED.get(word) or romanise(word).capitalize()


def romanise_place(name: str) -> str:
    """Write the name of an administrative unit: its own name, a hyphen and the unit.

    Parameters
    ----------
    name : str
        One or more units separated by spaces.

    Examples
    --------
    >>> [romanise_place(name) for name in ("서구", "양동", "태평로1가", "수원시 장안구", "기장읍")]
    ['Seo-gu', 'Yang-dong', 'Taepyeongno 1-ga', 'Suwon-si Jangan-gu', 'Gijang-eup']
    """
    return " ".join(_unit(part) for part in name.split())


def _unit(name: str) -> str:
    numbered = re.fullmatch(r"(\D+?)(\d+)(가|동|리)?", name)
    if numbered:
        stem, number, unit = numbered.groups()
        return f"{_stem(stem)} {number}" + (f"-{_UNITS[unit]}" if unit else "")
    if len(name) > 1 and name[-1] in _UNITS:
        return f"{_capitalised(name[:-1])}-{_UNITS[name[-1]]}"
    return _capitalised(name)


def _stem(stem: str) -> str:
    """Write what stands before a number: a road keeps its sound changes (Jongno), a dong its hyphen (Jeo-dong)."""
    return f"{_capitalised(stem[:-1])}-dong" if len(stem) > 1 and stem.endswith("동") else _capitalised(stem)
