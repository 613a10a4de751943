"""Place names in a question: the longest name wins, and a name typed by sound is still found."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from bot.cases import Case
from bot.fold import fold, sound

_TAILS = ("居民区", "社区", "村", "街区", "小区")
# 复旦大学 is not the estate 复旦, 四平路 is not 四平, 五一节 is not 五一.
_OTHER_THING = re.compile(r"大学|路|街道|大街|节|放假|假期|长假|劳动|医院|中学|小学|地铁|附中|附小|白云")
_LATELY = 64
_TOLD_ELSEWHERE = 2
"""A name that so many other cases speak of is a word, not a place."""


@dataclass(frozen=True)
class Named:
    """What a question names; numbers of cases, each with the name that was used."""

    places: dict[int, str]
    hints: dict[int, str]
    """By a name that may also be just a word."""

    def without(self, question: str) -> str:
        """The question with the names of places taken away."""
        for name in self.places.values():
            question = question.replace(name, " ")
        return question


class Places:
    """Finds the cases whose place is named in a question."""

    def __init__(self, cases: Sequence[Case]) -> None:
        self._owner = {name: number for number, case in enumerate(cases) for name in _names(case)}
        self._lengths: dict[str, set[int]] = {}
        for name in self._owner:
            self._lengths.setdefault(name[:2], set()).add(len(name))
        self._words = self._told_elsewhere(cases)
        # By their hash: the syllables of 100,000 places would take 20 MB.
        self._sounds: dict[int, int] = {}
        self._heard_lengths: dict[tuple[str, ...], set[int]] = {}
        for name, number in self._owner.items():
            if len(name) > 2 and name not in self._words:
                heard = tuple(map(sound, name))
                self._sounds[hash(heard)] = min(number, self._sounds.get(hash(heard), number))
                self._heard_lengths.setdefault(heard[:2], set()).add(len(name))
        # One message is asked for its places at several steps.
        self.named = lru_cache(maxsize=_LATELY)(self._named)

    def _named(self, question: str) -> Named:
        """The cases named in the folded question."""
        places: dict[int, str] = {}
        hints: dict[int, str] = {}
        taken = [False] * len(question)
        for start, name in sorted(self._found(question), key=lambda found: -len(found[1])):
            end = start + len(name)
            if any(taken[start:end]) or (len(name) < 4 and _OTHER_THING.match(question, end)):
                continue
            taken[start:end] = [True] * len(name)
            (hints if name in self._words else places).setdefault(self._owner[name], name)
        return Named(places or self._heard(question), hints)

    def _found(self, text: str) -> Iterator[tuple[int, str]]:
        for start in range(len(text) - 1):
            for length in self._lengths.get(text[start : start + 2], ()):
                name = text[start : start + length]
                if name in self._owner:
                    yield start, name

    def _heard(self, question: str) -> dict[int, str]:
        """The longest name that sounds like a part of the question."""
        text = question.replace(" ", "")
        syllables = tuple(map(sound, text))
        found: list[tuple[int, int, int]] = []
        for start, pair in enumerate(pairwise(syllables)):
            for length in self._heard_lengths.get(pair, ()):
                heard = syllables[start : start + length]
                number = self._sounds.get(hash(heard))
                if number is not None:
                    found.append((-len(heard), start, number))
        if not found:
            return {}
        length, start, number = min(found)
        return {number: text[start : start - length]}

    def _told_elsewhere(self, cases: Sequence[Case]) -> frozenset[str]:
        """The names that other cases use as well: 小板凳, 向阳."""
        told: Counter[str] = Counter()
        for number, case in enumerate(cases):
            parts = (
                part for practice in case.practices for part in (practice.title, *practice.keywords, *practice.asks)
            )
            found = {name for _, name in self._found("\n".join(parts))}
            told.update(name for name in found if self._owner[name] != number)
        return frozenset(name for name, count in told.items() if count >= _TOLD_ELSEWHERE)


def _names(case: Case) -> Iterable[str]:
    for name in map(fold, (case.place.name, *case.place.aliases)):
        if len(name) > 1:
            yield name
        for tail in _TAILS:
            if len(name.removesuffix(tail)) > 1:
                yield name.removesuffix(tail)
