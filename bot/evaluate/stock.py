"""Stock engines on the same knowledge, to see what the search is worth."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from rapidfuzz import fuzz, process

from bot.cases import Case, Practice
from bot.fold import fold

Rank = Callable[[str], list[str]]
"""Case ids for a question, best first."""
_UNITS = 30
"""Practices an engine is asked for, so that three different cases are among them."""


def stock_engines(cases: Sequence[Case]) -> Iterator[tuple[str, Rank]]:
    """Every engine that is installed, with its name."""
    owners = [case.id for case in cases for _ in case.practices]
    texts = ["\n".join(map(fold, _texts(practice))) for case in cases for practice in case.practices]
    phrases = [(fold(ask), case.id) for case in cases for practice in case.practices for ask in practice.asks]
    yield "rapidfuzz partial_ratio，逐条问法", _fuzzy(phrases)
    yield "SQLite FTS5 trigram", _full_text(owners, texts)
    try:
        yield "bm25s + jieba", _bm25(owners, texts)
    except ImportError:
        return


def _texts(practice: Practice) -> Iterable[str]:
    facts = chain.from_iterable((*fact.asks, fact.answer) for fact in practice.facts)
    resident, worker = practice.resident, practice.worker
    faces = (
        resident.answer,
        resident.done,
        resident.advice,
        worker.answer,
        *worker.steps,
        *worker.pitfalls,
        *worker.results,
    )
    return (practice.title, *practice.topics, *practice.keywords, *practice.asks, *facts, *faces)


def _fuzzy(phrases: Sequence[tuple[str, str]]) -> Rank:
    texts = [text for text, _ in phrases]

    def rank(question: str) -> list[str]:
        best = process.extract(fold(question), texts, scorer=fuzz.partial_ratio, limit=_UNITS)
        return _once(phrases[number][1] for _, _, number in best)

    return rank


def _full_text(owners: Sequence[str], texts: Sequence[str]) -> Rank:
    table = sqlite3.connect(":memory:")
    table.execute("CREATE VIRTUAL TABLE unit USING fts5(text, tokenize='trigram')")
    table.executemany("INSERT INTO unit(rowid, text) VALUES (?, ?)", enumerate(texts))

    def rank(question: str) -> list[str]:
        said = re.sub(r"[\s\"]", "", fold(question))
        parts = " OR ".join(f'"{said[start : start + 3]}"' for start in range(len(said) - 2))
        if not parts:
            return []
        found = table.execute("SELECT rowid FROM unit WHERE unit MATCH ? ORDER BY rank LIMIT ?", (parts, _UNITS))
        return _once(owners[number] for (number,) in found)

    return rank


def _bm25(owners: Sequence[str], texts: Sequence[str]) -> Rank:
    import bm25s
    import jieba

    jieba.setLogLevel("ERROR")
    index = bm25s.BM25()
    index.index([jieba.lcut(text) for text in texts], show_progress=False)

    def rank(question: str) -> list[str]:
        found, _ = index.retrieve([jieba.lcut(fold(question))], k=min(_UNITS, len(owners)), show_progress=False)
        return _once(owners[int(number)] for number in found[0])

    return rank


def _once(cases: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(cases))
