"""Case search as the index grows: build time, memory, and what one query costs."""

from __future__ import annotations

import gc
import random
import statistics
import time
from pathlib import Path

from bot.cases import Case, Practice
from bot.fold import Synonyms
from bot.knowledge import Knowledge, read_knowledge
from bot.search.rank import CaseSearch
from bot.settings import HOME

SIZES = (39, 1_000, 10_000, 100_000)
PHRASES = 15
QUERIES = 300


def resident_megabytes() -> float:
    """The memory this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def peak_megabytes() -> float:
    """The most it has held since `forget_peak`."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6


def forget_peak() -> None:
    """Let the peak be what is held now; without it every size would show the peak of what came before."""
    Path("/proc/self/clear_refs").write_text("5")


def synthesised(knowledge: Knowledge, count: int) -> list[Case]:
    """So many cases of one practice with 15 phrases, mixed from the real ones so that they share words as real cases do."""
    dice = random.Random(11)
    real = list(knowledge.cases.values())
    asks = [ask for case in real for practice in case.practices for ask in practice.asks]
    template = real[0].practices[0]
    made = []
    for number in range(count):
        first, second = dice.sample(asks, PHRASES), dice.sample(asks, PHRASES)
        mixed = tuple(one[: len(one) // 2] + other[len(other) // 2 :] for one, other in zip(first, second, strict=True))
        changes = {"id": f"p{number}", "title": mixed[0][:20], "keywords": mixed[1:4], "asks": mixed, "facts": ()}
        practice = Practice.model_construct(**{**template.__dict__, **changes})
        place = real[0].place.model_copy(update={"name": f"第{number}居民区", "aliases": ()})
        made.append(Case.model_construct(id=f"c{number}", title="", place=place, source="", practices=(practice,)))
    return made


def queries(search: CaseSearch, texts: list[str], synonyms: Synonyms) -> list[float]:
    """Milliseconds of each query, folding included."""
    times = []
    for text in texts:
        began = time.perf_counter()
        search.find(synonyms.fold(text))
        times.append((time.perf_counter() - began) * 1000)
    return times


def main() -> dict[int, float]:
    """Print the table and return the median of each size in milliseconds."""
    knowledge = read_knowledge(HOME)
    asks = [ask for case in knowledge.cases.values() for practice in case.practices for ask in practice.asks]
    texts = random.Random(5).sample(asks, QUERIES)
    medians: dict[int, float] = {}
    print("case search: cases, build seconds, index MB, peak MB while building, query p50 / p99 ms")
    for size in SIZES:
        cases = list(knowledge.cases.values()) if size == 39 else synthesised(knowledge, size)
        gc.collect()
        forget_peak()
        before, began = resident_megabytes(), time.perf_counter()
        search = CaseSearch(cases, knowledge.synonyms)
        built, memory = time.perf_counter() - began, resident_megabytes() - before
        peak = peak_megabytes() - before
        queries(search, texts[:30], knowledge.synonyms)
        times = queries(search, texts, knowledge.synonyms)
        cuts = statistics.quantiles(times, n=100)
        medians[size] = cuts[49]
        print(
            f"  {size:7,} {built:7.1f} s {memory:7.0f} MB {peak:7.0f} MB   {cuts[49]:6.2f} / {cuts[98]:6.2f}",
            flush=True,
        )
        del search, cases
    return medians


if __name__ == "__main__":
    main()
