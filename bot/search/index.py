"""An inverted index with weights computed once: BM25 for long texts, plain overlap for short ones."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Numbers = NDArray[np.int32]
Longs = NDArray[np.int64]
Counts = NDArray[np.uint16]
Weighed = tuple[Numbers, Numbers, Floats]
"""Tokens, the texts they stand in, and their weights there."""

_K1, _B = 1.6, 0.75
_MANY = 10_000
"""Texts among which common tokens find no more than rare ones alone."""
_BUDGET = 8_000
"""Postings looked at for one question among very many texts, those of the rarest tokens first (30,000 cases, three fifths of
an ask: 33% right first; with 50,000 postings 27%)."""
_COMMON = 2_000
"""Texts a token may stand in, if they are more than a quarter of all: beyond, it costs much and says nothing."""
_PART = 1_000
"""Texts whose postings are made at a time."""
_TENTHS = np.float32(10)
_MOST = 65_535
"""Tenths a token can count in one text."""
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
    def of(cls, texts: Sequence[Numbers]) -> Entries:
        """The entries of texts given as their rows; a token counts as one however often a text has it."""
        rows = np.concatenate([*texts, np.empty(0, np.int32)])
        owners = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
        count = int(rows.max(initial=0)) + 1
        keys = np.sort(owners * count + rows)
        # np.unique takes forty times as long.
        owners, rows = np.divmod(keys[np.diff(keys, prepend=-1) > 0], count)
        return cls(rows.astype(np.int32), owners.astype(np.int32), np.ones(len(rows), np.float32), len(texts))


class Texts:
    """Very many texts one behind another in long arrays, six bytes a token; an array for each would cost as much again."""

    def __init__(self) -> None:
        """None yet."""
        self._rows, self._counts, self._ends = array("i"), array("H"), array("q", [0])

    def add(self, rows: Numbers, counts: Counts) -> None:
        """Put another text behind the others: its rows, each once, and what each counts in tenths."""
        self._rows.frombytes(rows.tobytes())
        self._counts.frombytes(counts.tobytes())
        self._ends.append(len(self._rows))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def grouped(self, bounds: Longs) -> Texts:
        """The same with all texts between two of these bounds as one text."""
        found = Texts()
        rows, counts, ends = self._arrays()
        for first, last in pairwise(ends[bounds].tolist()):
            found.add(*counted(rows[first:last], counts[first:last]))
        return found

    def parts(self) -> Iterator[Entries]:
        """The entries of some texts at a time."""
        rows, counts, ends = self._arrays()
        for first in range(0, len(self), _PART):
            ending = ends[first : first + _PART + 1]
            part = slice(ending[0], ending[-1])
            owners = np.repeat(np.arange(first, first + len(ending) - 1, dtype=np.int32), np.diff(ending))
            yield Entries(rows[part], owners, counts[part].astype(np.float32) / _TENTHS, len(self))

    def _arrays(self) -> tuple[Numbers, Counts, Longs]:
        return np.asarray(self._rows), np.asarray(self._counts), np.asarray(self._ends)


def counted(rows: Numbers, counts: NDArray[np.integer[Any]]) -> tuple[Numbers, Counts]:
    """Every token once, with all it counts."""
    each, place = np.unique(rows, return_inverse=True)
    return each, np.bincount(place, counts).clip(max=_MOST).astype(np.uint16)


def idf(used: Numbers, size: int) -> Doubles:
    """How much a token says that so many of `size` texts have; nothing when nearly all have it."""
    weights = np.log1p((size - used + 0.5) / (used + 0.5))
    weights[used > max(_COMMON, min(size // 4, _BUDGET))] = 0
    return weights


class Bm25:
    """Weights whose sum, divided by that of a question's tokens, is about the share of the question a text explains."""

    def __init__(self, texts: Texts, count: int) -> None:
        """For these texts, of `count` tokens."""
        size = len(texts)
        self.used: Numbers = np.zeros(count, np.int32)
        lengths = np.zeros(size)
        for entries in texts.parts():
            self.used += np.bincount(entries.rows, minlength=count).astype(np.int32)
            lengths += np.bincount(entries.owners, entries.values, minlength=size)
        mean = max(float(lengths.mean()) if size else 1.0, 1e-9)
        self.idf: Doubles = idf(self.used, size)
        self._norm = (_K1 * (1 - _B + _B * lengths / mean)).astype(np.float32)

    def __call__(self, entries: Entries) -> Floats:
        """The weights of a part of the texts."""
        share = entries.values / (entries.values + self._norm[entries.owners])
        found: Floats = self.idf.astype(np.float32)[entries.rows] * share
        return found


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


@dataclass(frozen=True)
class Shelf:
    """Texts of one kind: how many, and which tokens weigh what in them, told as often as asked."""

    size: int
    weighed: Callable[[], Iterable[Weighed]]


def shelf(entries: Entries, weights: Floats) -> Shelf:
    """A shelf of texts that are few enough to be told at once."""
    return Shelf(entries.size, lambda: [(entries.rows, entries.owners, weights)])


class Postings:
    """Which texts hold a token, with its weight in each: for every token and shelf a list, all of them read in one pass."""

    def __init__(self, shelves: Sequence[Shelf], count: int) -> None:
        """Of `count` tokens; the weights are asked for twice, which is less than kept."""
        self._shelves = np.arange(len(shelves))
        self._bounds: list[int] = [0, *accumulate(shelf.size for shelf in shelves)]
        self._many = self._bounds[1] > _MANY
        measured = zip(*(_measured(shelf, count) for shelf in shelves), strict=True)
        # The lists of a token lie together, which a question has in its hands at once.
        lengths, largest = (np.stack(each, axis=1).ravel() for each in measured)
        self._starts: Numbers = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        self._units = largest / np.float32(_STEPS)
        self._owners = np.empty(self._starts[-1], np.int32)
        self._parts = np.empty(self._starts[-1], np.uint8)
        for number, shelf in enumerate(shelves):
            self._fill(slice(number, -1, len(shelves)), shelf, np.int32(self._bounds[number]))

    def _fill(self, lists: slice, shelf: Shelf, first: np.int32) -> None:
        """Write the lists of a shelf, whose texts are numbered from `first`."""
        free, units = self._starts[lists].astype(np.int64), self._units[lists.start :: lists.step]
        for rows, owners, weights in map(_telling, shelf.weighed()):
            order = np.argsort(rows, kind="stable")
            lengths = np.bincount(rows, minlength=len(free))
            places = np.arange(len(rows)) + (free - lengths.cumsum() + lengths).repeat(lengths)
            self._owners[places] = owners[order] + first
            self._parts[places] = np.rint(weights / np.maximum(units[rows], 1e-12)).astype(np.uint8)[order]
            free += lengths

    def sums(self, rows: Numbers, scales: Doubles) -> list[Doubles]:
        """For every shelf the summed weights of these tokens in each text.

        `scales` has a line for every token with what its weight is multiplied by on each shelf; 0 leaves the shelf out.
        """
        lists = (rows[:, None] * len(self._shelves) + self._shelves).ravel()
        starts = self._starts[lists]
        lengths = (self._starts[lists + 1] - starts).reshape(scales.shape) * (scales > 0)
        if self._many:
            lengths = _within_budget(lengths)
        lengths = lengths.ravel()
        ends = lengths.cumsum()
        places = np.arange(lengths.sum()) + (starts - ends + lengths).repeat(lengths)
        weights = (scales.ravel() * self._units[lists]).repeat(lengths)
        # The places are known to be there; not to have them checked saves a fifth of a pass.
        weights *= self._parts.take(places, mode="clip")
        # Of no places at all bincount makes whole numbers.
        sums = np.bincount(self._owners.take(places, mode="clip"), weights, self._bounds[-1])
        found: Doubles = sums.astype(np.float64, copy=False)
        return [found[first:last] for first, last in pairwise(self._bounds)]


class Groups:
    """Texts in groups, one behind another."""

    def __init__(self, lengths: Sequence[int]) -> None:
        """How many texts are in each group."""
        self._size = len(lengths)
        self._full = np.flatnonzero(lengths)
        self._starts = np.cumsum([0, *lengths])[self._full]

    def largest(self, values: Doubles) -> Doubles:
        """The largest value in every group; 0 in an empty one."""
        found = np.zeros(self._size)
        if len(self._full):
            found[self._full] = np.maximum.reduceat(values, self._starts)
        return found


def _measured(shelf: Shelf, count: int) -> tuple[Longs, Floats]:
    """For every token how many texts of a shelf hold it, and its largest weight there."""
    lengths, largest = np.zeros(count, np.int64), np.zeros(count, np.float32)
    for rows, _, weights in map(_telling, shelf.weighed()):
        lengths += np.bincount(rows, minlength=count)
        np.maximum.at(largest, rows, weights)
    return lengths, largest


def _telling(weighed: Weighed) -> Weighed:
    """Without the tokens that say nothing."""
    rows, owners, weights = weighed
    kept = weights > 0
    return weighed if kept.all() else (rows[kept], owners[kept], weights[kept])


def _within_budget(lengths: Longs) -> Longs:
    """Of the lists of each shelf, one a token, those that the budget has room for, the shortest first; the others empty."""
    order = lengths.argsort(0)
    kept = np.take_along_axis(lengths, order, 0).cumsum(0) <= _BUDGET
    kept[0] = True
    found = np.zeros_like(lengths)
    np.put_along_axis(found, order, np.take_along_axis(lengths, order, 0) * kept, 0)
    return found
