"""Whom an official account may write to: a message opens a long window, a tap or a follow a short one, each with few credits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Engine, Table, and_, case, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.message import Message
from bot.store.tables import credits as table
from bot.store.tables import messages

_ACTIONS = frozenset({"click", "scancode_push", "scancode_waitmsg", "subscribe", "scan"})
_MESSAGES = frozenset({"text", "voice", "image", "video", "location", "link", "unknown"})
_ALL_SPENT = 1_000_000

Grant = Literal["action", "message"]


@dataclass(frozen=True)
class Window:
    """How many messages may follow for how many seconds."""

    count: int
    seconds: float


def opens(message: Message) -> Grant | None:
    """Which window a message opens. A menu tap arrives as a text with the event that it was."""
    if message.channel != "official_account":
        return None
    if message.event in _ACTIONS:
        return "action"
    return "message" if message.kind in _MESSAGES and not message.event else None


class Contacts:
    """The windows of the persons of one channel, which their last messages opened, and the credits spent in each."""

    def __init__(self, engine: Engine, channel: str, message: Window, action: Window) -> None:
        self._engine = engine
        self._insert: Any = (postgresql if engine.dialect.name == "postgresql" else sqlite).insert
        self._channel = channel
        self._windows: dict[Grant, Window] = {"action": action, "message": message}

    def take(self, person: str, now: float) -> Grant | None:
        """Spend one credit, of the window that closes first; None when none is left."""
        with self._engine.begin() as connection:
            for grant, opener in self._open(connection, person, now).items():
                if self._spend(connection, person, grant, opener):
                    return grant
        return None

    def give_back(self, person: str, grant: Grant) -> None:
        """Return a credit for a message that did not go out."""
        with self._engine.begin() as connection:
            spent = and_(self._is(table, person), table.c.grant == grant, table.c.used > 0)
            connection.execute(update(table).where(spent).values(used=table.c.used - 1))

    def close(self, person: str, now: float) -> None:
        """The platform says that nothing is left: until the person comes back, so do we."""
        with self._engine.begin() as connection:
            for grant, opener in self._open(connection, person, now).items():
                self._spend(connection, person, grant, opener)
            connection.execute(update(table).where(self._is(table, person)).values(used=_ALL_SPENT))

    def is_open(self, person: str, now: float) -> bool:
        """True while some window is open, with credits or without."""
        closed = select(table.c.opener).where(self._is(table, person), table.c.used >= _ALL_SPENT)
        with self._engine.execution_options(read_only=True).connect() as connection:
            openers = {*self._open(connection, person, now).values()}
            return not openers.issubset(connection.execute(closed).scalars())

    def _open(self, connection: Connection, person: str, now: float) -> dict[Grant, int]:
        """The messages that opened the windows still open, that of the window that closes first in front."""
        found: dict[Grant, int] = {}
        for grant, window in self._windows.items():
            mine = and_(self._is(messages, person), messages.c.chat == "", messages.c.opens == grant)
            last = select(messages.c.id, messages.c.at).where(mine).order_by(messages.c.id.desc()).limit(1)
            opened = connection.execute(last).first()
            if opened and opened.at > now - window.seconds:
                found[grant] = opened.id
        return found

    def _spend(self, connection: Connection, person: str, grant: Grant, opener: int) -> bool:
        """Spend a credit of the window this message opened; False when none is left."""
        anew = table.c.opener != opener
        row = {"channel": self._channel, "person": person, "grant": grant, "opener": opener, "used": 1}
        statement = self._insert(table).values(row).returning(table.c.used)
        # Told by the row: rowcount says nothing of it on PostgreSQL.
        spend = statement.on_conflict_do_update(
            index_elements=[*table.primary_key],
            set_={"opener": opener, "used": case((anew, 1), else_=table.c.used + 1)},
            where=or_(anew, table.c.used < self._windows[grant].count),
        )
        return connection.execute(spend).first() is not None

    def _is(self, rows: Table, person: str) -> ColumnElement[bool]:
        return and_(rows.c.channel == self._channel, rows.c.person == person)
