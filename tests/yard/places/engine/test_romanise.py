"""Names are written as their road signs are."""

import pytest

from madang.yard.places.engine.romanise import romanise, romanise_place


@pytest.mark.parametrize(
    ("korean", "latin"),
    [
        # examples of the notice itself
        ("구미", "gumi"), ("영동", "yeongdong"), ("백암", "baegam"), ("옥천", "okcheon"), ("합덕", "hapdeok"),
        ("호법", "hobeop"), ("월곶", "wolgot"), ("벚꽃", "beotkkot"), ("한밭", "hanbat"), ("구리", "guri"),
        ("설악", "seorak"), ("칠곡", "chilgok"), ("임실", "imsil"), ("울릉", "ulleung"), ("대관령", "daegwallyeong"),
        ("백마", "baengma"), ("종로", "jongno"), ("왕십리", "wangsimni"), ("별내", "byeollae"), ("신라", "silla"),
        ("해돋이", "haedoji"), ("같이", "gachi"), ("좋고", "joko"), ("놓다", "nota"), ("묵호", "mukho"),
        ("집현전", "jiphyeonjeon"), ("압구정", "apgujeong"), ("낙동강", "nakdonggang"), ("죽변", "jukbyeon"),
        ("낙성대", "nakseongdae"), ("합정", "hapjeong"), ("팔당", "paldang"), ("샛별", "saetbyeol"), ("울산", "ulsan"),
        ("속리산", "songnisan"), ("독립문", "dongnimmun"), ("촉석루", "chokseongnu"), ("극락전", "geungnakjeon"),
    ],
)  # fmt: skip
def test_the_notice_s_examples(korean: str, latin: str) -> None:
    assert romanise(korean) == latin


@pytest.mark.parametrize(
    ("korean", "latin"),
    [
        ("서구", "Seo-gu"), ("마포구", "Mapo-gu"), ("의정부시", "Uijeongbu-si"), ("양주군", "Yangju-gun"),
        ("도봉구", "Dobong-gu"), ("신창읍", "Sinchang-eup"), ("화정동", "Hwajeong-dong"), ("치평동", "Chipyeong-dong"),
        ("풍암동", "Pungam-dong"), ("쌍촌동", "Ssangchon-dong"), ("종로2가", "Jongno 2-ga"),
        ("퇴계로3가", "Toegyero 3-ga"),
        ("신문로1가", "Sinmunno 1-ga"), ("명동1가", "Myeong-dong 1-ga"), ("수원시 장안구", "Suwon-si Jangan-gu"),
        ("충청북도", "Chungcheongbuk-do"), ("당산동", "Dangsan-dong"), ("동구", "Dong-gu"), ("시흥시", "Siheung-si"),
        ("인왕리", "Inwang-ri"), ("화정1동", "Hwajeong 1-dong"), ("읍내동", "Eumnae-dong"),
    ],
)  # fmt: skip
def test_units_take_a_hyphen_and_no_sound_change_crosses_it(korean: str, latin: str) -> None:
    assert romanise_place(korean) == latin


def test_every_syllable_has_latin_letters_only() -> None:
    every = "".join(chr(code) for code in range(0xAC00, 0xD7A4))
    assert romanise(every).isascii()
    for syllable in every:
        assert romanise(syllable).isalpha()


def test_other_signs_stay() -> None:
    assert romanise("A-1 동!") == "A-1 dong!"
