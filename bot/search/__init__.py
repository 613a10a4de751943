"""Which practices a question is about: an index recalls, a ranking decides, and both can abstain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from bot.cases import Case, Fact, Practice
from bot.message import Choice


@dataclass(frozen=True)
class Hit:
    """A practice that may answer the question."""

    case: Case
    practice: Practice
    score: float
    """How surely it answers; comparable between questions: 0.5 is where answering starts to be right."""
    fact: Fact | None = None
    """The single fact that was asked for, if one was."""
    why: str = ""

    @property
    def choice(self) -> Choice:
        """The practice's name in a menu or a memory."""
        return Choice(self.case.id, self.practice.id)


class Matcher(Protocol):
    """Finds practices for a question."""

    def find(self, question: str, limit: int = 8, near: str = "", only: Iterable[str] | None = None) -> list[Hit]:
        """The best practices for a folded question, best first.

        `near` is the case spoken of before, which a short question may still mean; `only` are the cases to look in.
        """
        ...

    def named(self, question: str) -> tuple[list[str], str]:
        """The ids of the cases whose place is named in a folded question, and the rewritten question without those names."""
        ...
