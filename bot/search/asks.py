"""The asks of practices, compared one by one with a question: who writes an ask relies on it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, chain

import numpy as np
from rapidfuzz import fuzz, process

from bot.fold import fold
from bot.search.index import Doubles, Floats, Longs, Numbers
from bot.search.pages import Book
from bot.search.tokens import PAIRS, spelled
from bot.search.vocabulary import Scales, Terms

_REPEATS = 80.0
"""A question this similar to an ask begins to repeat it."""
_KEPT = 4096
"""Practices whose asks are kept as they were read."""
_LEAST = 1e-9


class Asks:
    """Compares a question with the asks of a few practices, whose letters are read when first needed: few ever are."""

    def __init__(self, book: Book, scales: Scales) -> None:
        self._pages = book.pages
        self.paired: bool = book.whole
        """False among very many practices: their pairs would cost a quarter more memory."""
        self._squares = np.where(scales.families == PAIRS, scales.idf, 0.0).astype(np.float32) ** 2
        self._spelled = lru_cache(maxsize=_KEPT)(self._spell)
        self._of = lru_cache(maxsize=_KEPT)(self._read)

    def repeated(self, plain: str, practices: Sequence[int]) -> Doubles:
        """How nearly a spelled question repeats an ask of each practice letter by letter, from 0 to 1."""
        asks = [self._spelled(number) for number in practices]
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
        rows, lengths, norms = map(np.concatenate, zip(*asks, strict=True))
        squares = self._squares[terms.rows]
        asked = np.zeros(len(self._squares), np.float32)
        asked[terms.rows] = squares
        cosines = _sums(asked[rows], lengths) / norms
        first = [0, *accumulate(len(each) for _, each, _ in asks[:-1])]
        found: Doubles = np.maximum.reduceat(cosines, first) / np.sqrt(squares.sum() + _LEAST)
        return found

    def _spell(self, number: int) -> list[str]:
        """The asks of a practice, without those of its facts, as a question is spelled."""
        return [spelled(fold(ask)) for ask in self._pages[number].practice.asks]

    def _read(self, number: int) -> tuple[Numbers, Longs, Doubles]:
        """The pairs of all asks of a practice, those of each ask, and the root of what the squares of each sum to."""
        pairs = [ask.pairs for ask in self._pages[number].asks]
        rows, lengths = np.concatenate(pairs), np.array([len(each) for each in pairs])
        return rows, lengths, np.sqrt(_sums(self._squares[rows], lengths) + _LEAST)


def _sums(values: Floats, lengths: Longs) -> Doubles:
    """What the values of each ask sum to."""
    sums = np.bincount(np.arange(len(lengths)).repeat(lengths), values, len(lengths))
    return sums.astype(np.float64, copy=False)
