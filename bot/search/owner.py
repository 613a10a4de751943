"""Which case a question sounds like: a logistic regression over words, pairs and characters, learned from the asks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from bot.search.index import Entries, Floats, Numbers
from bot.search.vocabulary import Terms

_MOST_CASES = 200
"""Beyond, learning would take longer than reading; the sign is left out then."""
_ROUNDS, _STEP, _EASE = 30, 0.5, 30.0
"""How long, how fast and how freely the weights are learned; chosen on the development questions."""
_LEAST_OFTEN = 2
"""Asks a token must stand in to be learned."""


class Owner:
    """A weight for every token and case; the same asks always give the same weights."""

    def __init__(self, asks: Entries, cases: Numbers, count: int, telling: NDArray[np.bool_]) -> None:
        """The asks, and the number of the case of each; `telling` marks those of `count` rows that matter."""
        of_cases = int(cases.max(initial=-1)) + 1
        self.learned: bool = 1 < of_cases <= _MOST_CASES
        """False where there is nothing to tell: it is not asked then."""
        if not self.learned:
            return
        often = np.bincount(asks.rows, minlength=count)
        kept = np.flatnonzero((often >= _LEAST_OFTEN) & telling)
        self._place = np.full(count, -1, np.int32)
        self._place[kept] = np.arange(len(kept), dtype=np.int32)
        self._idf = (1 + np.log((1 + asks.size) / (1 + often[kept]))).astype(np.float32)
        places = self._place[asks.rows]
        places, owners = places[places >= 0], asks.owners[places >= 0]
        values = self._idf[places]
        values /= (np.sqrt(np.bincount(owners, values * values, asks.size)) + 1e-9)[owners]
        starts = np.searchsorted(owners, np.arange(asks.size + 1))
        self._weights = _learned(csr_array((values, places, starts), (asks.size, len(kept))), cases, of_cases)

    def __call__(self, terms: Terms) -> Floats:
        """How much likelier other cases are than each one: 0 for the likeliest, below 0 for the others."""
        places = self._place[terms.rows]
        places = places[places >= 0]
        idf = self._idf[places]
        found = idf / (np.sqrt(idf @ idf) + 1e-9) @ self._weights[places]
        return np.asarray(found - found.max(), np.float32)


def _learned(asks: csr_array, cases: Numbers, count: int) -> Floats:
    """Gradients over all asks at once, with momentum and a step of its own for every weight (Adam)."""
    tokens = asks.T.tocsr()
    gold = np.arange(len(cases)), cases
    weights = np.zeros((asks.shape[1], count), np.float32)
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for turn in range(1, _ROUNDS + 1):
        found = asks @ weights
        found = np.exp(found - found.max(1, keepdims=True))
        found /= found.sum(1, keepdims=True)
        found[gold] -= 1
        change = tokens @ found + weights / _EASE
        mean += 0.1 * (change - mean)
        square += 0.05 * (change * change - square)
        step = _STEP * (1 - turn / (_ROUNDS + 1)) / (1 - 0.9**turn)
        weights -= (step * mean / (np.sqrt(square / (1 - 0.95**turn)) + 1e-3)).astype(np.float32)
    return weights
