"""Folding: one spelling for the many ways a message can be typed. The original is kept by the caller."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import opencc
from pypinyin import Style, lazy_pinyin

_TO_SIMPLIFIED = opencc.OpenCC("t2s")
# WeChat writes its own stickers as a short word in brackets: [强], [Rose], 【玫瑰】 is NOT one of them.
_STICKER = re.compile(r"\[[一-鿿A-Za-z]{1,8}\]")
_ADDRESS = re.compile(r"https?://\S+")
_SPACES = re.compile(r"\s+")
_REWRITTEN = 4096
"""Texts kept in their standard form."""
_LONGEST = 2000
"""Characters looked at; a longer message is a paste, and its beginning says what it is about."""


def fold(text: str) -> str:
    """The message in simplified, half-width, lower-case characters without stickers, emoji and punctuation."""
    text = unicodedata.normalize("NFKC", text[:_LONGEST])
    text = _ADDRESS.sub(" ", _STICKER.sub(" ", text))
    text = _TO_SIMPLIFIED.convert(text).lower()
    return _SPACES.sub(" ", "".join(_kept(char) for char in text)).strip()


@lru_cache(maxsize=20_000)
def _kept(char: str) -> str:
    """The character itself, a space for punctuation, nothing for marks that only decorate."""
    category = unicodedata.category(char)
    if category[0] in "LN" or char in "+%":
        return char
    return "" if category in ("Mn", "Me", "Cf") else " "


@lru_cache(maxsize=20_000)
def sound(char: str) -> str:
    """The toneless pinyin syllable of one character, with the pairs that sound alike in Shanghai made one."""
    syllable = lazy_pinyin(char, style=Style.NORMAL)[0]
    for heard, written in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        if syllable.startswith(heard):
            syllable = written + syllable[2:]
    return syllable[:-1] if syllable.endswith(("ing", "eng")) else syllable


def sounds(text: str) -> str:
    """The syllables of a folded text, each between spaces, so that containment respects whole syllables."""
    return " " + " ".join(sound(char) for char in text if not char.isspace()) + " "


class Synonyms:
    """Rewrites colloquial and dialect words to the one word the cases use."""

    def __init__(self, words: Iterable[tuple[str, Iterable[str]]] = ()) -> None:
        entries = [(fold(word), [*map(fold, others)]) for word, others in words]
        # A standard word stays as it is: 加装电梯 must not become 加加装电梯 because of 装电梯.
        self._word = {word: word for word, _ in entries} | {also: word for word, others in entries for also in others}
        # By first character: one expression of thousands of words would try them all at every character.
        lengths: dict[str, set[int]] = {}
        for also in filter(None, self._word):
            lengths.setdefault(also[0], set()).add(len(also))
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}
        # One message is rewritten at several steps, and what the cases say again and again.
        self.rewrite = lru_cache(maxsize=_REWRITTEN)(self._rewrite)

    def same(self, other: Synonyms) -> bool:
        """True when both rewrite every text alike."""
        return self._word == other._word

    def _rewrite(self, folded: str) -> str:
        """The folded text with every known word in its standard form; where several fit, the longest."""
        found: list[str] = []
        at, plain = 0, 0
        while at < len(folded):
            for length in self._lengths.get(folded[at], ()):
                word = self._word.get(folded[at : at + length])
                if word is not None:
                    found += (folded[plain:at], word)
                    at += length
                    plain = at
                    break
            else:
                at += 1
        return "".join((*found, folded[plain:]))

    def fold(self, text: str) -> str:
        """Fold and rewrite."""
        return self.rewrite(fold(text))
