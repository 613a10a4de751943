"""Single facts: the one that explains most of a question which asks for a number, a name, a place or a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import chain

import numpy as np
from rapidfuzz import fuzz

from bot.cases import Fact
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
        self,
        layers: Sequence[Layer],
        facts: Sequence[tuple[int, Fact]],
        case_of: Numbers,
        read: Callable[[str], Said],
    ) -> None:
        """`facts` come with the number of their practice, in its order; `case_of` tells the case of every practice."""
        self._facts = [fact for _, fact in facts]
        self._practice_of = np.fromiter((number for number, _ in facts), np.int32, len(facts))
        self._case_of = case_of[self._practice_of]
        self._of_case = np.searchsorted(self._case_of, np.arange(int(case_of.max(initial=-1)) + 2)).tolist()
        self._size = len(case_of)
        whole, phrases = [Counts() for _ in layers], [Counts() for _ in layers]
        self._asks: list[list[str]] = []
        starts = []
        for fact in self._facts:
            texts = [read(text) for text in (*fact.asks, fact.answer)]
            self._asks.append([text.text for text in texts[:-1]])
            starts.append(len(phrases[0]))
            for number, layer in enumerate(layers):
                tokens = [layer.terms(text).tokens for text in texts]
                whole[number].add(dict.fromkeys(chain.from_iterable(tokens), 1.0))
                for one in tokens:
                    phrases[number].add(dict.fromkeys(one, 1.0))
        self._starts = np.array(starts, np.int64)
        self._whole = [overlap(counts, layer.practices.idf) for layer, counts in zip(layers, whole, strict=True)]
        self._phrases = [cosine(counts, layer.practices.idf) for layer, counts in zip(layers, phrases, strict=True)]

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
