"""Tokens of a Chinese text: words, pairs of characters, single characters, and pairs of sounds for slips of the keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

import rjieba

from bot.fold import Synonyms, sound

_COMMON = (
    "我们 你们 他们 她们 这个 那个 一个 怎么 什么 怎么办 怎样 如何 为什么 可以 能不能 没有 还是 但是 可是 因为 所以 请问 一下 知道 哪里 "
    "多少 时候 人家 大家 我家 家里 事情 东西 地方 小区 社区 居委 居委会 居民 有没有 是不是 怎么弄 怎么搞 咋办"
)
STOP = frozenset(_COMMON.split())
"""Words too common to say what a question is about; their pairs still count a little."""

_WEAK = frozenset(
    "的了是在有和就都也很吗呢啊呀吧嘛我你他她它们这那么怎什哪谁几多少能会要不没到去来把被给让跟对从还但可因所请问想知道办做弄搞说讲看人里上下外点又再只才最太好一个"
    "阿拉侬伊搿迭额伐勿呒侪拨辰光啥咾煞邪交关格嗰覅"
)
"""Characters that say nothing on their own."""

_DIGITS = "零一二三四五六七八九"
_NUMBER = re.compile(r"(?<![0-9.a-z])([0-9]{1,2})(?![0-9.a-z])")
_PLUS = re.compile(r"(?<=[一二三四五六七八九])[+加](?=[一二三四五六七八九n恩])")
_NTH = re.compile(r"(?<=加)恩")
_SPELLABLE = re.compile("[0-9+加]")
_TWO = str.maketrans("两俩", "二二")


def spelled(folded: str) -> str:
    """The text with small numbers in Chinese, so that 4空6用 is 四空六用 and 1+3+N is 一加三加n."""
    text = folded.translate(_TWO)
    if not _SPELLABLE.search(text):
        return text
    return _NTH.sub("n", _PLUS.sub("加", _NUMBER.sub(lambda match: _in_chinese(int(match.group(1))), text)))


def _in_chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    if not tens:
        return _DIGITS[ones]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")


def words(text: str) -> list[str]:
    """The words of a folded text that carry meaning."""
    return [word for word in rjieba.cut(text) if len(word) > 1 and word not in STOP and not word.isspace()]


def pairs(text: str) -> list[str]:
    """Every two neighbouring characters within a run; a number or a Latin word is one token."""
    found: list[str] = []
    for run in text.split():
        previous, latin = "", ""
        for char in run:
            if char.isascii():
                latin += char
                previous = ""
                continue
            if latin:
                found.append(latin)
                latin = ""
            if previous:
                found.append(previous + char)
            previous = char
        if latin:
            found.append(latin)
    return found


def singles(text: str) -> list[str]:
    """Every character that says something on its own."""
    return [char for char in text if char not in _WEAK and not char.isascii()]


def sound_pairs(text: str) -> list[str]:
    """Every two neighbouring syllables within a run."""
    found: list[str] = []
    for run in text.split():
        syllables = [sound(char) for char in run if not char.isascii()]
        found += [f"{first} {second}" for first, second in pairwise(syllables)]
    return found


@dataclass(frozen=True)
class Said:
    """A text as it was typed, and with synonyms rewritten; both folded and with small numbers in Chinese."""

    plain: str
    text: str


def said(folded: str, synonyms: Synonyms) -> Said:
    """Both readings of a folded text."""
    return Said(spelled(folded), spelled(synonyms.rewrite(folded)))


@dataclass(frozen=True)
class Family:
    """A way to cut a text into tokens."""

    name: str
    cut: Callable[[str], Iterable[str]]
    plain: bool
    """Cuts the text as typed: rewriting a word hides its sound and its characters."""

    def tokens(self, said: Said) -> Iterable[str]:
        """The tokens of a text."""
        return self.cut(said.plain if self.plain else said.text)


FAMILIES = (
    Family("词", words, False),
    Family("字对", pairs, False),
    Family("单字", singles, False),
    Family("读音", sound_pairs, True),
)
WRITTEN = 3
"""So many families, the first ones, look at how a text is written; how it sounds proves nothing of a fact or a case."""
PAIRS = 1
"""The number of the family that names, asks and strange questions are compared by."""
