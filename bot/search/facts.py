"""Single facts: the one that explains most of a question which asks for a number, a name, a place or a time."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz

from bot.cases import Fact
from bot.search.index import Doubles, Entries, Groups, Numbers, Shelf, cosine, overlap, shelf
from bot.search.pages import Page
from bot.search.tokens import WRITTEN, Said

_CUE = re.compile(
    r"多少|几|哪年|哪天|哪个|哪家|哪些|哪位|哪里|哪儿|在哪|谁|电话|号码|地址|多大|多久|多长|多远|多高|叫什么|叫啥|啥名|名字|"
    r"什么时候|啥时候|什么时间|是什么|是啥|什么单位|啥单位|有啥|有什么|一共|总共|比例|百分之"
)
_ASKED, _SPOKEN = 0.28, 70
"""A question that asks for a fact gets one that explains so much of it; any other only one whose ask it nearly repeats."""
_CLAUSE_ASKED = 0.4
"""What a fact must explain of a single clause, which is short and easily explained by chance."""
_BETTER_ELSEWHERE = 0.1
"""A fact of another practice of the case must be so much better than the best of the practice itself."""
_AS_GOOD = 0.8
"""The next fact is told too when it explains nearly as much: two things may have been asked."""
_BESIDE, _FEW = 0.2, 4
"""What a fact must explain of a question to be told beside an answer, and so many at most."""


def asks_for_a_fact(text: str) -> bool:
    """True when a folded text asks for a number, a name, a place or a time."""
    return _CUE.search(text) is not None


def both(one: Fact, other: Fact) -> Fact:
    """Two facts told as one."""
    return Fact(asks=one.asks, answer=f"{one.answer}\n{other.answer}")


class Facts:
    """All facts of all practices."""

    def __init__(self, pages: Sequence[Page], case_of: Numbers) -> None:
        """The facts on these pages, one page a practice; `case_of` tells the case of every practice."""
        self._facts = [fact for page in pages for fact in page.practice.facts]
        self._asks = [asks for page in pages for asks in page.fact_asks]
        counts = [len(page.practice.facts) for page in pages]
        self._practice_of = np.repeat(np.arange(len(pages), dtype=np.int32), counts)
        self._case_of = case_of[self._practice_of]
        self._of_case = np.searchsorted(self._case_of, np.arange(int(case_of.max(initial=-1)) + 2)).tolist()
        self._phrases = Groups([sum(map(len, page.facts)) for page in pages])

    def close(self, phrases: Doubles) -> Doubles:
        """How close the closest phrase of each practice's facts is, of how close every phrase is."""
        return self._phrases.largest(phrases)

    def told(self, shares: Doubles, cases: Sequence[int]) -> float:
        """The share of the question that the best fact of these cases explains, of the shares of all facts."""
        return float(shares[np.isin(self._case_of, cases)].max(initial=0.0))

    def answer(self, said: Said, shares: Doubles, practice: int, case: int) -> Fact | None:
        """The fact of this case that was asked for; two as one when both explain the question about as well."""
        first, of_case = self._ranked(shares, practice, case)
        if not len(of_case):
            return None
        best = int(of_case.argmax())
        if not self._asked(said, first + best, float(shares[first + best])):
            return None
        fact: Fact = self._facts[first + best]
        share = float(of_case[best])
        of_case[best] = 0
        second = int(of_case.argmax())
        return fact if of_case[second] < _AS_GOOD * share else both(fact, self._facts[first + second])

    def asked(self, shares: Doubles, practice: int, case: int) -> Fact | None:
        """The fact of this case that one clause of a longer question asks for."""
        first, of_case = self._ranked(shares, practice, case)
        if not len(of_case):
            return None
        best = first + int(of_case.argmax())
        return self._facts[best] if shares[best] >= _CLAUSE_ASKED else None

    def beside(self, shares: Doubles, case: int) -> list[Fact]:
        """The few facts of this case that say something of what was asked, the closest first."""
        first, last = self._of_case[case], self._of_case[case + 1]
        closest = (-shares[first:last]).argsort(kind="stable")[:_FEW] + first
        return [self._facts[fact] for fact in closest if shares[fact] >= _BESIDE]

    def _ranked(self, shares: Doubles, practice: int, case: int) -> tuple[int, Doubles]:
        """The number of the first fact of this case, and the shares of all its facts, those of other practices lowered."""
        first, last = self._of_case[case], self._of_case[case + 1]
        return first, shares[first:last] - _BETTER_ELSEWHERE * (self._practice_of[first:last] != practice)

    def _asked(self, said: Said, fact: int, share: float) -> bool:
        if asks_for_a_fact(said.plain):
            return share >= _ASKED
        return max(fuzz.ratio(said.text, ask) for ask in self._asks[fact]) >= _SPOKEN


def fact_shelves(pages: Sequence[Page], weights: Doubles, families: Numbers) -> tuple[Shelf, Shelf]:
    """The whole facts of all practices, and the phrases of each fact."""
    spoken = families < WRITTEN
    phrases = [[rows[spoken[rows]] for rows in phrases] for page in pages for phrases in page.facts]
    whole = Entries.of([np.concatenate(fact) for fact in phrases])
    each = Entries.of([phrase for fact in phrases for phrase in fact])
    return shelf(whole, overlap(whole, weights)), shelf(each, cosine(each, weights, families))
