"""An inverted index with weights computed once: BM25 for long texts, plain overlap for short ones."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Numbers = NDArray[np.int32]

_K1, _B = 1.6, 0.75
_BUDGET = 150_000
"""Postings looked at for one question, those of the rarest tokens first; reached by tens of thousands of cases only."""

_COMMON = 2_000
"""Texts a token may stand in, if they are more than a quarter of all: beyond, it costs much and says nothing."""


class Vocabulary:
    """Numbers for tokens."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}

    def add(self, tokens: Iterable[str]) -> list[int]:
        """The tokens' numbers, new ones for new tokens."""
        number = self._number
        return [number.setdefault(token, len(number)) for token in tokens]

    def known(self, tokens: Iterable[str]) -> list[int]:
        """The numbers of those tokens that any text has."""
        number = self._number
        return [number[token] for token in tokens if token in number]

    def __len__(self) -> int:
        return len(self._number)


class Counts:
    """How often each token stands in each text, gathered text by text."""

    def __init__(self) -> None:
        self._tokens, self._values, self._lengths = array("i"), array("f"), array("q")

    def add(self, text: Mapping[int, float]) -> None:
        """The next text."""
        self._tokens.extend(text.keys())
        self._values.extend(text.values())
        self._lengths.append(len(text))

    def __len__(self) -> int:
        return len(self._lengths)

    @property
    def columns(self) -> tuple[Numbers, Floats, Numbers]:
        """Token, value and owner of every entry."""
        owners = np.repeat(np.arange(len(self), dtype=np.int32), np.frombuffer(self._lengths, np.int64))
        return np.frombuffer(self._tokens, np.int32), np.frombuffer(self._values, np.float32), owners


@dataclass(frozen=True)
class Postings:
    """Which texts hold a token, with its weight in each."""

    starts: NDArray[np.int64]
    owners: Numbers
    weights: NDArray[np.float16]
    idf: Floats
    rarest: float
    """The weight of a token that one text has."""
    size: int

    def sums(self, tokens: Sequence[int]) -> Floats:
        """The summed weights of these tokens in every text."""
        if not tokens:
            return np.zeros(self.size, dtype=np.float32)
        spans = self._spans(tokens)
        owners = np.concatenate([self.owners[span] for span in spans])
        weights = np.concatenate([self.weights[span] for span in spans])
        return np.bincount(owners, weights, minlength=self.size).astype(np.float32)

    def _spans(self, tokens: Sequence[int]) -> list[slice]:
        starts, ends = self.starts[tokens], self.starts[1:][tokens]
        lengths = ends - starts
        spans = [slice(start, end) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
        if lengths.sum() <= _BUDGET:
            return spans
        order = np.argsort(lengths)
        return [spans[number] for number in order[: max(1, int(np.searchsorted(np.cumsum(lengths[order]), _BUDGET)))]]


def bm25(counts: Counts, vocabulary: int) -> Postings:
    """Postings whose sum, divided by the mass of a question's terms, is about the share of the question a text explains."""
    tokens, values, owners = counts.columns
    size = len(counts)
    lengths = np.bincount(owners, values, minlength=size).astype(np.float32)
    norm = _K1 * (1 - _B + _B * lengths / max(float(lengths.mean()) if size else 1.0, 1e-9))
    frequency = np.bincount(tokens, minlength=vocabulary)
    idf = np.log1p((size - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
    idf[frequency > max(_COMMON, size // 4)] = 0
    kept = idf[tokens] > 0
    tokens, values, owners = tokens[kept], values[kept], owners[kept]
    weights = idf[tokens] * values / (values + norm[owners])
    return _sorted(tokens, owners, weights, idf, size)


def overlap(counts: Counts, idf: Floats) -> Postings:
    """Postings whose sum, divided by the squares of a question's terms, is the share of the question a text repeats."""
    tokens, _, owners = counts.columns
    return _sorted(tokens, owners, idf[tokens] ** 2, idf, len(counts))


def cosine(counts: Counts, idf: Floats) -> Postings:
    """Postings whose sum, divided by the root of the squares of a question's terms, is the cosine of question and text."""
    tokens, _, owners = counts.columns
    squares = idf[tokens] ** 2
    norms = np.sqrt(np.bincount(owners, squares, minlength=len(counts)))
    return _sorted(tokens, owners, squares / np.maximum(norms, 1e-9)[owners], idf, len(counts))


def _sorted(tokens: Numbers, owners: Numbers, weights: NDArray[np.floating], idf: Floats, size: int) -> Postings:
    order = np.argsort(tokens, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(tokens, minlength=len(idf)))])
    return Postings(starts, owners[order], weights[order].astype(np.float16), idf, float(idf.max(initial=0.0)), size)
