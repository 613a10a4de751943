"""A practice as the index reads it: its fields in rows, each token with what it counts there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bot.cases import Case, Practice, ResidentFace, WorkerFace
from bot.fold import Synonyms, fold
from bot.search.index import Floats, Numbers
from bot.search.outside import read_outside
from bot.search.tokens import Said, said
from bot.search.vocabulary import Vocabulary

FIELDS = {"title": 3.0, "topics": 2.0, "keywords": 2.5, "asks": 1.0, "facts": 0.5, "faces": 0.7}
"""How often a token counts that stands once in this field."""

_REMEMBERED = 2000
"""Pages kept for the next version."""


@dataclass(frozen=True)
class Page:
    """What the index needs of one practice."""

    practice: Practice
    rows: Numbers
    """Every token once."""
    values: Floats
    """How often each counts."""
    asks: Sequence[Numbers]
    """The asks of the practice and of its facts, each token once."""
    facts: Sequence[Sequence[Numbers]]
    """For every fact its asks and its answer, each token once."""
    fact_asks: Sequence[Sequence[str]]


class Reader:
    """Reads practices into rows of one vocabulary, and what stayed as it was only once."""

    def __init__(self, synonyms: Synonyms, before: Reader | None = None) -> None:
        """`before` read an earlier version: a saved file repeats nearly all of its practices."""
        known = before if before and before._synonyms.same(synonyms) else None
        self.vocabulary: Vocabulary = Vocabulary(known.vocabulary if known else None)
        self._synonyms: Synonyms = synonyms
        self._before: dict[str, Page] = known._pages if known else {}
        self._pages: dict[str, Page] = {}
        self.outside: list[Numbers] = (
            known.outside if known else [np.unique(self.rows(line)) for line in read_outside()]
        )

    def pages(self, cases: Iterable[Case]) -> list[Page]:
        """The pages of all practices, in order."""
        found = []
        for case in cases:
            for practice in case.practices:
                name = f"{case.id}/{practice.id}"
                page = self._before.get(name)
                if page is None or page.practice != practice:
                    page = self.page(practice)
                if len(self._pages) < _REMEMBERED:
                    self._pages[name] = page
                found.append(page)
        self._before = {}
        return found

    def rows(self, text: str) -> Numbers:
        """The rows of the tokens of a text."""
        return self._rows(self._said(text))

    def page(self, practice: Practice) -> Page:
        """The page of a practice."""
        facts = [[self._said(text) for text in (*fact.asks, fact.answer)] for fact in practice.facts]
        ask_rows = [self.rows(ask) for ask in practice.asks]
        fact_rows = [[self._rows(text) for text in fact] for fact in facts]
        fields = {
            "title": [self.rows(practice.title)],
            "topics": map(self.rows, practice.topics),
            "keywords": map(self.rows, practice.keywords),
            "asks": ask_rows,
            "facts": [rows for fact in fact_rows for rows in fact],
            "faces": map(self.rows, (*_texts(practice.resident), *_texts(practice.worker))),
        }
        return Page(
            practice,
            *_counted(fields),
            asks=[np.unique(rows) for rows in (*ask_rows, *(rows for fact in fact_rows for rows in fact[:-1]))],
            facts=[[np.unique(rows) for rows in fact] for fact in fact_rows],
            fact_asks=[[text.text for text in fact[:-1]] for fact in facts],
        )

    def _said(self, text: str) -> Said:
        return said(fold(text), self._synonyms)

    def _rows(self, said: Said) -> Numbers:
        return np.array(self.vocabulary.learn(said), np.int32)


def _counted(fields: dict[str, Iterable[Numbers]]) -> tuple[Numbers, Floats]:
    rows, weights = [np.empty(0, np.int32)], [np.empty(0)]
    for name, texts in fields.items():
        for text in texts:
            rows.append(text)
            weights.append(np.full(len(text), FIELDS[name]))
    each, place = np.unique(np.concatenate(rows), return_inverse=True)
    return each, np.bincount(place, np.concatenate(weights)).astype(np.float32)


def _texts(face: ResidentFace | WorkerFace) -> Iterator[str]:
    for name in type(face).model_fields:
        value = getattr(face, name)
        yield from [value] if isinstance(value, str) else value
