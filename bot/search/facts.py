"""Single facts: the one whose asks are closest to a question."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.cases import Fact, Practice
from bot.search.index import Counts, Floats, Postings, cosine
from bot.search.layer import Layer
from bot.search.tokens import Said


class Facts:
    """All facts of all practices, as short phrases."""

    def __init__(
        self, layers: Sequence[Layer], practices: Sequence[Practice], phrases: Sequence[Sequence[Said]]
    ) -> None:
        """`phrases` holds for every fact, in the order of practices, its asks and its answer."""
        self._layers = layers
        self._facts = [fact for practice in practices for fact in practice.facts]
        self._practice_of = np.repeat(np.arange(len(practices)), [len(practice.facts) for practice in practices])
        self._fact_of = np.repeat(np.arange(len(phrases)), [len(texts) for texts in phrases])
        self._size = len(practices)
        self._postings = [_postings(layer, phrases) for layer in layers]

    def similar(self, said: Said) -> tuple[Floats, Floats]:
        """How close the question is to each fact, and to the closest fact of each practice."""
        phrases = np.zeros(len(self._fact_of), np.float32)
        for layer, postings in zip(self._layers, self._postings, strict=True):
            tokens, unknown = layer.known(said)
            rarest = float(postings.idf.max(initial=0)) * 0.8
            length = np.sqrt(float((postings.idf[tokens] ** 2).sum()) + unknown * rarest**2)
            phrases += postings.sums(tokens) / max(length, 1e-9) / len(self._layers)
        facts = np.zeros(len(self._facts), np.float32)
        np.maximum.at(facts, self._fact_of, phrases)
        practices = np.zeros(self._size, np.float32)
        np.maximum.at(practices, self._practice_of, facts)
        return facts, practices

    def best(self, facts: Floats, practice: int) -> tuple[Fact, float] | None:
        """The closest fact of a practice."""
        first, last = np.searchsorted(self._practice_of, [practice, practice + 1])
        if first == last:
            return None
        best = int(first + facts[first:last].argmax())
        return self._facts[best], float(facts[best])


def _postings(layer: Layer, phrases: Sequence[Sequence[Said]]) -> Postings:
    counts = Counts()
    for texts in phrases:
        for text in texts:
            counts.add(dict.fromkeys(layer.known(text)[0], 1.0))
    return cosine(counts, layer.practices.idf)
