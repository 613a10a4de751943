"""Practices cut into one family of tokens, alone and together with the others of their case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.search.index import Counts, Floats, Numbers, Postings, Vocabulary, bm25
from bot.search.tokens import Family, Said

_UNKNOWN = 0.8
"""What a token that no practice has weighs, as a share of the rarest one."""
_LEAST = 1e-9

Field = tuple[float, Said]
"""A text with the weight of the field it stands in."""


@dataclass(frozen=True)
class Terms:
    """A question in one family: its known tokens, what they weigh, and the weight of all its tokens."""

    tokens: list[int]
    mass: float
    squares: float
    """The same with squared weights."""


@dataclass(frozen=True)
class Layer:
    """What one family of tokens knows."""

    family: Family
    vocabulary: Vocabulary
    practices: Postings
    cases: Postings
    case_of: Numbers

    def terms(self, said: Said) -> Terms:
        """The tokens of a question; one that no practice has weighs nearly as much as the rarest."""
        tokens = set(self.family.tokens(said))
        known = self.vocabulary.known(tokens)
        weights = self.practices.idf[known]
        rarest, unknown = self.practices.rarest * _UNKNOWN, len(tokens) - len(known)
        mass = float(weights.sum()) + unknown * rarest
        return Terms(known, mass + _LEAST, float(weights @ weights) + unknown * rarest**2 + _LEAST)

    def explained(self, terms: Terms) -> tuple[Floats, Floats]:
        """The share of the question that each practice, and that each practice's whole case, explains."""
        practices = self.practices.sums(terms.tokens)
        cases = practices if self.cases is self.practices else self.cases.sums(terms.tokens)[self.case_of]
        return practices / terms.mass, cases / terms.mass


class LayerBuilder:
    """Gathers practices, case by case."""

    def __init__(self, family: Family) -> None:
        self.family = family
        self.vocabulary = Vocabulary()
        self._practices, self._cases = Counts(), Counts()

    def add(self, case: Sequence[Sequence[Field]]) -> None:
        """The next case: the texts of each of its practices."""
        whole: Counter[int] = Counter()
        for practice in case:
            counts: Counter[int] = Counter()
            for weight, said in practice:
                for token in self.vocabulary.add(self.family.tokens(said)):
                    counts[token] += weight  # type: ignore[assignment]
            self._practices.add(counts)
            whole.update(counts)
        self._cases.add(whole)

    def build(self, case_of: Numbers) -> Layer:
        """The layer; where every case has one practice, the case is the practice."""
        practices = bm25(self._practices, len(self.vocabulary))
        alone = len(self._practices) == len(self._cases)
        cases = practices if alone else bm25(self._cases, len(self.vocabulary))
        return Layer(self.family, self.vocabulary, practices, cases, case_of)
