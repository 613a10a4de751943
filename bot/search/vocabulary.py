"""Rows for tokens: what a text or a question is to the index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from operator import add

import numpy as np

from bot.search.index import Doubles, Numbers
from bot.search.tokens import FAMILIES, PAIRS, Said

_UNKNOWN = 0.8
"""What a token that no practice has weighs, as a share of the rarest one of its family."""
_LEAST = 1e-9


class Vocabulary:
    """A row for every token of every family."""

    def __init__(self, before: Vocabulary | None = None) -> None:
        """With the rows of an earlier vocabulary, which itself never changes any more."""
        known: Sequence[dict[str, int]] = before._rows if before else [{} for _ in FAMILIES]
        number = count(sum(map(len, known)))
        self._rows: Sequence[dict[str, int]] = [defaultdict(number.__next__, rows) for rows in known]

    def learn(self, said: Said) -> list[list[int]]:
        """For every family the rows of the tokens of a text, new ones for new tokens."""
        return [
            [*map(rows.__getitem__, family.tokens(said))] for family, rows in zip(FAMILIES, self._rows, strict=True)
        ]

    def learn_pairs(self, said: Said) -> list[int]:
        """The rows of the pairs of a text, whose other tokens nobody needs."""
        return [*map(self._rows[PAIRS].__getitem__, FAMILIES[PAIRS].tokens(said))]

    def known(self, said: Said) -> Iterator[tuple[list[int], int]]:
        """For every family the rows of the tokens it knows, and how many tokens it does not know."""
        for family, rows in zip(FAMILIES, self._rows, strict=True):
            tokens = set(family.tokens(said))
            found = [row for row in map(rows.get, tokens) if row is not None]
            yield found, len(tokens) - len(found)

    @property
    def families(self) -> Numbers:
        """The family of every row."""
        families = np.empty(len(self), np.int32)
        for number, rows in enumerate(self._rows):
            families[np.fromiter(rows.values(), np.int64, len(rows))] = number
        return families

    def __len__(self) -> int:
        return sum(map(len, self._rows))


@dataclass(frozen=True)
class Terms:
    """A question in rows: what each row weighs, its family, and what all tokens of each family weigh together."""

    rows: Numbers
    families: Numbers
    mass: Doubles
    squares: Doubles
    """The same with squared weights."""
    counts: tuple[int, ...]
    """Tokens of each family, known or not."""

    def of(self, family: int) -> Terms:
        """The tokens of one family alone."""
        kept = self.families == family
        return replace(self, rows=self.rows[kept], families=self.families[kept])


class Scales:
    """What a token weighs in a question."""

    def __init__(self, vocabulary: Vocabulary, idf: Doubles, used: Numbers) -> None:
        """`used` tells how many practices have each token; one that none has weighs nearly as much as the rarest."""
        self._vocabulary = vocabulary
        families = vocabulary.families
        self._unknown = np.zeros(len(FAMILIES))
        np.maximum.at(self._unknown, families, np.where(used > 0, idf, 0.0))
        self._unknown *= _UNKNOWN
        self.idf = np.where(used > 0, idf, self._unknown[families])

    def terms(self, said: Said) -> Terms:
        """The question in rows."""
        found, unknown = zip(*self._vocabulary.known(said), strict=True)
        rows: Numbers = np.array([*chain.from_iterable(found)], np.int32)
        known = [*map(len, found)]
        size = len(FAMILIES)
        families, idf = np.arange(size, dtype=np.int32).repeat(known), self.idf[rows]
        mass = np.bincount(families, idf, size) + self._unknown * unknown + _LEAST
        # Of what nobody says there is no telling how rare it is: it counts in full here.
        squares = np.bincount(families, idf * idf, size) + self._unknown**2 * unknown + _LEAST
        return Terms(rows, families, mass, squares, tuple(map(add, known, unknown)))
