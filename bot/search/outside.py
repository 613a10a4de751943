"""How much a question sounds like those the cases answer, and not like what people ask elsewhere."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from bot.search.tokens import pairs

_SAMPLE = 20_000
"""Asks looked at; more of them say nothing new."""
_RARE = 1 / 6000
"""Added to every share, so that a pair seen once proves little."""


class Familiar:
    """Weighs every pair of characters by how much more often it stands in asks than in questions about other things."""

    def __init__(self, asks: Iterable[str], outside: Iterable[str], read: Callable[[str], str]) -> None:
        """`read` folds and rewrites as is done with questions."""
        inside, elsewhere = _shares(map(read, asks)), _shares(map(read, outside))
        known = inside.keys() | elsewhere.keys()
        self._weight = {
            pair: math.log((inside.get(pair, 0.0) + _RARE) / (elsewhere.get(pair, 0.0) + _RARE)) for pair in known
        }

    def __call__(self, text: str) -> tuple[float, float]:
        """The mean weight of the question's pairs, and the root of their sum with its sign."""
        weights = [self._weight.get(pair, 0.0) for pair in set(pairs(text))]
        total = sum(weights)
        return total / max(len(weights), 1), math.copysign(math.sqrt(abs(total)), total)


def _shares(texts: Iterable[str]) -> dict[str, float]:
    count, counts = 0, Counter[str]()
    for text in texts:
        counts.update(set(pairs(text)))
        count += 1
    return {pair: number / count for pair, number in counts.items()}


def sample(asks: Sequence[str]) -> Sequence[str]:
    """Some of very many asks."""
    return asks[:: len(asks) // _SAMPLE + 1]


def read_outside() -> list[str]:
    """Questions about other things than neighbourhoods: weather, recipes, public services, prices, jobs."""
    return (Path(__file__).parent / "outside.txt").read_text("utf-8").splitlines()
