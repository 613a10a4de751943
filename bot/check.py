"""`python -m bot check`: every YAML file, every rule, every claim a machine can check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from bot.guard import doubts, source_of
from bot.intents import read_expired
from bot.knowledge import Knowledge, read_knowledge
from scheduler.yamlfile import Problem, Problems

SOURCES = Path("..") / "shared" / "sources"
"""Where the source texts are, seen from the folder of cases.yaml; they are not part of the project."""


def check(home: Path, files: Sequence[Path] = ()) -> list[str]:
    """What is wrong in the admin's files, a line each; empty when all is well."""
    found: list[Problem] = []
    try:
        found += check_knowledge(read_knowledge(home), home)
    except Problems as error:
        found += error.problems
    names = {file.name for file in files}
    return list(dict.fromkeys(str(problem) for problem in found if not names or Path(problem.file).name in names))


def overdue(home: Path, today: date) -> list[str]:
    """The answers of intents that are past their date, a line each with the owner; nothing is wrong with the files."""
    try:
        return [str(problem) for problem in read_expired(home / "intents", today)]
    except Problems:
        # What is wrong with the files is told by `check`.
        return []


def check_knowledge(knowledge: Knowledge, home: Path) -> Iterator[Problem]:
    """Asks that an intent would take from their case, and claims that the source does not bear out."""
    for case in knowledge.cases.values():
        for practice in case.practices:
            for ask in practice.asks:
                if taken := knowledge.rules.reached(ask, "resident"):
                    yield _problem(home, ask, f"{case.id} 的问法“{ask}”会被意图“{taken}”截走，请收窄那个意图")
        for doubt in doubts(case, source_of(case, home / SOURCES)):
            yield _problem(home, f"- id: {case.id}", f"{doubt.case} / {doubt.practice}：{doubt.what}")


def _problem(home: Path, mark: str, what: str) -> Problem:
    """A problem on the first line of cases.yaml that holds the mark."""
    lines = (home / "cases.yaml").read_text("utf-8").splitlines()
    return Problem("cases.yaml", next((number for number, line in enumerate(lines, 1) if mark in line), 1), what)
