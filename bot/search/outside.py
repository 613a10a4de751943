"""How much a question sounds like those the cases answer, and not like what people ask elsewhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bot.search.index import Doubles, Numbers
from bot.search.vocabulary import Terms

_SAMPLE = 20_000
"""Asks looked at; more of them say nothing new."""
_RARE = 1 / 6000
"""Added to every share, so that a pair seen once proves little."""
_PAIRS = 1
"""The family that is looked at."""


class Familiar:
    """Weighs every pair of characters by how much more often it stands in asks than in questions about other things."""

    def __init__(self, asks: Sequence[Numbers], outside: Sequence[Numbers], count: int) -> None:
        """The texts in rows, of `count` altogether, each token of a text once."""
        inside, elsewhere = _shares(asks, count), _shares(outside, count)
        self._weights = np.log((inside + _RARE) / (elsewhere + _RARE))

    def __call__(self, terms: Terms) -> tuple[float, float]:
        """The mean weight of the question's pairs, and the root of their sum with its sign."""
        total = float(self._weights[terms.rows[terms.families == _PAIRS]].sum())
        return total / max(terms.counts[_PAIRS], 1), math.copysign(math.sqrt(abs(total)), total)


def _shares(texts: Sequence[Numbers], count: int) -> Doubles:
    """The share of the texts that have each token."""
    texts = sample(texts)
    rows = np.concatenate([np.empty(0, np.int32), *texts])
    return np.bincount(rows, minlength=count) / max(len(texts), 1)


def sample(texts: Sequence[Numbers]) -> Sequence[Numbers]:
    """Some of very many texts."""
    return texts[:: len(texts) // _SAMPLE + 1]


def read_outside() -> list[str]:
    """Questions about other things than neighbourhoods: weather, recipes, public services, prices, jobs."""
    return (Path(__file__).parent / "outside.txt").read_text("utf-8").splitlines()
