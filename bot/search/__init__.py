"""Which practices a question is about: an index recalls, a ranking decides, and both can abstain."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from bot.cases import Case, Fact, Practice
from bot.message import Choice


class Read(Protocol):
    """A question as the search has read it."""

    def fact(self, number: int) -> Fact | None:
        """The fact asked for of the practice with this number."""
        ...

    def beside(self, number: int) -> list[Fact]:
        """Other facts of its case that say something of what was asked, the closest first."""
        ...

    def why(self, number: int) -> str:
        """What speaks for this practice."""
        ...


class Hit(NamedTuple):
    """A practice that may answer the question."""

    case: Case
    practice: Practice
    score: float
    """How surely it answers; comparable between questions: at about 0.5 answering starts to be right."""
    read: Read
    number: int
    """Of the practice, for the reading."""

    @property
    def fact(self) -> Fact | None:
        """The single fact that was asked for, if one was."""
        return self.read.fact(self.number)

    @property
    def beside(self) -> list[Fact]:
        """Other facts of the case that say something of what was asked, the closest first."""
        return self.read.beside(self.number)

    @property
    def why(self) -> str:
        """What speaks for it."""
        return self.read.why(self.number)

    def __str__(self) -> str:
        return f"{self.case.id}/{self.practice.id} {self.score:.2f}（{self.why}）"

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
