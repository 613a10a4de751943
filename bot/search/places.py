"""Place names in a question: the longest name wins, and a name typed by sound is still found."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cases import Case
from bot.fold import Synonyms, sounds


class Places:
    """Finds the case whose place is named in a question."""

    def __init__(self, cases: Sequence[Case], synonyms: Synonyms) -> None:
        names = [
            (synonyms.fold(name).replace(" ", ""), number)
            for number, case in enumerate(cases)
            for name in _names(case)
        ]
        self._names = {name: number for name, number in sorted(names, key=lambda pair: len(pair[0])) if len(name) > 1}
        self._sounds = {sounds(name).strip(): (name, number) for name, number in self._names.items() if len(name) > 2}
        self._lengths = sorted({len(name) for name in self._names}, reverse=True)
        self._sound_lengths = sorted({len(heard.split()) for heard in self._sounds}, reverse=True)

    def named(self, question: str) -> dict[int, str]:
        """The numbers of the cases named in the folded question, each with the name that was used."""
        found: dict[int, str] = {}
        text = question.replace(" ", "")
        taken = [False] * len(text)
        for length in self._lengths:
            for start in range(len(text) - length + 1):
                number = self._names.get(text[start : start + length])
                if number is not None and not any(taken[start : start + length]):
                    found.setdefault(number, text[start : start + length])
                    taken[start : start + length] = [True] * length
        return found or self._heard(text)

    def _heard(self, text: str) -> dict[int, str]:
        syllables = sounds(text).split()
        for length in self._sound_lengths:
            for start in range(len(syllables) - length + 1):
                pair = self._sounds.get(" ".join(syllables[start : start + length]))
                if pair:
                    return {pair[1]: text[start : start + length]}
        return {}


def _names(case: Case) -> tuple[str, ...]:
    name = case.place.name
    for tail in ("居民区", "社区", "村", "街区", "小区"):
        short = name.removesuffix(tail)
        if short != name and len(short) > 1:
            return (name, short, *case.place.aliases)
    return (name, *case.place.aliases)
