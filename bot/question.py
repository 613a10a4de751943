"""A message on its way to a reply, with what is known around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.diary import Diary
from bot.knowledge import Knowledge
from bot.message import Memory, Message, Role, Told


@dataclass(frozen=True)
class Question:
    """What was said, folded, in its conversation."""

    message: Message
    plain: str
    """Folded."""
    text: str
    """Folded, and rewritten with synonyms."""
    memory: Memory
    knowledge: Knowledge
    diary: Diary
    now: float
    """Seconds since the epoch."""
    told: Told | None = None
    """What the group was answered when somebody asked the same lately."""
    reply: str = ""
    """What the admin wrote to be said along with an action."""

    @property
    def time(self) -> datetime:
        """What the clock of the neighbourhood says."""
        return datetime.fromtimestamp(self.now, self.diary.zone)

    @property
    def role(self) -> Role:
        """The face this person gets."""
        return self.message.role
