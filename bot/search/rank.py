"""Case search: BM25 recalls practices, their asks, keywords, sounds and place decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bot.cases import Case, Fact, Practice
from bot.fold import Synonyms
from bot.search import Hit
from bot.search.index import Floats, Vocabulary, build_phrases, build_postings
from bot.search.places import Places
from bot.search.tokens import pairs, sound_pairs, words

_RECALLED = 40
"""Practices that are ranked closely."""

_FIELDS = {"title": 3.0, "topics": 2.0, "keywords": 2.5, "asks": 1.0, "facts": 1.0, "faces": 0.7}
_FACT_SCORE = 0.42
"""A fact answers when the question is this close to one of its asks."""


@dataclass(frozen=True)
class Weights:
    """How much each sign counts in the score of a hit."""

    bm25: float = 0.5
    ask: float = 0.9
    asks: float = 0.2
    sound: float = 0.15
    title: float = 0.1
    place: float = 0.55
    elsewhere: float = -0.3
    near: float = 0.2
    """For a practice of another case when the question names a place."""


class CaseSearch:
    """The matcher over all practices of all cases."""

    def __init__(self, cases: Sequence[Case], synonyms: Synonyms, weights: Weights | None = None) -> None:
        self.weights = weights or Weights()
        self.places = Places(cases, synonyms)
        self._synonyms = synonyms
        self._cases = tuple(cases)
        self._number = {case.id: number for number, case in enumerate(cases)}
        self._practices = [(number, practice) for number, case in enumerate(cases) for practice in case.practices]
        self._case_of = np.fromiter((number for number, _ in self._practices), np.int32, len(self._practices))
        self._vocabulary = Vocabulary()
        documents = [self._document(practice) for _, practice in self._practices]
        asks = [[self._numbers(ask) for ask in practice.asks] for _, practice in self._practices]
        titles = [[self._numbers(practice.title)] for _, practice in self._practices]
        facts = [
            [self._numbers(ask) for fact in practice.facts for ask in (*fact.asks, fact.answer)]
            for _, practice in self._practices
        ]
        heard = [[self._sounds(ask) for ask in practice.asks] for _, practice in self._practices]
        self._postings = build_postings(documents, len(self._vocabulary.number))
        # Tokens only of sounds never stand in a document, so their weight is that of a middling word.
        idf = self._postings.idf
        self._idf = np.concatenate([idf, np.full(len(self._vocabulary.number) - len(idf), idf.mean(), np.float32)])
        self._asks = build_phrases(asks, self._idf)
        self._titles = build_phrases(titles, self._idf)
        self._facts = build_phrases(facts, self._idf)
        self._heard = build_phrases(heard, self._idf)

    def named(self, question: str) -> tuple[list[str], str]:
        """The ids of the cases whose place is named, and the question without those names."""
        named, topic = self._named(question)
        return [self._cases[number].id for number in named], topic

    def _named(self, question: str) -> tuple[dict[int, str], str]:
        named = self.places.named(question)
        topic = question.replace(" ", "") if named else question
        for name in named.values():
            topic = topic.replace(name, " ")
        return named, topic

    def find(self, question: str, limit: int = 8, near: str = "", only: Iterable[str] | None = None) -> list[Hit]:
        """The best practices for a folded question, best first."""
        named, topic = self._named(question)
        tokens = self._vocabulary.known(_tokens(topic))
        bm25 = self._postings.scores(tokens)
        mass = float(self._idf[tokens].sum()) * 2.2 + 8.0 if tokens else 1.0
        coarse = bm25 / mass
        if named:
            coarse = coarse + np.isin(self._case_of, list(named)) * np.float32(0.5)
        if near:
            coarse = coarse + (self._case_of == self._number.get(near, -1)) * np.float32(0.5)
        if only is not None:
            allowed = [self._number[case] for case in only if case in self._number]
            coarse = np.where(np.isin(self._case_of, allowed), coarse, np.float32(-1))
        best = np.argsort(-coarse)[:_RECALLED] if len(coarse) <= 5000 else _top(coarse, _RECALLED)
        question_vector = self._vector(tokens)
        heard_vector = self._vector(self._vocabulary.known(sound_pairs(topic)))
        context = self._number.get(near, -1)
        hits = [
            self._hit(int(number), bm25[number] / mass, question_vector, heard_vector, named, context)
            for number in best
            if coarse[number] >= 0
        ]
        hits.sort(key=lambda hit: -hit.score)
        return hits[:limit]

    def _hit(self, number: int, bm25: float, question: Floats, heard: Floats, named: dict[int, str], context: int) -> Hit:
        place, practice = self._practices[number]
        asks = np.sort(self._asks.similar(question, number))[::-1]
        signs = {
            "bm25": float(bm25),
            "ask": float(asks[0]),
            "asks": float(asks[:3].mean()),
            "sound": float(self._heard.similar(heard, number).max()),
            "title": float(self._titles.similar(question, number).max()),
            "place": float(place in named),
            "elsewhere": float(bool(named) and place not in named),
            "near": float(place == context and not named),
        }
        facts = self._facts.similar(question, number)
        fact = self._fact(practice, facts)
        signs["ask"] = max(signs["ask"], float(facts.max()) * 0.95)
        score = sum(getattr(self.weights, sign) * value for sign, value in signs.items())
        why = " ".join(f"{sign}={value:.2f}" for sign, value in signs.items() if value)
        return Hit(self._cases[place], practice, score, fact, why)

    def _fact(self, practice: Practice, similar: Floats) -> Fact | None:
        """The fact whose asks are closest to the question, when close enough."""
        if not practice.facts:
            return None
        owners = [fact for fact in practice.facts for _ in (*fact.asks, fact.answer)]
        best = int(similar.argmax())
        return owners[best] if similar[best] >= _FACT_SCORE else None

    def _vector(self, tokens: Sequence[int]) -> Floats:
        vector = np.zeros(len(self._idf), dtype=np.float32)
        vector[list(tokens)] = self._idf[list(tokens)]
        norm = float(np.linalg.norm(vector[list(tokens)])) if tokens else 0.0
        return vector / norm if norm else vector

    def _numbers(self, text: str) -> list[int]:
        return [self._vocabulary.add(token) for token in _tokens(self._synonyms.fold(text))]

    def _sounds(self, text: str) -> list[int]:
        return [self._vocabulary.add(token) for token in sound_pairs(self._synonyms.fold(text))]

    def _document(self, practice: Practice) -> dict[int, float]:
        texts = {
            "title": [practice.title],
            "topics": practice.topics,
            "keywords": practice.keywords,
            "asks": practice.asks,
            "facts": [text for fact in practice.facts for text in (*fact.asks, fact.answer)],
            "faces": [*_texts(practice.resident.model_dump()), *_texts(practice.worker.model_dump())],
        }
        counts: Counter[int] = Counter()
        for field, parts in texts.items():
            for part in parts:
                for token in self._numbers(part):
                    counts[token] += _FIELDS[field]  # type: ignore[assignment]
        return dict(counts)


def _tokens(folded: str) -> list[str]:
    """Words count with a mark of their own, so that a word of two characters weighs as word and as pair."""
    return [*pairs(folded), *(f"={word}" for word in words(folded))]


def _texts(face: dict[str, object]) -> list[str]:
    found: list[str] = []
    for value in face.values():
        found += [value] if isinstance(value, str) else [str(item) for item in value]  # type: ignore[attr-defined]
    return found


def _top(scores: Floats, count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The positions of the highest scores; sorting all of a large index would cost more than the search."""
    part = np.argpartition(-scores, count)[:count]
    return part[np.argsort(-scores[part])]
