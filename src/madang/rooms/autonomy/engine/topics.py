"""The agenda by topic: texts that speak of the same thing together, under a label of their own words."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from madang.rooms.autonomy.engine.similarity import NOUN, WORD, SimilarityIndex

# Texts are joined while their groups are on average at least this similar.
CUT = 0.12
_LABEL_WORDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """Texts that belong together.

    Attributes
    ----------
    label : str
        The most characteristic words, joined by a middle dot.
    words : tuple of str
        The same words.
    members : tuple of int
        Places of the texts, ascending.
    """

    label: str
    words: tuple[str, ...]
    members: tuple[int, ...]


def topics_of(index: SimilarityIndex, cut: float = CUT) -> list[Topic]:
    """Group the texts of an index by average linkage on their similarity.

    Parameters
    ----------
    index : SimilarityIndex
        The texts.
    cut : float
        Least mean similarity between two groups that are joined, 0 to 1.

    Returns
    -------
    list of Topic
        The largest first, the one with the earliest text first where they tie; every text in exactly one.

    Notes
    -----
    Memory and time grow with the square of the number of texts: five thousand take 100 MB.

    References
    ----------
    Sokal, R. R. and Michener, C. D. (1958). A statistical method for evaluating systematic relationships. Univ. Kansas
    Sci. Bull. 38.
    """
    if len(index) == 0:
        return []
    labels = _clusters(index, cut)
    members = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    members.sort(key=lambda each: (-each.size, int(each[0])))
    scores = _characteristic(index, members)
    return [
        Topic(label="·".join(words), words=words, members=tuple(int(at) for at in each))
        for each, words in zip(members, scores, strict=True)
    ]


def _clusters(index: SimilarityIndex, cut: float) -> NDArray[np.int64]:
    size = len(index)
    if size == 1:
        return np.zeros(1, dtype=np.int64)
    condensed = np.empty(size * (size - 1) // 2)
    for begin, block in index.similarities():
        for offset, row in enumerate(block):
            at = begin + offset
            start = at * size - at * (at + 1) // 2
            condensed[start : start + size - at - 1] = 1.0 - row[at + 1 :]
    joined = linkage(np.maximum(condensed, 0.0), method="average")
    return np.asarray(fcluster(joined, t=1.0 - cut, criterion="distance"), dtype=np.int64)


def _characteristic(index: SimilarityIndex, members: list[NDArray[np.int64]]) -> list[tuple[str, ...]]:
    """Return for each group the nouns (or words) that are frequent inside and rare outside."""
    vocabulary = index.vocabulary()
    prefix = NOUN if any(term.startswith(NOUN) for term in vocabulary) else WORD
    named = [at for at, term in enumerate(vocabulary) if term.startswith(prefix)]
    matrix = index.matrix()[:, named]
    having = (matrix > 0).sum(axis=0)
    words = [vocabulary[at][len(prefix) :] for at in named]
    found = []
    for each in members:
        inside = np.asarray((matrix[each] > 0).sum(axis=0))
        share = inside / each.size
        outside = (np.asarray(having) - inside) / max(1, len(index) - each.size)
        score = share * np.log((share + 0.01) / (outside + 0.01)) * np.array([len(word) > 1 for word in words])
        order = sorted(np.flatnonzero(score > 0).tolist(), key=lambda at: (-round(float(score[at]), 9), words[at]))
        found.append(tuple(words[at] for at in order[:_LABEL_WORDS]))
    return found
