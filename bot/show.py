"""How a practice is shown: whole in a single chat, in a few lines in a group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot import wording
from bot.cases import Case, Fact, Practice
from bot.message import Choice
from bot.question import Question

OTHERS = 3
"""Further cases under an answer."""

Pair = tuple[Case, Practice]


def shown(
    asked: Question,
    case: Case,
    practice: Practice,
    fact: Fact | None = None,
    others: Sequence[Choice] = (),
    beside: Sequence[Fact] = (),
) -> tuple[str, str]:
    """The text for this role and chat, and what did not fit."""
    if asked.message.chat:
        return wording.in_group(asked.message.text, case, practice, asked.role, fact, len(others)), ""
    tail = wording.source(case), wording.others(pairs(asked, others))
    return wording.compose(wording.with_facts(wording.face(practice, asked.role, fact), beside, *tail), *tail)


def said(asked: Question, body: str, case: Case) -> tuple[str, str]:
    """A text about a case, with its source; cut short in a group."""
    if asked.message.chat:
        return wording.briefly(asked.message.text, body, case), ""
    return wording.compose(body, wording.source(case))


def pairs(asked: Question, choices: Iterable[Choice]) -> list[Pair]:
    """The cases and practices of choices that still exist."""
    return [asked.knowledge.find(choice) for choice in choices if asked.knowledge.knows(choice)]


def menu(asked: Question, choices: Sequence[Choice]) -> tuple[Choice, ...]:
    """The choices somebody can pick by number: none in a group, where no menu is shown."""
    return () if asked.message.chat else tuple(choices)


def one_a_case(choices: Iterable[Choice]) -> list[Choice]:
    """The best practice of each case, in order."""
    found: dict[str, Choice] = {}
    for choice in choices:
        found.setdefault(choice.case, choice)
    return list(found.values())
