"""`python -m bot check`: every YAML file, every rule, every claim a machine can check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.knowledge import Knowledge, read_knowledge
from scheduler.yamlfile import Problem, Problems


def check(home: Path, files: Sequence[Path] = ()) -> list[str]:
    """What is wrong in the admin's files, a line each; empty when all is well."""
    found: list[Problem] = []
    try:
        found += check_knowledge(read_knowledge(home))
    except Problems as error:
        found += error.problems
    lines = [str(problem) for problem in found]
    if files:
        names = tuple(file.name for file in files)
        lines = [line for line in lines if line.split(":")[0].split("/")[-1] in names]
    return lines


def check_knowledge(knowledge: Knowledge) -> Iterator[Problem]:
    """Asks that an intent rule would take away from their case."""
    for case in knowledge.cases.values():
        for practice in case.practices:
            for ask in practice.asks:
                taken = knowledge.rules.reached(ask, "resident")
                if taken:
                    yield Problem("cases.yaml", 1, f"{case.id} 的问法“{ask}”会被意图“{taken}”截走，请收窄那个意图")
