"""The asks of practices, compared one by one with a question: who writes an ask relies on it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from bot.cases import Practice
from bot.fold import Synonyms, fold
from bot.search.index import Doubles, Floats, Numbers
from bot.search.tokens import said
from bot.search.vocabulary import Scales, Terms

_REPEATS = 80.0
"""A question this similar to an ask begins to repeat it."""
_KEPT = 4096
"""Practices whose asks are kept as they were read."""
_LEAST = 1e-9
_PAIRS = 1
"""The family that is compared: with all four it costs 116 us instead of 40 and finds no more."""


@dataclass(frozen=True, eq=False)
class _Asks:
    """The asks of one practice and of its facts."""

    texts: Sequence[str]
    """Without those of its facts, as a question is spelled."""
    rows: Numbers
    """The tokens of all asks, one ask after the other."""
    lengths: NDArray[np.int64]
    """Tokens of each ask."""
    norms: Doubles
    """The root of what the squares of each ask's tokens sum to."""


class Asks:
    """Compares a question with the asks of a few practices; they are read when first needed, because few ever are."""

    def __init__(self, practices: Sequence[tuple[int, Practice]], synonyms: Synonyms, scales: Scales) -> None:
        self._practices = practices
        self._synonyms = synonyms
        self._scales = scales
        self._squares = np.where(scales.families == _PAIRS, scales.idf, 0.0).astype(np.float32) ** 2
        self._of = lru_cache(maxsize=_KEPT)(self._read)

    def repeated(self, plain: str, practices: Sequence[int]) -> Doubles:
        """How nearly a spelled question repeats an ask of each practice letter by letter, from 0 to 1."""
        asks = [self._of(number).texts for number in practices]
        ends = list(accumulate(map(len, asks)))
        found = np.zeros(len(practices))
        for _, ratio, place in process.extract(
            plain, list(chain.from_iterable(asks)), scorer=fuzz.ratio, processor=None, score_cutoff=_REPEATS, limit=None
        ):
            at = bisect_right(ends, place)
            found[at] = max(found[at], (ratio - _REPEATS) / (100 - _REPEATS))
        return found

    def alike(self, terms: Terms, practices: Sequence[int]) -> Doubles:
        """The cosine of the question and the closest ask of each practice."""
        asks = [self._of(number) for number in practices]
        lengths = np.concatenate([one.lengths for one in asks])
        squares = self._squares[terms.rows]
        asked = np.zeros(len(self._squares), np.float32)
        asked[terms.rows] = squares
        shared = asked[np.concatenate([one.rows for one in asks])]
        cosines = _sums(shared, lengths) / np.concatenate([one.norms for one in asks])
        first = [0, *accumulate(len(one.lengths) for one in asks[:-1])]
        found: Doubles = np.maximum.reduceat(cosines, first) / np.sqrt(squares.sum() + _LEAST)
        return found

    def _read(self, number: int) -> _Asks:
        _, practice = self._practices[number]
        asks = [said(fold(ask), self._synonyms) for ask in practice.asks]
        asks_of_facts = [said(fold(ask), self._synonyms) for fact in practice.facts for ask in fact.asks]
        found = [self._scales.rows(ask, _PAIRS) for ask in (*asks, *asks_of_facts)]
        rows: Numbers = np.fromiter(chain.from_iterable(found), np.int32)
        lengths = np.fromiter(map(len, found), np.int64)
        norms = np.sqrt(_sums(self._squares[rows], lengths) + _LEAST)
        return _Asks([ask.plain for ask in asks], rows, lengths, norms)


def _sums(values: Floats, lengths: NDArray[np.int64]) -> Doubles:
    """What the values of each ask sum to."""
    sums = np.bincount(np.arange(len(lengths)).repeat(lengths), values, len(lengths))
    return sums.astype(np.float64, copy=False)
