"""Microseconds of one answer, stage by stage."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from bot.assistant import answer
from bot.fold import fold
from bot.knowledge import read_knowledge
from bot.message import Memory, Message
from bot.settings import HOME

MESSAGES = 600


def median(run: Callable[[Any], object], items: list[Any]) -> float:
    """The median microseconds of a call."""
    times = []
    for item in items:
        began = time.perf_counter()
        run(item)
        times.append((time.perf_counter() - began) * 1e6)
    return statistics.median(times)


def main() -> dict[str, float]:
    """Print the table and return the figures."""
    knowledge = read_knowledge(HOME)
    asks = [ask for case in knowledge.cases.values() for practice in case.practices for ask in practice.asks]
    texts = random.Random(3).sample(asks, MESSAGES)
    messages = [Message("official_account", str(number), "p", text=text) for number, text in enumerate(texts)]
    plain = [fold(text) for text in texts]
    answer(messages[0], Memory(), knowledge, 0.0)
    # What the cases say was rewritten when they were read; a resident's words are new.
    rewrite = knowledge.synonyms.rewrite
    rewrite.cache_clear()
    figures = {"fold": median(fold, texts), "rewrite": median(rewrite, plain)}
    heard = [(text, rewrite(text)) for text in plain]
    figures |= {
        "emergency": median(lambda pair: knowledge.rules.emergency(*pair, "resident"), heard),
        "intent rules": median(lambda pair: knowledge.rules.recognise(*pair, "resident"), heard),
        "case search": median(lambda pair: knowledge.matcher.find(pair[1]), heard),
    }
    rewrite.cache_clear()
    figures["answer()"] = median(lambda message: answer(message, Memory(), knowledge, 0.0), messages)
    print("one answer, median microseconds by stage")
    for stage, figure in figures.items():
        print(f"  {stage:13} {figure:7.0f}")
    return figures


if __name__ == "__main__":
    main()
