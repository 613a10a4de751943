"""The asks of practices, compared one by one with a question: who writes an ask relies on it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, chain

import numpy as np
from rapidfuzz import fuzz, process

from bot.fold import fold
from bot.search.index import Doubles, Entries, Groups, Numbers, Shelf, cosine, shelf
from bot.search.pages import Page
from bot.search.tokens import spelled

_REPEATS = 80.0
"""A question this similar to an ask begins to repeat it."""
_KEPT = 4096
"""Practices whose asks are kept as they were read."""


class Asks:
    """Compares a question with the asks of a few practices, whose letters are read when first needed: few ever are."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self._pages = pages
        self._asks = Groups([len(page.asks) for page in pages])
        self._spelled = lru_cache(maxsize=_KEPT)(self._spell)

    def close(self, asks: Doubles) -> Doubles:
        """How close the closest ask of each practice is, of how close every ask is."""
        return self._asks.largest(asks)

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

    def _spell(self, number: int) -> list[str]:
        """The asks of a practice, without those of its facts, as a question is spelled."""
        return [spelled(fold(ask)) for ask in self._pages[number].practice.asks]


def ask_shelf(pages: Sequence[Page], weights: Doubles, families: Numbers) -> Shelf:
    """The asks of all practices and of their facts in pairs of characters; none of very many, whose pages have none."""
    asks = Entries.of([ask.pairs for page in pages for ask in page.asks])
    return shelf(asks, cosine(asks, weights, families))
