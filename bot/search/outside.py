"""How much a question sounds like those the cases answer, and not like what people ask elsewhere."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from bot.search.index import Doubles, Entries
from bot.search.tokens import PAIRS
from bot.search.vocabulary import Terms

_RARE = 1 / 6000
"""Added to every share, so that a pair seen once proves little."""


class Familiar:
    """Weighs every pair of characters by how much more often it stands in asks than in questions about other things."""

    def __init__(self, asks: Entries, outside: Entries, count: int) -> None:
        """Of `count` tokens altogether."""
        inside, elsewhere = _shares(asks, count), _shares(outside, count)
        self._weights = np.log((inside + _RARE) / (elsewhere + _RARE))

    def __call__(self, terms: Terms) -> tuple[float, float]:
        """The mean weight of the question's pairs, and the root of their sum with its sign."""
        total = float(self._weights[terms.rows[terms.families == PAIRS]].sum())
        return total / max(terms.counts[PAIRS], 1), math.copysign(math.sqrt(abs(total)), total)


def _shares(texts: Entries, count: int) -> Doubles:
    """The share of the texts that have each token."""
    return np.bincount(texts.rows, minlength=count) / max(texts.size, 1)


def read_outside() -> list[str]:
    """Questions about other things than neighbourhoods: weather, recipes, public services, prices, jobs."""
    return (Path(__file__).parent / "outside.txt").read_text("utf-8").splitlines()
