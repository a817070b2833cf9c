"""Proposals that say nearly the same: Korean texts compared by the words and syllables that carry meaning.

A text becomes weighted terms, a term weighs by how rare it is, and two texts are as similar as the cosine between them.
What a term is, the tokeniser says: `morphemes()` reads Korean grammar and is the better one; `characters` needs no
dictionary and answers at once.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from madang.numerics.errors import EngineInputError

ENGINE = "madang.rooms.autonomy.engine.similarity:similar_json"
VERSION = "1"
# Above this score two proposals are shown as perhaps the same; see docs/decisions/0075.
FLOOR = 0.25

Terms = Mapping[str, float]
Tokeniser = Callable[[str], Terms]

NOUN, VERB, ADVERB, SYLLABLE, PAIR, WORD = "n:", "v:", "a:", "s:", "p:", "w:"
_WEIGHTS = {NOUN: 1.0, VERB: 0.6, ADVERB: 0.3, SYLLABLE: 1.0, PAIR: 0.7, WORD: 0.5}
_BLOCK = 512
_DECIMALS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A text of the index that is like a given one.

    Attributes
    ----------
    position : int
        Its place in the order of adding.
    score : float
        Cosine, 0 (nothing in common) to 1 (the same terms).
    """

    position: int
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two texts of the index that are like each other.

    Attributes
    ----------
    one, other : int
        Their places, the earlier first.
    score : float
        Cosine.
    """

    one: int
    other: int
    score: float


def titled(title: str, text: str) -> str:
    """Return a proposal as one text in which the title counts double.

    Examples
    --------
    >>> titled("가로등", "밤길이 어두워요").splitlines()
    ['가로등', '가로등', '밤길이 어두워요']
    """
    return f"{title}\n{title}\n{text}" if title else text


def characters(text: str) -> Terms:
    """Return the syllables of a text and their neighbours, word by word: a tokeniser that needs nothing loaded.

    Examples
    --------
    >>> sorted(characters("가로등"))
    ['p:가로', 'p:로등', 's:가', 's:등', 's:로', 'w:가로등']
    """
    found: list[str] = []
    for word in _words(text):
        stem = _stem(word)
        found.append(WORD + stem)
        found += _syllables(stem)
    return _weighted(found)


def morphemes() -> Tokeniser:
    """Load the dictionary of Korean morphemes and return a tokeniser of nouns, verbs and adverbs.

    Notes
    -----
    Loading takes about a second and 310 MB (docs/decisions/0075); the returned function about half a millisecond a
    sentence, and may be called from several threads. Particles, endings and auxiliary verbs (the politeness of a
    request) are left out; of nouns the syllables count too, so that 가로등 and 보안등 have something in common.
    """
    from kiwipiepy import Kiwi

    kiwi = Kiwi(load_multi_dict=False, load_typo_dict=False)

    def terms(text: str) -> Terms:
        found: list[str] = []
        for token in kiwi.tokenize(text.lower()):
            if token.tag in {"NNG", "NNP", "XR", "SL", "SN"}:
                found.append(NOUN + token.form)
                found += _syllables(token.form)
            elif token.tag.startswith(("VV", "VA")):
                found.append(VERB + token.form)
            elif token.tag == "MAG":
                found.append(ADVERB + token.form)
        return _weighted(found)

    return terms


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


_ENDINGS = re.compile(
    r"(?<=.{2})(?:으로부터|에게서|이라도|에서는|에서도|으로는|까지|부터|에게|에서|으로|처럼|보다|마다|이나|라도|하고|"
    r"을|를|이|가|은|는|에|의|도|로|와|과|만|서|요|니다|습니다|세요|주세요|십시오)$"
)


def _stem(word: str) -> str:
    """Return a word without a particle or polite ending, as far as its look tells."""
    return _ENDINGS.sub("", word)


def _syllables(word: str) -> list[str]:
    return [SYLLABLE + each for each in word] + [PAIR + word[at : at + 2] for at in range(len(word) - 1)]


def _weighted(found: Iterable[str]) -> dict[str, float]:
    counts: dict[str, int] = {}
    for term in found:
        counts[term] = counts.get(term, 0) + 1
    return {term: _WEIGHTS[term[:2]] * (1.0 + math.log(count)) for term, count in counts.items()}


class SimilarityIndex:
    """Texts, ready to be compared with another one.

    Parameters
    ----------
    texts : iterable of str
        The first texts; more can be added.
    tokeniser : callable
        What makes terms of a text.

    Notes
    -----
    A term's weight is multiplied by ln((1 + n) / (1 + d)) + 1, d of the n texts having it. Adding texts one by one
    gives exactly the index that building it from all of them gives. A query multiplies the sparse matrix of the texts
    by the query once: linear in the terms of all texts, about a millisecond at ten thousand.

    References
    ----------
    Salton, G. and Buckley, C. (1988). Term-weighting approaches in automatic text retrieval. Inf. Process. Manag.
    24(5). https://doi.org/10.1016/0306-4573(88)90021-0

    Examples
    --------
    >>> index = SimilarityIndex(["가로등을 세워 주세요", "도서관을 지어 주세요"])
    >>> [match.position for match in index.nearest("가로등이 없어요")]
    [0]
    """

    def __init__(self, texts: Iterable[str] = (), tokeniser: Tokeniser = characters) -> None:
        self._tokeniser = tokeniser
        self._vocabulary: dict[str, int] = {}
        self._terms: list[NDArray[np.int64]] = []
        self._weights: list[NDArray[np.float64]] = []
        self._matrix: csr_array[np.float64, tuple[int, int]] | None = None
        self._rarity: NDArray[np.float64] = np.zeros(0)
        self.add(texts)

    def __len__(self) -> int:
        return len(self._terms)

    def add(self, texts: Iterable[str]) -> None:
        """Add texts at the end."""
        for text in texts:
            terms = self._tokeniser(text)
            places = [self._vocabulary.setdefault(term, len(self._vocabulary)) for term in terms]
            self._terms.append(np.array(places, dtype=np.int64))
            self._weights.append(np.array(list(terms.values()), dtype=np.float64))
            self._matrix = None

    def nearest(self, text: str, count: int = 5, floor: float = FLOOR) -> list[Match]:
        """Return the texts most like a given one, the most like first, the earlier first where they tie.

        Parameters
        ----------
        text : str
            What somebody is writing; need not be finished.
        count : int
            How many at most.
        floor : float
            Least score.
        """
        terms = self._tokeniser(text)
        if not terms or not self._terms or count < 1:
            return []
        matrix = self.matrix()
        query = np.zeros(matrix.shape[1])
        length = 0.0
        unseen = math.log(1 + len(self)) + 1.0
        for term, weight in terms.items():
            place = self._vocabulary.get(term)
            value = weight * (unseen if place is None else float(self._rarity[place]))
            length += value * value
            if place is not None:
                query[place] = value
        scores = np.round(np.asarray(matrix @ query, dtype=np.float64) / math.sqrt(length), _DECIMALS)
        fit = np.flatnonzero(scores >= max(floor, 10.0**-_DECIMALS))
        best = fit[np.argsort(-scores[fit], kind="stable")][:count]
        return [Match(position=int(at), score=float(scores[at])) for at in best]

    def pairs(self, floor: float = FLOOR, progress: Callable[[float], None] | None = None) -> list[Pair]:
        """Return the pairs of texts that are alike, the most like first.

        Parameters
        ----------
        floor : float
            Least score.
        progress : callable, optional
            Told the fraction that is done.
        """
        found: list[Pair] = []
        for begin, block in self.similarities(progress):
            rows, columns = np.nonzero(block >= floor)
            inside = columns < rows + begin
            found += [
                Pair(one=int(other), other=int(row) + begin, score=float(block[row, other]))
                for row, other in zip(rows[inside], columns[inside], strict=True)
            ]
        found.sort(key=lambda pair: (-pair.score, pair.one, pair.other))
        return found

    def similarities(
        self, progress: Callable[[float], None] | None = None
    ) -> Iterable[tuple[int, NDArray[np.float64]]]:
        """Yield the scores of all texts with all, a block of rows at a time, as (first row, block)."""
        matrix = self.matrix()
        for begin in range(0, len(self), _BLOCK):
            block = matrix[begin : begin + _BLOCK].toarray().T
            yield begin, np.round(np.asarray(matrix @ block).T, _DECIMALS)
            if progress is not None:
                progress(min(1.0, (begin + _BLOCK) / len(self)))

    def matrix(self) -> "csr_array[np.float64, tuple[int, int]]":
        """Return the texts as unit rows over the terms (a text without terms is an empty row)."""
        if self._matrix is None:
            self._matrix = self._built()
        return self._matrix

    def vocabulary(self) -> list[str]:
        """Return the terms in the order of the columns of the matrix."""
        return list(self._vocabulary)

    def _built(self) -> "csr_array[np.float64, tuple[int, int]]":
        sizes = np.array([each.size for each in self._terms], dtype=np.int64)
        starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes)])
        columns = np.concatenate([*self._terms, np.zeros(0, dtype=np.int64)])
        weights = np.concatenate([*self._weights, np.zeros(0)])
        having = np.bincount(columns, minlength=len(self._vocabulary))
        self._rarity = np.log((1 + len(self)) / (1 + having)) + 1.0
        values = weights * self._rarity[columns]
        rows = np.repeat(np.arange(len(self)), sizes)
        lengths = np.sqrt(np.bincount(rows, weights=values * values, minlength=len(self)))
        values = values / np.where(lengths > 0, lengths, 1.0)[rows]
        return csr_array((values, columns, starts), shape=(len(self), len(self._vocabulary)))


def tokeniser_of(words: str) -> Tokeniser:
    """Return the tokeniser of a name, "morphemes" or "characters".

    Raises
    ------
    EngineInputError
        If there is none of that name.
    """
    if words == "morphemes":
        return morphemes()
    if words == "characters":
        return characters
    raise EngineInputError("similarity_words", f"there are morphemes and characters, not {words!r}", field="words")


def similar_json(inputs: Any, parameters: Mapping[str, Any], _seed: int | None) -> dict[str, Any]:  # noqa: ANN401
    """Find near-duplicates and topics of proposals that are given as JSON.

    Parameters
    ----------
    inputs : mapping
        `{"proposals": [{"id", "title", "text"}, ...]}`; a title may be missing.
    parameters : mapping
        `floor` (least score of a pair), `words` ("morphemes" or "characters").

    Returns
    -------
    dict
        `{"pairs": [{"one", "other", "score"}, ...], "topics": [{"label", "words", "members"}, ...], "words", "floor"}`

    Raises
    ------
    EngineInputError
        If the inputs or parameters are not of this form.
    """
    try:
        ids = [entry["id"] for entry in inputs["proposals"]]
        texts = [titled(str(entry.get("title", "")), str(entry["text"])) for entry in inputs["proposals"]]
        words, floor = str(parameters.get("words", "morphemes")), float(parameters.get("floor", FLOOR))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EngineInputError("similarity_inputs", f"not the inputs of similar proposals: {error!r}") from error
    return similar_report(ids, texts, tokeniser_of(words), floor) | {"words": words}


def similar_report(
    ids: Sequence[str | int],
    texts: Sequence[str],
    tokeniser: Tokeniser,
    floor: float = FLOOR,
    progress: Callable[[float], None] | None = None,
) -> dict[str, Any]:
    """Return near-duplicates and topics of texts as a JSON value.

    Parameters
    ----------
    ids : sequence
        Ids of the texts.
    texts : sequence of str
        The texts.
    tokeniser : callable
        What makes terms of a text.
    floor : float
        Least score of a pair.
    progress : callable, optional
        Told the fraction of the texts that is compared.
    """
    from madang.rooms.autonomy.engine.topics import topics_of

    index = SimilarityIndex(texts, tokeniser)
    return {
        "pairs": [
            {"one": ids[pair.one], "other": ids[pair.other], "score": pair.score}
            for pair in index.pairs(floor, progress)
        ],
        "topics": [
            {"label": topic.label, "words": list(topic.words), "members": [ids[at] for at in topic.members]}
            for topic in topics_of(index)
        ],
        "floor": floor,
    }


def nearest_texts(
    draft: str, texts: Sequence[str], tokeniser: Tokeniser = characters, count: int = 5, floor: float = FLOOR
) -> list[Match]:
    """Return the texts most like a draft, from nothing prepared: for a few hundred texts, or where nothing can be kept.

    Where the texts are many, build a :class:`SimilarityIndex` once and ask it.
    """
    return SimilarityIndex(texts, tokeniser).nearest(draft, count, floor)
