"""Practices cut into one family of tokens, alone and together with the others of their case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.search.index import Counts, Floats, Numbers, Postings, Vocabulary, bm25
from bot.search.tokens import Family, Said

Field = tuple[float, Said]
"""A text with the weight of the field it stands in."""


@dataclass(frozen=True)
class Layer:
    """What one family of tokens knows."""

    family: Family
    vocabulary: Vocabulary
    practices: Postings
    cases: Postings
    case_of: Numbers

    def known(self, said: Said) -> tuple[list[int], int]:
        """The known tokens of a question, and how many are unknown."""
        tokens = set(self.family.tokens(said))
        known = self.vocabulary.known(tokens)
        return known, len(tokens) - len(known)

    def explained(self, said: Said) -> tuple[Floats, Floats]:
        """The share of the question that each practice, and that each practice's whole case, explains."""
        tokens, unknown = self.known(said)
        practices = self.practices.sums(tokens) / max(self.practices.mass(tokens, unknown), 1e-9)
        if self.cases is self.practices:
            return practices, practices
        cases = self.cases.sums(tokens) / max(self.cases.mass(tokens, unknown), 1e-9)
        return practices, cases[self.case_of]


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
