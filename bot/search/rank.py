"""Case search: how much of a question each practice explains, by words, pairs, characters and sounds."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np

from bot.cases import Case
from bot.fold import Synonyms
from bot.search import Hit
from bot.search.asks import Asks, ask_shelf
from bot.search.facts import Facts, fact_shelves
from bot.search.index import Bm25, Floats, Numbers, Postings, Shelf, Texts, Weighed
from bot.search.outside import Familiar
from bot.search.owner import Owner
from bot.search.pages import Reader
from bot.search.places import Places
from bot.search.reading import WEIGHTS, Index, Reading
from bot.search.tokens import FAMILIES, WRITTEN
from bot.search.vocabulary import Scales

_READINGS = 8
"""Questions kept as they were read: one message asks the search several times."""


class CaseSearch:
    """The matcher over all practices of all cases."""

    def __init__(self, cases: Sequence[Case], synonyms: Synonyms, before: CaseSearch | None = None) -> None:
        """`before` searched an earlier version of the cases; only what changed since is read anew (1.6 to 0.3 seconds)."""
        self._cases = tuple(cases)
        self._synonyms = synonyms
        self._reader: Reader = Reader(synonyms, before._reader if before else None)
        self._index = _index(self._cases, synonyms, self._reader)
        self._read = lru_cache(maxsize=_READINGS)(self._read_anew)
        _give_back()

    def named(self, question: str) -> tuple[list[str], str]:
        """The ids of the cases whose place is named, and the rewritten question without those names."""
        named = self._index.places.named(question)
        return [self._cases[number].id for number in named.places], self._synonyms.rewrite(named.without(question))

    def find(self, question: str, limit: int = 8, near: str = "", only: Iterable[str] | None = None) -> list[Hit]:
        """The best practices for a folded question, best first."""
        return self._read(question).hits(limit, near, only) if self._index.practices else []

    def _read_anew(self, question: str) -> Reading:
        return Reading(self._index, question)


def _index(cases: Sequence[Case], synonyms: Synonyms, reader: Reader) -> Index:
    practices = [(number, practice) for number, case in enumerate(cases) for practice in case.practices]
    case_of = np.fromiter((number for number, _ in practices), np.int32, len(practices))
    book = reader.read(cases)
    vocabulary = reader.vocabulary
    families, count = vocabulary.families, len(vocabulary)
    weigh = Bm25(book.texts, count)
    scales = Scales(vocabulary, weigh.idf, weigh.used)
    return Index(
        cases=cases,
        practices=practices,
        case_of=case_of,
        number={case.id: number for number, case in enumerate(cases)},
        synonyms=synonyms,
        places=Places(cases),
        scales=scales,
        postings=Postings(
            [
                *_text_shelves(book.texts, weigh, case_of, families),
                *fact_shelves(book.pages, weigh.idf, families),
                ask_shelf(book.pages, weigh.idf, families),
            ],
            count,
        ),
        facts=Facts(book.pages, case_of),
        asks=Asks(book.pages),
        owner=Owner(book.asks, case_of[book.asked], count, families < WRITTEN),
        familiar=Familiar(book.asks, reader.outside, count),
    )


def _text_shelves(practices: Texts, weigh: Bm25, case_of: Numbers, families: Numbers) -> tuple[Shelf, Shelf]:
    """Practices and whole cases, every weight already multiplied with that of its sign; no cases of one practice each."""
    practice, case = (
        np.array([WEIGHTS[f"{whole}{family.name}"] for family in FAMILIES], np.float32)[families]
        for whole in ("", "全案")
    )
    bounds = np.searchsorted(case_of, np.arange(int(case_of.max(initial=-1)) + 2))
    if len(bounds) - 1 == len(practices):
        return Shelf(len(practices), lambda: _weighed(practices, weigh, practice + case)), Shelf(0, lambda: ())
    cases = practices.grouped(bounds)
    weigh_case = Bm25(cases, len(families))
    return (
        Shelf(len(practices), lambda: _weighed(practices, weigh, practice)),
        Shelf(len(cases), lambda: _weighed(cases, weigh_case, case)),
    )


def _weighed(texts: Texts, weigh: Bm25, sign: Floats) -> Iterator[Weighed]:
    for entries in texts.parts():
        yield entries.rows, entries.owners, sign[entries.rows] * weigh(entries)


def _give_back() -> None:
    """Let the system have the memory that building needed; glibc would keep up to 50 MB of it at 30,000 cases."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim:
        trim(0)
