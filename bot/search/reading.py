"""A question as the search has read it: what speaks for each practice, and the best of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.cases import Case, Fact, Practice
from bot.fold import Synonyms
from bot.search import Hit
from bot.search.asks import Asks
from bot.search.facts import Facts, asks_for_a_fact, both
from bot.search.index import Doubles, Floats, Numbers, Postings
from bot.search.outside import Familiar
from bot.search.owner import Owner
from bot.search.places import Places
from bot.search.tokens import FAMILIES, PAIRS, WRITTEN, Said, said
from bot.search.vocabulary import Scales, Terms

WEIGHTS = {
    "词": 5.4, "字对": 4.4, "单字": 9.5, "读音": 3.9, "全案词": 3.2, "全案字对": 3.2, "全案单字": 2.4, "全案读音": 2.6,
    "问点": 1.5, "地名": 7.0, "名称": 2.0, "说到": 11.7, "别名": 0.7, "上文": 2.0,
    "近问": 30.0, "似问": 2.0, "认案": 0.3,
}  # fmt: skip
"""How much each sign counts in a score; fitted offline on asks that had been left out of the index."""

_READ_CLOSELY = 12
"""Practices whose asks are compared one by one."""
_SHARED = 0.4
"""Who repeats an ask shares so many of its pairs (cosine); asks of other practices are not compared letter by letter."""
_CLAUSE, _CLAUSES = 4, 3
"""Characters of a part of a question that asks for something of its own, and so many parts at most."""
_OF_ONE_CASE = 3
"""Practices of one case among the hits."""
_ORDER = ("地名", "名称", "似问", "认案")
"""Signs that order the hits, and say little about whether any of them answers."""


@dataclass(frozen=True)
class Sureness:
    """Turns a score into one that is comparable between questions; fitted on questions with and without an answer."""

    fit: float = 0.24
    place: float = 0.9
    mean: float = 1.19
    total: float = 0.9
    base: float = -5.6
    scale: float = 0.1


SURENESS = Sureness()


class Sums(NamedTuple):
    """What the words of a question say for every text of each shelf."""

    practices: Doubles
    cases: Doubles
    """As wholes; nothing where each case has but one practice, which says the same."""
    facts: Doubles
    """The share of the question that each fact explains."""
    phrases: Doubles
    """The cosine of the question and each phrase of a fact."""
    asks: Doubles
    """The cosine of the question and each ask, in pairs of characters."""


_ALL = np.ones(len(Sums._fields))
_PRACTICES, _WHOLES, _FACTS = np.eye(3, len(Sums._fields))


@dataclass(frozen=True, eq=False)
class Index:
    """Everything known of all cases."""

    cases: Sequence[Case]
    practices: Sequence[tuple[int, Practice]]
    """With the number of their case, in its order."""
    case_of: Numbers
    number: dict[str, int]
    """Of a case, by its id."""
    synonyms: Synonyms
    places: Places
    scales: Scales
    postings: Postings
    """Of the shelves of `Sums`."""
    facts: Facts
    familiar: Familiar
    owner: Owner
    asks: Asks

    def read(self, terms: Terms, shelves: Doubles = _ALL) -> Sums:
        """What the texts on these shelves say of a question, in one pass over all of them."""
        part, root = 1 / terms.mass, 1 / np.sqrt(terms.squares)
        scales = np.array([part, part, root * root / WRITTEN, root / WRITTEN, root]).T * shelves
        return Sums(*self.postings.sums(terms.rows, scales[terms.families]))

    def whole(self, cases: Doubles) -> Doubles:
        """For every practice what is said of its case as a whole."""
        return cases[self.case_of] if len(cases) else np.zeros(len(self.practices))

    def of(self, cases: Iterable[int]) -> Doubles:
        """1 for every practice of these cases, 0 for the others."""
        chosen = np.zeros(len(self.cases))
        chosen[list(cases)] = 1
        return chosen[self.case_of]


class Reading:
    """One question, read once however many times it is asked for hits."""

    def __init__(self, index: Index, question: str) -> None:
        """The question comes folded."""
        self._index, self._question = index, question
        self._named = index.places.named(question)
        self._whole = said(question, index.synonyms)
        self._topic = self._whole
        if self._named.places:
            self._topic = said(self._named.without(question), index.synonyms)
        self._terms = index.scales.terms(self._topic)
        mean, total = index.familiar(self._terms)
        self._familiar = SURENESS.base + SURENESS.mean * mean + SURENESS.total * total
        self._sums = index.read(self._terms)
        self._signs: dict[str, Doubles | Floats] = {"问点": WEIGHTS["问点"] * index.facts.close(self._sums.phrases)}
        if index.owner.learned:
            self._signs["认案"] = WEIGHTS["认案"] * index.owner(self._terms)[index.case_of]
        self._signs |= self._place_signs()
        self._scores = self._sums.practices + index.whole(self._sums.cases)
        for values in self._signs.values():
            self._scores += values
        self._compare()

    def hits(self, limit: int = 8, near: str = "", only: Iterable[str] | None = None) -> list[Hit]:
        """The best practices, best first; see `Matcher.find`."""
        index, scores = self._index, self._scores
        if near in index.number and not self._named.places:
            scores = scores + WEIGHTS["上文"] * index.of([index.number[near]])
        if only is not None:
            allowed = index.of([index.number[case] for case in only if case in index.number])
            scores = np.where(allowed > 0, scores, -np.inf)
        best = self._spread(scores, limit, _OF_ONE_CASE if only is None else limit)
        return [
            Hit(index.cases[index.practices[number][0]], index.practices[number][1], score, self, number)
            for number, score in zip(best, self._sure(scores, best).tolist(), strict=True)
        ]

    def fact(self, number: int) -> Fact | None:
        """The fact asked for of the practice with this number or of its case."""
        index, case = self._index, int(self._index.case_of[number])
        fact = index.facts.answer(self._whole, self._shares, number, case)
        # 造了几个车位，充电口装了几个: the whole question finds one of the two.
        for clause in self._clauses:
            shares = index.read(index.scales.terms(clause), _FACTS).facts
            other = index.facts.asked(shares, number, case)
            if other and (fact is None or other.answer not in fact.answer):
                fact = other if fact is None else both(fact, other)
        return fact

    def beside(self, number: int) -> list[Fact]:
        """The facts of the case of the practice with this number that say something of what was asked, whatever its place."""
        return self._index.facts.beside(self._sums.facts, int(self._index.case_of[number]))

    def why(self, number: int) -> str:
        """What speaks for a practice, sign by sign."""
        parts: dict[str, float] = {}
        for family in range(len(FAMILIES)):
            sums = self._index.read(self._terms.of(family), _PRACTICES + _WHOLES)
            parts[FAMILIES[family].name] = float(sums.practices[number])
            parts[f"全案{FAMILIES[family].name}"] = float(self._index.whole(sums.cases)[number])
        parts |= {sign: float(values[number]) for sign, values in self._signs.items()}
        told = " ".join(f"{sign}{part:+.2f}" for sign, part in parts.items() if abs(part) >= 0.005)
        return f"{told} 问句{self._familiar:+.2f}"

    @cached_property
    def _clauses(self) -> list[Said]:
        """The parts that ask for a fact, of a question in two or three parts."""
        parts = [part for part in self._question.split() if len(part) >= _CLAUSE]
        if not 1 < len(parts) <= _CLAUSES:
            return []
        return [said(part, self._index.synonyms) for part in parts if asks_for_a_fact(part)]

    @cached_property
    def _shares(self) -> Doubles:
        """The share of the question that each fact explains; a fact may also tell of the place that was named."""
        if not self._named.places:
            return self._sums.facts
        return self._index.read(self._index.scales.terms(self._whole), _FACTS).facts

    def _place_signs(self) -> dict[str, Doubles]:
        found: dict[str, Doubles] = {}
        index, places, hints = self._index, self._named.places, self._named.hints
        if places:
            here = index.of(places)
            found["地名"] = WEIGHTS["地名"] * (2 * here - 1)
            # 彩虹花园 is the place of a whole case, and the matter of one practice in it.
            names = index.scales.terms(said(" ".join(places.values()), index.synonyms)).of(PAIRS)
            found["名称"] = WEIGHTS["名称"] / WEIGHTS["字对"] * index.read(names, _PRACTICES).practices * here
            # A name alone proves little; that a fact of the place speaks of the rest of the question proves much.
            found["说到"] = WEIGHTS["说到"] * index.facts.told(self._sums.facts, list(places)) * here
        if hints:
            found["别名"] = WEIGHTS["别名"] * index.of(hints)
        return found

    def _compare(self) -> None:
        """Add how nearly the question says what somebody asks, for the practices that may be meant."""
        likely = _top(self._scores, _READ_CLOSELY).tolist()
        if not likely:
            return
        near, asks = likely, self._index.asks
        if len(self._sums.asks):
            close = asks.close(self._sums.asks)[likely]
            self._add("似问", likely, close)
            near = [number for number, cosine in zip(likely, close.tolist(), strict=True) if cosine >= _SHARED]
        if near:
            self._add("近问", near, asks.repeated(self._whole.plain, near))

    def _add(self, sign: str, practices: list[int], values: Doubles) -> None:
        """Add a sign that only these practices have."""
        self._signs[sign] = np.zeros(len(self._scores))
        self._signs[sign][practices] = WEIGHTS[sign] * values
        self._scores[practices] += self._signs[sign][practices]

    def _sure(self, scores: Doubles, best: list[int]) -> Doubles:
        """How surely the best answer: the place says which one is meant, and little about whether it answers."""
        fit = SURENESS.fit * (scores[best] - sum(self._signs[sign][best] for sign in _ORDER if sign in self._signs))
        if "地名" in self._signs:
            fit += SURENESS.place / WEIGHTS["地名"] * self._signs["地名"][best]
        return 0.5 + SURENESS.scale * (self._familiar + fit)

    def _spread(self, scores: Doubles, limit: int, of_one_case: int) -> list[int]:
        """The best practices, so few of each case that other cases are among them too."""
        best = _top(scores, limit * _OF_ONE_CASE)
        found: list[int] = []
        seen: Counter[int] = Counter()
        for number, case in zip(best.tolist(), self._index.case_of[best].tolist(), strict=True):
            seen[case] += 1
            if seen[case] <= of_one_case:
                found.append(number)
        return found[:limit]


def _top(scores: Doubles, count: int) -> NDArray[np.int64]:
    """The positions of the highest scores, highest first; sorting all of a large index would cost more than the search."""
    reverse = -scores
    part = reverse.argpartition(count)[:count] if len(scores) > count else np.arange(len(scores))
    best = part[reverse[part].argsort()]
    return best[reverse[best] < np.inf]
