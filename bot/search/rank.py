"""Case search: how much of a question each practice explains, by words, pairs, characters and sounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from rapidfuzz import fuzz, process

from bot.cases import Case, Fact, Practice, ResidentFace, WorkerFace
from bot.fold import Synonyms, fold
from bot.search import Hit
from bot.search.facts import Facts
from bot.search.index import Floats
from bot.search.layer import Field, LayerBuilder, Terms
from bot.search.outside import Familiar, read_outside, sample
from bot.search.places import Named, Places
from bot.search.tokens import FAMILIES, Said, said

FIELDS = {"title": 3.0, "topics": 2.0, "keywords": 2.5, "asks": 1.0, "facts": 0.5, "faces": 0.7}
"""How often a token counts that stands once in this field."""
WEIGHTS = {
    "词": 5.4, "字对": 4.4, "单字": 9.5, "读音": 3.9, "全案词": 3.2, "全案字对": 3.2, "全案单字": 2.4, "全案读音": 2.6,
    "问点": 2.9, "地名": 7.0, "名称": 2.0, "说到": 11.7, "别名": 0.7, "上文": 2.0,
    "近问": 30.0,
}  # fmt: skip
"""How much each sign counts in a score; fitted offline on asks that had been left out of the index."""

_REPEATS = 80.0
"""A question this similar to an ask begins to repeat it."""
_READ_CLOSELY = 12
"""Practices whose asks are compared letter by letter."""

_OF_ONE_CASE = 3
"""Practices of one case among the hits."""


_PLACE = ("地名", "名称")
"""Signs that order the hits, and say little about whether any of them answers."""


@dataclass(frozen=True)
class Asked:
    """A question as the search reads it."""

    whole: Said
    topic: Said
    """Without the names of places."""
    terms: tuple[Terms, ...]
    """The topic in every family."""
    named: Named
    near: str
    """The case spoken of before."""


@dataclass(frozen=True)
class Sureness:
    """Turns a score into one that is comparable between questions; fitted on questions with and without an answer."""

    fit: float = 0.218
    place: float = 0.9
    mean: float = 1.19
    total: float = 1.15
    base: float = -5.6
    scale: float = 0.1


class CaseSearch:
    """The matcher over all practices of all cases."""

    def __init__(self, cases: Sequence[Case], synonyms: Synonyms) -> None:
        self.weights, self.sureness = WEIGHTS, Sureness()
        self._synonyms = synonyms
        self._cases = tuple(cases)
        self._spellings: dict[int, list[str]] = {}
        self._places = Places(cases)
        self._number = {case.id: number for number, case in enumerate(cases)}
        self.practices = tuple((number, practice) for number, case in enumerate(cases) for practice in case.practices)
        self.case_of = np.fromiter((number for number, _ in self.practices), np.int32, len(self.practices))
        builders = [LayerBuilder(family) for family in FAMILIES]
        for case in cases:
            fields = [list(self._fields(practice)) for practice in case.practices]
            for builder in builders:
                builder.add(fields)
        self._layers = [builder.build(self.case_of) for builder in builders]
        asks = [ask for _, practice in self.practices for ask in _asks(practice)]
        self._familiar = Familiar(sample(asks), read_outside(), lambda text: self._said(text).text)
        facts = [(number, fact) for number, (_, practice) in enumerate(self.practices) for fact in practice.facts]
        self._facts = Facts(self._layers[:3], facts, self.case_of, self._said)

    def _said(self, *texts: str) -> Said:
        return said(" ".join(map(fold, texts)), self._synonyms)

    def _fields(self, practice: Practice) -> Iterator[Field]:
        yield FIELDS["title"], self._said(practice.title)
        yield FIELDS["topics"], self._said("\n".join(practice.topics))
        yield FIELDS["keywords"], self._said("\n".join(practice.keywords))
        yield FIELDS["asks"], self._said("\n".join(practice.asks))
        yield FIELDS["facts"], self._said(*("\n".join((*fact.asks, fact.answer)) for fact in practice.facts))
        yield FIELDS["faces"], self._said(_texts(practice.resident), _texts(practice.worker))

    def named(self, question: str) -> tuple[list[str], str]:
        """The ids of the cases whose place is named, and the rewritten question without those names."""
        named = self._places.named(question)
        return [self._cases[number].id for number in named.places], self._synonyms.rewrite(named.without(question))

    def find(self, question: str, limit: int = 8, near: str = "", only: Iterable[str] | None = None) -> list[Hit]:
        """The best practices for a folded question, best first."""
        if not self.practices:
            return []
        asked = self.asked(question, near)
        signs = self.signs(asked)
        scores = self._scores(signs)
        signs["近问"] = self._repeated(asked, scores)
        scores += self.weights["近问"] * signs["近问"]
        if only is not None:
            allowed = [self._number[case] for case in only if case in self._number]
            scores = np.where(self._of(allowed) > 0, scores, np.float32(-np.inf))
        sure = self._sure(asked)
        shares = self._facts.shares(self._terms(asked.whole) if asked.named.places else asked.terms)
        hits = []
        for number in self._spread(scores, limit, _OF_ONE_CASE if only is None else limit):
            fact = self._facts.answer(asked.whole, shares, number, int(self.case_of[number]))
            hits.append(self._hit(number, sure, {sign: float(values[number]) for sign, values in signs.items()}, fact))
        return hits

    def _scores(self, signs: dict[str, Floats]) -> Floats:
        return sum(
            (self.weights[sign] * values for sign, values in signs.items()), np.zeros(len(self.practices), np.float32)
        )

    def _repeated(self, asked: Asked, scores: Floats) -> Floats:
        """How nearly the question repeats an ask, for the practices that may be meant; whoever writes an ask relies on it."""
        found = np.zeros(len(self.practices), np.float32)
        for number in _top(scores, _READ_CLOSELY):
            best = process.extractOne(
                asked.whole.plain, self._spelled(number), scorer=fuzz.ratio, processor=None, score_cutoff=_REPEATS
            )
            if best:
                found[number] = (best[1] - _REPEATS) / (100 - _REPEATS)
        return found

    def _spelled(self, number: int) -> list[str]:
        """The asks of a practice as a question is spelled; made when first needed, because few practices ever are."""
        if number not in self._spellings:
            self._spellings[number] = [self._said(ask).plain for ask in self.practices[number][1].asks]
        return self._spellings[number]

    def asked(self, question: str, near: str = "") -> Asked:
        """A folded question, read."""
        named = self._places.named(question)
        whole = said(question, self._synonyms)
        topic = said(named.without(question), self._synonyms) if named.places else whole
        return Asked(whole, topic, self._terms(topic), named, near)

    def _terms(self, said: Said) -> tuple[Terms, ...]:
        return tuple(layer.terms(said) for layer in self._layers)

    def _spread(self, scores: Floats, limit: int, of_one_case: int) -> list[int]:
        """The best practices, so few of each case that other cases are among them too."""
        found: list[int] = []
        seen: Counter[int] = Counter()
        for number in _top(scores, limit * 5):
            case = int(self.case_of[number])
            if seen[case] < of_one_case and np.isfinite(scores[number]):
                seen[case] += 1
                found.append(number)
        return found[:limit]

    def _sure(self, asked: Asked) -> float:
        """What the question itself says about whether any case answers it."""
        mean, total = self._familiar(asked.topic.text)
        return self.sureness.base + self.sureness.mean * mean + self.sureness.total * total

    def signs(self, asked: Asked) -> dict[str, Floats]:
        """Everything that speaks for each practice, by name."""
        signs: dict[str, Floats] = {}
        for layer, terms in zip(self._layers, asked.terms, strict=True):
            signs[layer.family.name], signs[f"全案{layer.family.name}"] = layer.explained(terms)
        signs["问点"] = self._facts.close(asked.terms)
        return signs | self._place_signs(asked)

    def _place_signs(self, asked: Asked) -> dict[str, Floats]:
        found: dict[str, Floats] = {}
        places, hints = asked.named.places, asked.named.hints
        if places:
            here = self._of(places)
            found["地名"] = 2 * here - 1
            # 彩虹花园 is the place of a whole case, and the matter of one practice in it.
            pairs = self._layers[1]
            names = said(" ".join(places.values()), self._synonyms)
            found["名称"] = pairs.explained(pairs.terms(names))[0] * here
            # A name alone proves little; that a fact of the place speaks of the rest of the question proves much.
            found["说到"] = self._facts.told(asked.terms, list(places)) * here
        elif asked.near in self._number:
            found["上文"] = self._of([self._number[asked.near]])
        if hints:
            found["别名"] = self._of(hints)
        return found

    def _of(self, cases: Iterable[int]) -> Floats:
        """1 for every practice of these cases, 0 for the others."""
        return np.isin(self.case_of, list(cases)).astype(np.float32)

    def _hit(self, number: int, sure: float, values: dict[str, float], fact: Fact | None) -> Hit:
        case, practice = self.practices[number]
        parts = {sign: value * self.weights[sign] for sign, value in values.items()}
        fit = sum(part for sign, part in parts.items() if sign not in _PLACE)
        place = values.get("地名", 0.0)
        score = 0.5 + self.sureness.scale * (sure + self.sureness.fit * fit + self.sureness.place * place)
        why = " ".join(f"{sign}{part:+.2f}" for sign, part in parts.items() if abs(part) >= 0.005)
        return Hit(self._cases[case], practice, score, fact, f"{why} 问句{sure:+.2f}")


def _asks(practice: Practice) -> Iterator[str]:
    yield from practice.asks
    yield from chain.from_iterable(fact.asks for fact in practice.facts)


def _texts(face: ResidentFace | WorkerFace) -> str:
    values = (getattr(face, name) for name in type(face).model_fields)
    return "\n".join(value if isinstance(value, str) else "\n".join(value) for value in values)


def _top(scores: Floats, count: int) -> list[int]:
    """The positions of the highest scores; sorting all of a large index would cost more than the search."""
    if len(scores) > count:
        part = np.argpartition(-scores, count)[:count]
        return [int(number) for number in part[np.argsort(-scores[part])]]
    return [int(number) for number in np.argsort(-scores)]
