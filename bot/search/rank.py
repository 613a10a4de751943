"""Case search: how much of a question each practice explains, by words, pairs, characters and sounds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from bot.cases import Case
from bot.fold import Synonyms
from bot.search import Hit
from bot.search.asks import Asks
from bot.search.facts import Facts
from bot.search.index import Entries, Numbers, Postings, bm25, idf
from bot.search.outside import Familiar
from bot.search.owner import Owner
from bot.search.pages import Page, Reader
from bot.search.places import Places
from bot.search.reading import WEIGHTS, Index, Reading
from bot.search.tokens import FAMILIES
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
    pages, vocabulary = reader.pages(cases), reader.vocabulary
    families, count = vocabulary.families, len(vocabulary)
    entries = Entries.of([page.rows for page in pages], [page.values for page in pages])
    used = entries.used(count)
    weights = idf(used, entries.size)
    scales = Scales(vocabulary, weights, used)
    return Index(
        cases=cases,
        practices=practices,
        case_of=case_of,
        number={case.id: number for number, case in enumerate(cases)},
        synonyms=synonyms,
        places=Places(cases),
        scales=scales,
        postings=_postings(entries, case_of, families, count),
        facts=Facts(pages, case_of, weights, families),
        asks=Asks(practices, synonyms, scales),
        owner=_owner(pages, case_of, families),
        familiar=Familiar([ask for page in pages for ask in page.asks], reader.outside, count),
    )


def _owner(pages: Sequence[Page], case_of: Numbers, families: Numbers) -> Owner:
    """Learned from all asks; how they sound is left out."""
    cases = np.repeat(case_of, [len(page.asks) for page in pages])
    return Owner([ask for page in pages for ask in page.asks], cases, len(families), families < len(FAMILIES) - 1)


def _postings(entries: Entries, case_of: Numbers, families: Numbers, count: int) -> Postings:
    """Practices with, behind them, whole cases; every weight already multiplied with that of its sign."""
    practice, case = (
        np.array([WEIGHTS[f"{whole}{family.name}"] for family in FAMILIES], np.float32) for whole in ("", "全案")
    )
    weights = bm25(entries, idf(entries.used(count), entries.size))
    grouped = entries.grouped(case_of)
    if grouped.size == entries.size:
        return Postings(
            entries.rows, entries.owners, (practice + case)[families[entries.rows]] * weights, entries.size, count
        )
    whole = bm25(grouped, idf(grouped.used(count), grouped.size))
    return Postings(
        np.concatenate([entries.rows, grouped.rows]),
        np.concatenate([entries.owners, grouped.owners + np.int32(entries.size)]),
        np.concatenate([practice[families[entries.rows]] * weights, case[families[grouped.rows]] * whole]),
        entries.size + grouped.size,
        count,
    )
