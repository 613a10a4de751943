"""Guards of content: what a case claims must stand in its source, in our own words, and fit a reply."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot import wording
from bot.cases import Case, Practice

RUN = 20
"""So many characters in a row are the source's sentence, not ours."""
_DIGITS = "零一二三四五六七八九"
_UNITS = ((10_000, "万"), (1000, "千"), (100, "百"), (10, "十"), (1, ""))


@dataclass(frozen=True)
class Doubt:
    """A claim that a guard does not let pass."""

    case: str
    practice: str
    what: str


def doubts(case: Case, source: str | None) -> Iterator[Doubt]:
    """What is doubtful in a case; figures and wording are compared only when its source is at hand."""
    evidence = Evidence(source) if source is not None else None
    for practice in case.practices:
        for what in _unfit(case, practice):
            yield Doubt(case.id, practice.id, what)
        for claim in _claims(practice) if evidence else ():
            for figure in evidence.unknown_figures(claim) if evidence else ():
                yield Doubt(case.id, practice.id, f"数字 {figure} 在原文里找不到：“{claim[:40]}”")
            if run := evidence.copied(claim) if evidence else "":
                yield Doubt(case.id, practice.id, f"照抄了原文 {RUN} 个字以上，请用自己的话：“{run}”")


def source_of(case: Case, folder: Path) -> str | None:
    """The text of the case's source; None when it is not at hand."""
    path = folder / f"{case.id}.txt"
    return path.read_text("utf-8") if path.exists() else None


def _unfit(case: Case, practice: Practice) -> Iterator[str]:
    """A resident's answer goes into one reply; a worker's may need 更多 but not twice."""
    resident, rest = wording.compose(wording.face(practice, "resident", None), wording.source(case))
    if rest:
        yield f"居民版太长，一条回复放不下（{len(resident) + len(rest)} 字），请压缩"
    _, rest = wording.compose(wording.face(practice, "worker", None), wording.source(case))
    if not wording.fits(rest):
        yield "社工版太长，两条回复放不下，请压缩或拆成两个做法"


def _claims(practice: Practice) -> Iterator[str]:
    """Every sentence we say as true; asks are what other people say."""
    yield practice.title
    yield from practice.keywords
    for face in (practice.resident, practice.worker):
        for value in face.model_dump().values():
            yield from [value] if isinstance(value, str) else value
    for fact in practice.facts:
        yield fact.answer


class Evidence:
    """A source text, prepared for comparing."""

    def __init__(self, source: str) -> None:
        text = unicodedata.normalize("NFKC", source)
        # The scans write 31.5 as 31、5 or 31. 5, thousands as 1,000, and break numbers with spaces.
        joined = re.sub(r"(?<=\d)\s+(?=[\d.])|(?<=\.)\s+(?=\d)|(?<=\d),(?=\d{3})", "", text)
        decimal = re.sub(r"(\d)、(\d)", r"\1.\2", joined)
        self._text = text
        self._letters = _letters(text)
        self._figures = {*_figures(text), *_figures(joined), *_figures(decimal)}

    def unknown_figures(self, claim: str) -> list[str]:
        """The figures of a claim that the source has neither in digits nor in characters."""
        return [figure for figure in _figures(claim) if not self._has(figure)]

    def copied(self, claim: str) -> str:
        """The first run of characters that is the source's; empty when there is none."""
        letters = _letters(claim)
        starts = range(len(letters) - RUN + 1)
        return next(
            (letters[start : start + RUN] for start in starts if letters[start : start + RUN] in self._letters), ""
        )

    def _has(self, figure: str) -> bool:
        if figure in self._figures or (len(figure) >= 5 and figure in self._letters):
            return True
        return figure.isdigit() and len(figure) < 8 and any(word in self._text for word in _spoken(int(figure)))


def _figures(text: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?", unicodedata.normalize("NFKC", text))


def _letters(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", text) if char.isalnum())


def _spoken(number: int) -> set[str]:
    """The ways a number is written in characters."""
    if number == 0:
        return {"零"}
    word = _words(number)
    return {word, word.removeprefix("一") if word.startswith("一十") else word} | ({"两"} if number == 2 else set())


def _words(number: int) -> str:
    words, gap = "", False
    for size, unit in _UNITS:
        count, number = divmod(number, size)
        if count:
            words += ("零" if gap and words else "") + (_words(count) if count > 9 else _DIGITS[count]) + unit
            gap = False
        elif words:
            gap = True
    return words
