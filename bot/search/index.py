"""An inverted index with BM25 weights computed once, and a forward index that compares a question with every ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Numbers = NDArray[np.int32]

# Standard BM25; measured flat around these values.
_K1, _B = 1.2, 0.4


class Vocabulary:
    """Numbers for tokens."""

    def __init__(self) -> None:
        self.number: dict[str, int] = {}

    def add(self, token: str) -> int:
        """The token's number, a new one when it is new."""
        return self.number.setdefault(token, len(self.number))

    def known(self, tokens: Iterable[str]) -> list[int]:
        """The numbers of those tokens that any document has."""
        number = self.number
        return [number[token] for token in tokens if token in number]


@dataclass(frozen=True)
class Postings:
    """Which documents hold a token, with its BM25 weight in each."""

    starts: NDArray[np.int64]
    documents: Numbers
    weights: Floats
    idf: Floats
    size: int

    def scores(self, tokens: Sequence[int]) -> Floats:
        """The BM25 score of every document."""
        if not tokens:
            return np.zeros(self.size, dtype=np.float32)
        slices = [slice(self.starts[token], self.starts[token + 1]) for token in tokens]
        documents = np.concatenate([self.documents[part] for part in slices])
        weights = np.concatenate([self.weights[part] for part in slices])
        return np.bincount(documents, weights, minlength=self.size).astype(np.float32)


def build_postings(documents: Sequence[Mapping[int, float]], vocabulary: int) -> Postings:
    """Postings of documents given as token -> frequency (weighted by field)."""
    size = len(documents)
    lengths = np.fromiter((sum(document.values()) for document in documents), np.float32, size)
    norm = _K1 * (1 - _B + _B * lengths / max(float(lengths.mean()) if size else 1.0, 1e-9))
    counts = [len(document) for document in documents]
    total = sum(counts)
    tokens = np.fromiter((token for document in documents for token in document), np.int32, total)
    frequency = np.fromiter((value for document in documents for value in document.values()), np.float32, total)
    owner = np.repeat(np.arange(size, dtype=np.int32), counts)
    document_frequency = np.bincount(tokens, minlength=vocabulary)
    idf = np.log1p((size - document_frequency + 0.5) / (document_frequency + 0.5)).astype(np.float32)
    weights = idf[tokens] * frequency * (_K1 + 1) / (frequency + norm[owner])
    order = np.argsort(tokens, kind="stable")
    starts = np.concatenate([[0], np.cumsum(document_frequency)])
    return Postings(starts, owner[order], weights[order].astype(np.float32), idf, size)


@dataclass(frozen=True)
class Phrases:
    """Short texts as vectors of idf weights, grouped by the document they belong to."""

    groups: NDArray[np.int64]
    """Where each document's phrases start among the phrases."""
    starts: NDArray[np.int64]
    """Where each phrase's tokens start."""
    tokens: Numbers
    weights: Floats

    def similar(self, question: Floats, document: int) -> Floats:
        """The cosine of the question's vector with each phrase of this document."""
        first, last = self.groups[document], self.groups[document + 1]
        if first == last:
            return np.zeros(1, dtype=np.float32)
        starts = self.starts[first : last + 1]
        products = question[self.tokens[starts[0] : starts[-1]]] * self.weights[starts[0] : starts[-1]]
        sums = np.concatenate([[0.0], np.cumsum(products)])
        return (sums[starts[1:] - starts[0]] - sums[starts[:-1] - starts[0]]).astype(np.float32)


def build_phrases(groups: Sequence[Sequence[Sequence[int]]], idf: Floats) -> Phrases:
    """Phrases of each document, each a sequence of token numbers."""
    counts = [len(phrases) for phrases in groups]
    flat = [Counter(phrase) for phrases in groups for phrase in phrases]
    lengths = [len(phrase) for phrase in flat]
    tokens = np.fromiter((token for phrase in flat for token in phrase), np.int32, sum(lengths))
    weights = idf[tokens] if len(tokens) else np.zeros(0, np.float32)
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    squares = np.concatenate([[0.0], np.cumsum(weights.astype(np.float64) ** 2)])
    norms = np.sqrt(squares[starts[1:]] - squares[starts[:-1]])
    weights = (weights / np.repeat(np.maximum(norms, 1e-9), lengths)).astype(np.float32)
    return Phrases(np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), starts, tokens, weights)
