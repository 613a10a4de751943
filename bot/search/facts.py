"""Single facts: the one that explains most of a question which asks for a number, a name, a place or a time."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz

from bot.cases import Fact, Practice
from bot.search.index import Counts, Floats, Numbers, cosine, overlap
from bot.search.layer import Layer, Terms
from bot.search.tokens import Said

_CUE = re.compile(
    r"多少|几|哪年|哪天|哪个|哪家|哪些|哪位|哪里|哪儿|在哪|谁|电话|号码|地址|多大|多久|多长|多远|多高|叫什么|叫啥|啥名|名字|"
    r"什么时候|啥时候|什么时间|是什么|是啥|什么单位|啥单位|有啥|有什么|一共|总共|比例|百分之"
)
_ASKED, _SPOKEN = 0.28, 70
"""A question that asks for a fact gets one that explains so much of it; any other only one whose ask it nearly repeats."""
_BETTER_ELSEWHERE = 0.1
"""A fact of another practice of the case must be so much better than the best of the practice itself."""
_AS_GOOD = 0.8
"""The next fact is told too when it explains nearly as much: two things may have been asked."""


class Facts:
    """All facts of all practices."""

    def __init__(
        self, layers: Sequence[Layer], practices: Sequence[Practice], case_of: Numbers, texts: Sequence[Sequence[Said]]
    ) -> None:
        """`texts` holds for every fact, in the order of practices, its asks and its answer."""
        self._facts = [fact for practice in practices for fact in practice.facts]
        self._asks = [[said.text for said in parts[:-1]] for parts in texts]
        self._practice_of = np.repeat(np.arange(len(practices)), [len(practice.facts) for practice in practices])
        self._case_of = case_of[self._practice_of]
        self._of_case = np.searchsorted(self._case_of, np.arange(int(case_of.max(initial=-1)) + 2)).tolist()
        self._size = len(practices)
        self._whole = [overlap(_counts(layer, texts), layer.practices.idf) for layer in layers]
        phrases = [[part] for parts in texts for part in parts]
        self._phrases = [cosine(_counts(layer, phrases), layer.practices.idf) for layer in layers]
        self._starts = np.cumsum([0, *(len(parts) for parts in texts[:-1])])

    def shares(self, asked: Sequence[Terms]) -> Floats:
        """The share of the question that each fact explains."""
        shares = np.zeros(len(self._facts), np.float32)
        for terms, whole in zip(asked, self._whole, strict=False):
            shares += whole.sums(terms.tokens) / (terms.squares * len(self._whole))
        return shares

    def told(self, asked: Sequence[Terms], cases: Sequence[int]) -> float:
        """The share of the question that the best fact of these cases explains."""
        return float(self.shares(asked)[np.isin(self._case_of, cases)].max(initial=0.0))

    def close(self, asked: Sequence[Terms]) -> Floats:
        """How close the closest phrase of each practice's facts is to the question."""
        close = np.zeros(self._phrases[0].size, np.float32)
        for terms, phrases in zip(asked, self._phrases, strict=False):
            close += phrases.sums(terms.tokens) / (terms.squares**0.5 * len(self._phrases))
        practices = np.zeros(self._size, np.float32)
        if len(close):
            np.maximum.at(practices, self._practice_of, np.maximum.reduceat(close, self._starts))
        return practices

    def answer(self, said: Said, shares: Floats, practice: int, case: int) -> Fact | None:
        """The fact of this case that was asked for; two as one when both explain the question about as well."""
        first, last = self._of_case[case], self._of_case[case + 1]
        if first == last:
            return None
        of_case = shares[first:last] - _BETTER_ELSEWHERE * (self._practice_of[first:last] != practice)
        best = int(of_case.argmax())
        if not self._asked(said, first + best, float(shares[first + best])):
            return None
        fact: Fact = self._facts[first + best]
        share = float(of_case[best])
        of_case[best] = 0
        second = int(of_case.argmax())
        if of_case[second] < _AS_GOOD * share:
            return fact
        return Fact(asks=fact.asks, answer=f"{fact.answer}\n{self._facts[first + second].answer}")

    def _asked(self, said: Said, fact: int, share: float) -> bool:
        if _CUE.search(said.plain):
            return share >= _ASKED
        return max(fuzz.ratio(said.text, ask) for ask in self._asks[fact]) >= _SPOKEN


def _counts(layer: Layer, texts: Sequence[Sequence[Said]]) -> Counts:
    counts = Counts()
    for parts in texts:
        counts.add(dict.fromkeys((token for part in parts for token in layer.terms(part).tokens), 1.0))
    return counts
