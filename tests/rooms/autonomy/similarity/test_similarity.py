"""Near-duplicates and topics, on proposals that were written for these tests (see proposals_ko.md)."""

import csv
import json
import math
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from typer.testing import CliRunner

from madang.cli import app
from madang.numerics.digests import canonical_json
from madang.numerics.errors import EngineInputError, InputError
from madang.rooms.autonomy.engine.similarity import (
    SimilarityIndex,
    Tokeniser,
    characters,
    morphemes,
    nearest_texts,
    similar_json,
    titled,
)
from madang.rooms.autonomy.engine.topics import topics_of
from madang.rooms.autonomy.formats.proposals_csv import proposals_read

GOLDEN = [("72", "74"), ("9", "10"), ("70", "71"), ("135", "139"), ("33", "35"), ("80", "206"), ("18", "19")]
PROPOSALS = Path(__file__).parent / "proposals_ko.csv"


@lru_cache(maxsize=1)
def labelled() -> list[dict[str, str]]:
    with PROPOSALS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@lru_cache(maxsize=1)
def korean() -> Tokeniser:
    return morphemes()


def texts() -> list[str]:
    return [row["text"] for row in labelled()]


def scores(index: SimilarityIndex) -> NDArray[np.float64]:
    return np.vstack([block for _begin, block in index.similarities()])


def character_scores() -> NDArray[np.float64]:
    """Cosines of plain TF-IDF over character pairs and triples: what there is to beat."""
    documents = [
        Counter(text[at : at + size] for size in (2, 3) for at in range(len(text) - size + 1)) for text in texts()
    ]
    having = Counter(gram for document in documents for gram in document)
    place = {gram: at for at, gram in enumerate(sorted(having))}
    matrix = np.zeros((len(documents), len(place)))
    for row, document in enumerate(documents):
        for gram, count in document.items():
            matrix[row, place[gram]] = count * (math.log((1 + len(documents)) / (1 + having[gram])) + 1)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix @ matrix.T)


def average_precision(found: NDArray[np.float64], field: str = "") -> float:
    """Over all pairs, or the hard ones: those that share a value of a field (family: same place and words)."""
    one, other = np.triu_indices(len(found), 1)
    issue = np.array([row["issue"] for row in labelled()])
    same = issue[one] == issue[other]
    if field:
        kind = np.array([row[field] for row in labelled()])
        hard = kind[one] == kind[other]
        one, other, same = one[hard], other[hard], same[hard]
    order = np.argsort(-found[one, other], kind="stable")
    right = same[order]
    return float((np.cumsum(right) / np.arange(1, right.size + 1))[right].mean())


def test_the_labelled_set_is_large_enough_to_tell() -> None:
    issues = Counter(row["issue"] for row in labelled())
    assert len(labelled()) >= 160
    assert min(issues.values()) >= 2
    assert len(set(texts())) == len(labelled())


def test_pairs_are_found_better_than_by_characters() -> None:
    ours, plain = scores(SimilarityIndex(texts(), korean())), character_scores()
    assert average_precision(ours) > 2 * average_precision(plain)
    assert average_precision(ours, "family") > average_precision(plain, "family") + 0.05
    assert average_precision(ours) > 0.35


def test_what_needs_no_dictionary_still_beats_plain_characters() -> None:
    assert average_precision(scores(SimilarityIndex(texts()))) > average_precision(character_scores()) + 0.05


def test_somebody_who_writes_is_shown_the_proposal_that_is_there() -> None:
    issue = [row["issue"] for row in labelled()]

    def shown(similar: NDArray[np.float64]) -> float:
        """Share of drafts that find another text of their issue among the three most like them."""
        similar = similar - 2 * np.eye(len(similar))
        best = np.argsort(-similar, axis=1, kind="stable")[:, :3]
        return float(np.mean([any(issue[other] == issue[at] for other in row) for at, row in enumerate(best)]))

    ours = shown(scores(SimilarityIndex(texts(), korean_terms)))
    assert ours > 0.6
    assert ours > shown(character_scores()) + 0.1


@lru_cache(maxsize=4096)
def _terms(text: str) -> tuple[tuple[str, float], ...]:
    return tuple(korean()(text).items())


def korean_terms(text: str) -> dict[str, float]:
    return dict(_terms(text))


def test_a_score_worked_by_hand() -> None:
    index = SimilarityIndex(["가 나", "가 다"], lambda text: dict.fromkeys(text.split(), 1.0))
    common, rare = math.log(3 / 3) + 1, math.log(3 / 2) + 1
    expected = common**2 / (common**2 + rare**2)
    assert [pair.score for pair in index.pairs(0.0)] == pytest.approx([expected])
    unseen = math.log(3 / 1) + 1
    (first, _second) = index.nearest("가 나 라", floor=0.0)
    length = math.sqrt(common**2 + rare**2)
    assert first.score == pytest.approx(length**2 / (length * math.sqrt(length**2 + unseen**2)))


@given(st.lists(st.text("가나다라마 ", max_size=8), max_size=8), st.text("가나다라마 ", max_size=8))
def test_adding_one_by_one_is_building_at_once(many: list[str], draft: str) -> None:
    whole, grown = SimilarityIndex(many), SimilarityIndex()
    for text in many:
        grown.add([text])
        grown.nearest(draft)
    assert (
        grown.nearest(draft, 9, 0.0) == whole.nearest(draft, 9, 0.0) == nearest_texts(draft, many, characters, 9, 0.0)
    )
    assert grown.pairs(0.1) == whole.pairs(0.1)
    for match in whole.nearest(draft, 9, 0.0):
        assert 0 < match.score <= 1 + 1e-9


@given(st.lists(st.text("가나다라마 ", max_size=8), min_size=1, max_size=8))
def test_a_text_is_most_like_itself(many: list[str]) -> None:
    index = SimilarityIndex(many)
    for text in many:
        if characters(text):
            assert index.nearest(text, 1)[0].score == pytest.approx(1.0)


def test_the_rest_of_an_empty_index_is_silence() -> None:
    index = SimilarityIndex()
    assert index.nearest("가로등") == []
    assert index.pairs() == []
    assert topics_of(index) == []
    assert SimilarityIndex([""]).nearest("") == []


def test_a_title_counts_double_and_politeness_does_not_count() -> None:
    assert titled("", "글") == "글"
    assert korean()("가로등을 세워 주세요") == korean()("가로등을 세워 주십시오")
    assert korean()(titled("가로등", "도서관"))["n:가로등"] > korean()(titled("가로등", "도서관"))["n:도서관"]


def test_topics_are_a_partition_under_words_of_their_own() -> None:
    index = SimilarityIndex(texts(), korean_terms)
    topics = topics_of(index)
    assert sorted(at for topic in topics for at in topic.members) == [*range(len(index))]
    assert [len(topic.members) for topic in topics] == sorted((len(topic.members) for topic in topics), reverse=True)
    for topic in topics[:10]:
        assert topic.words
        assert all(any(word in texts()[at].lower() for at in topic.members) for word in topic.words)
    issue = [row["issue"] for row in labelled()]
    together = [Counter(issue[at] for at in topic.members) for topic in topics]
    kept = sum(max(count[name] for count in together) for name in set(issue))
    assert kept / len(index) > 0.7


def test_topics_do_not_depend_on_the_order_of_proposals() -> None:
    order = np.random.default_rng(0).permutation(len(texts()))
    one = topics_of(SimilarityIndex(texts(), korean_terms))
    other = topics_of(SimilarityIndex([texts()[at] for at in order], korean_terms))
    turned = {frozenset(int(order[at]) for at in topic.members) for topic in other}
    assert {frozenset(topic.members) for topic in one} == turned


def test_a_golden_run() -> None:
    inputs = {"proposals": [{"id": row["id"], "title": "", "text": row["text"]} for row in labelled()]}
    answer = similar_json(inputs, {"words": "characters", "floor": 0.4}, None)
    canonical_json(answer)
    assert [(pair["one"], pair["other"]) for pair in answer["pairs"]] == GOLDEN


@pytest.mark.parametrize(
    ("inputs", "parameters"),
    [({}, {}), ({"proposals": [{"id": 1}]}, {}), (None, {}), ({"proposals": []}, {"words": "runes"})],
)
def test_bad_inputs_are_refused(inputs: Any, parameters: dict[str, Any]) -> None:
    with pytest.raises(EngineInputError):
        similar_json(inputs, parameters, None)


@pytest.mark.parametrize(
    ("data", "line", "field"),
    [
        (b"", None, None),
        (b"id,title\n", 1, "text"),
        (b"id,title,text\n,a,b\n", 2, "id"),
        (b"id,title,text\n1,a,b\n1,a,b\n", 3, "id"),
        (b"id,title,text\n1,,\n", 2, "text"),
        (b"id,title,text\n1,a\n", 2, None),
    ],
)
def test_a_bad_file_says_line_and_field(tmp_path: Path, data: bytes, line: int | None, field: str | None) -> None:
    with pytest.raises(InputError) as caught:
        proposals_read("file.csv", data)
    assert (caught.value.at.line, caught.value.at.field) == (line, field)
    path = tmp_path / "file.csv"
    path.write_bytes(data)
    assert CliRunner().invoke(app, ["autonomy", "similar", str(path)]).exit_code == 2


def test_the_command_answers_programs_and_people() -> None:
    answer = CliRunner().invoke(app, ["autonomy", "similar", str(PROPOSALS), "--json"])
    assert answer.exit_code == 0
    report = json.loads(answer.stdout)
    assert report["proposals"] == len(labelled())
    assert report["pairs"][0]["score"] >= report["pairs"][-1]["score"] >= 0.25
    people = CliRunner().invoke(app, ["autonomy", "similar", str(PROPOSALS), "--words", "characters"])
    assert people.exit_code == 0
    assert "(" in people.stdout
