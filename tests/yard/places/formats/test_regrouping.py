"""Administrative dongs can be made of whole legal dongs."""

import numpy as np
import pytest
import shapely

from madang.numerics.errors import EngineInputError, InputError
from madang.yard.places.engine.boundaries import Boundaries
from madang.yard.places.engine.regroup import Regrouping, regroup
from madang.yard.places.formats.bundle import district_read
from madang.yard.places.formats.regrouping import read_regrouping


@pytest.fixture(scope="module")
def legal() -> Boundaries:
    return district_read("29140")


def table(legal: Boundaries, *groups: tuple[str, str, slice]) -> bytes:
    rows = [f"{code},{name},{' '.join(legal.codes[members])}" for code, name, members in groups]
    return ("code,name,legal_codes\n" + "\n".join(rows) + "\n").encode("utf-8-sig")


def test_two_halves_cover_what_eighteen_did(legal: Boundaries) -> None:
    data = table(legal, ("2914052000", "아래동", slice(9, 18)), ("2914051000", "위동", slice(0, 9)))
    halves = regroup(legal, read_regrouping(data, "groups.csv", legal))
    assert halves.kind == "administrative"
    assert halves.codes == ("2914051000", "2914052000")
    assert halves.names_en == ("Wi-dong", "Arae-dong")
    assert sum(halves.areas_m2) == pytest.approx(sum(legal.areas_m2), rel=1e-6)
    assert shapely.coverage_is_valid(np.array(halves.polygons, dtype=object))
    assert "행정동" in halves.source


def test_faults_are_named_with_their_line(legal: Boundaries) -> None:
    codes = " ".join(legal.codes)
    good = f"29140510,하나동,{codes}"
    for body, code, words in (
        ("\n", "legal_code_unused", "29140104"),
        ("29140510,하나동,\n", "legal_codes_missing", "line 2"),
        (f"{good} 29999999\n", "legal_code_unknown", "'29999999'"),
        (f"{good}\n29140520,둘동,29140104\n", "legal_code_twice", "line 3"),
        (f"{good};29140104\n", "legal_code_twice", "line 2"),
        (f"{good}\n29140510,또동,\n", "code_twice", "line 3"),
        (f"2911051,하나동,{codes}\n", "code_wrong", "line 2"),
        (f"29140510, ,{codes}\n", "name_missing", "line 2"),
    ):
        with pytest.raises(InputError) as refused:
            read_regrouping(f"code,name,legal_codes\n{body}".encode(), "groups.csv", legal)
        assert refused.value.code == code
        assert words in str(refused.value)
    for data, code in ((b"code;name\n", "column_missing"), (b"code,name\n\xff", "not_utf8"), (b"", "column_missing")):
        with pytest.raises(InputError) as refused:
            read_regrouping(data, "groups.csv", legal)
        assert refused.value.code == code


def test_the_engine_itself_refuses_what_leaves_a_dong_out(legal: Boundaries) -> None:
    for members in (legal.codes[1:], (*legal.codes, legal.codes[0])):
        with pytest.raises(EngineInputError) as refused:
            regroup(legal, Regrouping(codes=("29140510",), names_ko=("가",), names_en=("A",), members=(members,)))
        assert refused.value.data["codes"] == [legal.codes[0]]
