"""What the notice process works with; built in one place and handed to every step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import Connection, Engine

from scheduler.board import Noticeboard
from scheduler.quotas import Quota
from scheduler.sender import Sender

Subscribers = Callable[[Connection, str, str], Iterable[str]]
"""The ids of those who subscribed, by channel and topic; the bot keeps them."""


@dataclass(frozen=True)
class Office:
    """Everything a tick needs besides the time."""

    engine: Engine
    board: Noticeboard
    senders: Mapping[str, Sender]
    subscribers: Subscribers
    quotas: tuple[Quota, ...]
    zone: tzinfo
    clock: Callable[[], float]
    in_flight: int = 32
    """Calls on the wire at once."""
    patience: float = 30.0
    """Seconds after which a call without an answer is given up."""
    lease: float = 90.0
    """Seconds after which what was on the wire is taken for lost; longer than the patience, by what a stalled disk may cost."""

    def moment(self, seconds: float) -> datetime:
        """A time of the ledger on the clock of the neighbourhood."""
        return datetime.fromtimestamp(seconds, self.zone)
