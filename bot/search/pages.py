"""A practice as the index reads it: its fields in rows, each token with what it counts there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import numpy as np

from bot.cases import Case, Practice, ResidentFace, WorkerFace
from bot.fold import Synonyms, fold
from bot.search.index import Counts, Entries, Numbers, Texts, counted
from bot.search.outside import read_outside
from bot.search.tokens import PAIRS, Said, said
from bot.search.vocabulary import Vocabulary

FIELDS = {"title": 30, "topics": 20, "keywords": 25, "asks": 10, "facts": 5, "faces": 7}
"""How often a token counts that stands once in this field, in tenths."""

_REMEMBERED = 5_000
"""Practices whose pages are kept, for comparing asks and for the next version; those of more cost more memory than all the rest."""
_REPEATED = 4096
"""Texts kept as rows: practices share topics, contacts and documents."""
_SAMPLE = 50_000
"""Asks kept as rows; more of them say nothing new."""
_NO_ROWS, _NO_COUNTS = np.empty(0, np.int32), np.empty(0, np.uint16)


class Tokens(NamedTuple):
    """A text in rows."""

    rows: Numbers
    """Of all its tokens, in order."""
    pairs: Numbers
    """Of its pairs of characters, each once."""


@dataclass(frozen=True, slots=True)
class Page:
    """What the index needs of one practice."""

    practice: Practice
    rows: Numbers
    """Every token once."""
    counts: Counts
    """How often each counts, in tenths."""
    asks: Sequence[Tokens]
    """The asks of the practice and of its facts."""
    facts: Sequence[Sequence[Numbers]]
    """For every fact its asks and its answer."""
    fact_asks: Sequence[Sequence[str]]


class Book:
    """All pages as one: long arrays in the place of very many small ones."""

    def __init__(self, pages: Iterable[Page], asks: int, whole: bool) -> None:
        """The pages in order, with so many asks altogether; of very many pages only the facts are kept beside the arrays."""
        self.texts: Texts = Texts()
        self.pages: list[Page] = []
        kept: list[Numbers] = []
        asked: list[int] = []
        step, seen = asks // _SAMPLE + 1, 0
        for number, page in enumerate(pages):
            self.texts.add(page.rows, page.counts)
            self.pages.append(page if whole else replace(page, rows=_NO_ROWS, counts=_NO_COUNTS, asks=()))
            some = page.asks[-seen % step :: step]
            kept += [ask.rows for ask in some]
            asked += [number] * len(some)
            seen += len(page.asks)
        self.asks: Entries = Entries.of(kept)
        self.asked: Numbers = np.array(asked, np.int32)
        """The practice of every ask."""


class Reader:
    """Reads practices into rows of one vocabulary, and what stayed as it was only once."""

    def __init__(self, synonyms: Synonyms, before: Reader | None = None) -> None:
        """`before` read an earlier version: a saved file repeats nearly all of its practices."""
        known = before if before and before._synonyms.same(synonyms) else None
        self.vocabulary: Vocabulary = Vocabulary(known.vocabulary if known else None)
        self._synonyms: Synonyms = synonyms
        self._before: dict[str, Page] = known._pages if known else {}
        self._pages: dict[str, Page] = {}
        self._tokens = lru_cache(maxsize=_REPEATED)(self._read)
        self.outside: Entries = known.outside if known else Entries.of([self._pairs(line) for line in read_outside()])

    def read(self, cases: Sequence[Case]) -> Book:
        """All practices, in order."""
        practices = [practice for case in cases for practice in case.practices]
        asks = sum(len(practice.asks) + sum(len(fact.asks) for fact in practice.facts) for practice in practices)
        keep = len(practices) <= _REMEMBERED
        book = Book(self._pages_of(cases, keep), asks, keep)
        self._before = {}
        self._tokens.cache_clear()
        return book

    def _pages_of(self, cases: Iterable[Case], keep: bool) -> Iterator[Page]:
        for case in cases:
            for practice in case.practices:
                name = f"{case.id}/{practice.id}"
                page = self._before.get(name)
                if page is None or page.practice != practice:
                    page = self._page(practice)
                if keep:
                    self._pages[name] = page
                yield page

    def _page(self, practice: Practice) -> Page:
        """The page of a practice."""
        asks = [*map(self._tokens, practice.asks)]
        facts = [[self._said(text) for text in (*fact.asks, fact.answer)] for fact in practice.facts]
        fact_tokens = [[self._learned(text) for text in fact] for fact in facts]
        fields = {
            "title": [self._tokens(practice.title)],
            "topics": map(self._tokens, practice.topics),
            "keywords": map(self._tokens, practice.keywords),
            "asks": asks,
            "facts": [tokens for fact in fact_tokens for tokens in fact],
            "faces": map(self._tokens, (*_texts(practice.resident), *_texts(practice.worker))),
        }
        return Page(
            practice,
            *_counted(fields),
            asks=[*asks, *(tokens for fact in fact_tokens for tokens in fact[:-1])],
            facts=tuple([tokens.rows for tokens in fact] for fact in fact_tokens),
            fact_asks=tuple([text.text for text in fact[:-1]] for fact in facts),
        )

    def _pairs(self, text: str) -> Numbers:
        return np.array(self.vocabulary.learn_pairs(self._said(text)), np.int32)

    def _read(self, text: str) -> Tokens:
        return self._learned(self._said(text))

    def _said(self, text: str) -> Said:
        return said(fold(text), self._synonyms)

    def _learned(self, said: Said) -> Tokens:
        found = self.vocabulary.learn(said)
        return Tokens(np.array([*chain.from_iterable(found)], np.int32), np.array([*{*found[PAIRS]}], np.int32))


def _counted(fields: dict[str, Iterable[Tokens]]) -> tuple[Numbers, Counts]:
    texts = [(tokens.rows, FIELDS[name]) for name, field in fields.items() for tokens in field]
    counts = np.repeat([count for _, count in texts], [len(rows) for rows, _ in texts])
    return counted(np.concatenate([rows for rows, _ in texts]), counts)


def _texts(face: ResidentFace | WorkerFace) -> Iterator[str]:
    for name in type(face).model_fields:
        value = getattr(face, name)
        yield from [value] if isinstance(value, str) else value
