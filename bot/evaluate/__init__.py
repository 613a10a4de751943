"""`python -m bot evaluate`: how well the bot understands, measured through the same `answer` that serves people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from bot.evaluate import report
from bot.evaluate.lines import Line, read_lines
from bot.evaluate.score import Talk, judge
from bot.evaluate.stock import stock_engines
from bot.knowledge import read_knowledge

DEFAULT = ("../shared/questions", "tests/questions")
"""Where questions are looked for when no files are given, from the bot's folder."""


def evaluate(home: Path, files: Sequence[Path] = (), now: float = 0.0) -> str:
    """The report on these question files; each file is also told on its own."""
    files = list(files) or list(_default(home))
    if not files:
        return "没有问题文件。用法：python -m bot evaluate 文件.jsonl ..."
    knowledge = read_knowledge(home)
    talk = Talk(knowledge, now)
    groups = {"/".join(file.resolve().parts[-3:]): [judge(line, talk) for line in read_lines(file)] for file in files}
    questions = [line for file in files for line in read_lines(file) if line.kind == "case"]
    engines = stock_engines(list(knowledge.cases.values()))
    return report.write(groups, {name: _ranked(rank, questions) for name, rank in engines})


def _ranked(rank: report.Rank, questions: Iterable[Line]) -> list[tuple[Line, list[str]]]:
    return [(line, rank(line.question)) for line in questions]


def _default(home: Path) -> Iterable[Path]:
    for folder in DEFAULT:
        yield from sorted((home / folder).glob("*.jsonl"))
