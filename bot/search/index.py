"""An inverted index with weights computed once: BM25 for long texts, plain overlap for short ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Numbers = NDArray[np.int32]

_K1, _B = 1.6, 0.75
_BUDGET = 150_000
"""Postings looked at for one question, those of the rarest tokens first; reached by tens of thousands of cases only."""

_COMMON = 2_000
"""Texts a token may stand in, if they are more than a quarter of all: beyond, it costs much and says nothing."""
_STEPS = 255
"""A weight is kept as so many parts of the largest one of its row: one byte, wrong by a fifth of a percent at most."""


@dataclass(frozen=True)
class Entries:
    """Which token stands in which text, and how often; sorted by text."""

    rows: Numbers
    owners: Numbers
    values: Floats
    size: int
    """How many texts there are."""

    @classmethod
    def of(cls, texts: Sequence[Numbers], values: Sequence[Floats] | None = None) -> Entries:
        """The entries of texts given as their rows, each once; where no values are given every token counts as one."""
        lengths = [len(text) for text in texts]
        rows = np.concatenate([*texts, np.empty(0, np.int32)])
        owners = np.repeat(np.arange(len(texts), dtype=np.int32), lengths)
        counted = (
            np.ones(len(rows), np.float32) if values is None else np.concatenate([*values, np.empty(0, np.float32)])
        )
        return cls(rows, owners, counted, len(texts))

    def grouped(self, group_of: Numbers) -> Entries:
        """The same with all texts of a group as one text."""
        size = int(group_of.max(initial=-1)) + 1
        key, place = np.unique(self.rows * np.int64(size) + group_of[self.owners], return_inverse=True)
        values = np.bincount(place, self.values).astype(np.float32)
        return Entries((key // size).astype(np.int32), (key % size).astype(np.int32), values, size)

    def used(self, rows: int) -> Numbers:
        """How many texts have each of so many tokens."""
        return np.bincount(self.rows, minlength=rows).astype(np.int32)


def idf(used: Numbers, size: int) -> Doubles:
    """How much a token says that so many of `size` texts have; nothing when nearly all have it."""
    weights = np.log1p((size - used + 0.5) / (used + 0.5))
    weights[used > max(_COMMON, size // 4)] = 0
    return weights


def bm25(entries: Entries, weights: Doubles) -> Floats:
    """Weights whose sum, divided by that of a question's tokens, is about the share of the question a text explains."""
    lengths = np.bincount(entries.owners, entries.values, minlength=entries.size)
    mean = max(float(lengths.mean()) if entries.size else 1.0, 1e-9)
    norm = (_K1 * (1 - _B + _B * lengths / mean)).astype(np.float32)
    share = entries.values / (entries.values + norm[entries.owners])
    return (weights.astype(np.float32)[entries.rows] * share).astype(np.float32)


def overlap(entries: Entries, weights: Doubles) -> Floats:
    """Weights whose sum, divided by the squares of a question's tokens, is the share of the question a text repeats."""
    squares: Doubles = weights**2
    found: Floats = squares[entries.rows].astype(np.float32)
    return found


def cosine(entries: Entries, weights: Doubles, families: Numbers) -> Floats:
    """Weights whose sum, divided by the root of the squares of a question's tokens, is the cosine of question and text.

    Each family of tokens has a cosine of its own.
    """
    squares = overlap(entries, weights)
    part = entries.owners * np.int64(int(families.max(initial=0)) + 1) + families[entries.rows]
    norms = np.sqrt(np.bincount(part, squares))
    found: Floats = (squares / np.maximum(norms, 1e-9)[part]).astype(np.float32)
    return found


class Postings:
    """Which texts hold a token, with its weight in each."""

    def __init__(self, rows: Numbers, owners: Numbers, weights: Floats, size: int, count: int) -> None:
        """The weights of these tokens in these texts, of `size` texts and `count` tokens."""
        kept = weights > 0
        if not kept.all():
            rows, owners, weights = rows[kept], owners[kept], weights[kept]
        order = np.argsort(rows, kind="stable")
        lengths = np.bincount(rows, minlength=count)
        self._size = size
        self._starts = np.concatenate([[0], np.cumsum(lengths)])
        largest = np.zeros(count, np.float32)
        np.maximum.at(largest, rows, weights)
        self._units = largest / np.float32(_STEPS)
        self._owners = owners[order]
        self._parts = np.rint(weights / np.maximum(self._units[rows], 1e-12)).astype(np.uint8)[order]

    def sums(self, rows: Numbers, scale: Doubles) -> Doubles:
        """The summed weights of these tokens in every text, each token's multiplied with its scale."""
        starts = self._starts[rows]
        lengths = self._starts[rows + 1] - starts
        if not lengths.any():
            return np.zeros(self._size)
        if lengths.sum() > _BUDGET:
            kept = _rarest(lengths)
            rows, scale, starts, lengths = rows[kept], scale[kept], starts[kept], lengths[kept]
        ends = lengths.cumsum()
        places = np.arange(ends[-1]) + (starts - ends + lengths).repeat(lengths)
        weights = self._parts[places] * (scale * self._units[rows]).repeat(lengths)
        return np.bincount(self._owners[places], weights, self._size).astype(np.float64, copy=False)


def _rarest(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """As many tokens as the budget has room for, those with the fewest postings first."""
    order = np.argsort(lengths)
    return order[: max(1, int(np.searchsorted(np.cumsum(lengths[order]), _BUDGET)))]
