"""Whom an official account may write to: a message opens a long window, a tap or a follow a short one, each with few credits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from sqlalchemy import ColumnElement, Connection, Dialect, Engine, and_, bindparam, delete, or_, select, update

from bot.message import Message
from bot.store.prepared import Prepared
from bot.store.tables import contacts as table
from bot.store.upsert import upsert

_ACTIONS = frozenset({"click", "scancode_push", "scancode_waitmsg", "subscribe", "scan"})
_MESSAGES = frozenset({"text", "voice", "image", "video", "location", "link", "unknown"})

Grant = Literal["action", "message"]


@dataclass(frozen=True)
class Window:
    """How many messages may follow for how many seconds."""

    count: int
    seconds: float


def note_contact(connection: Connection, message: Message, person: str, at: float) -> None:
    """Remember what this person, by the name under which they are stored, did at this time."""
    who = {"channel": message.channel, "person": person}
    if grant := _grant(message):
        # Of a known person only this window changes; the other one stays as it is.
        upsert(connection, table, [{**who, f"{grant}_at": at, f"{grant}_used": 0}], keys=("channel", "person"))
    elif message.event == "unsubscribe":
        _forgotten(connection.dialect).run(connection, who)


@lru_cache
def _forgotten(dialect: Dialect) -> Prepared:
    named = (table.c.channel == bindparam("channel")) & (table.c.person == bindparam("person"))
    return Prepared(delete(table).where(named), dialect)


def _grant(message: Message) -> Grant | None:
    """Which window this opens. A menu tap arrives as a text with the event that it was."""
    if message.channel != "official_account":
        return None
    if message.event in _ACTIONS:
        return "action"
    return "message" if message.kind in _MESSAGES and not message.event else None


class Contacts:
    """The windows and credits of the persons of one channel."""

    def __init__(self, engine: Engine, channel: str, message: Window, action: Window) -> None:
        self._engine = engine
        self._channel = channel
        self._windows: dict[Grant, Window] = {"action": action, "message": message}

    def take(self, person: str, now: float) -> Grant | None:
        """Spend one credit, of the window that closes first; None when none is left."""
        with self._engine.begin() as connection:
            for grant, window in self._windows.items():
                at, used = table.c[f"{grant}_at"], table.c[f"{grant}_used"]
                open_one = and_(at > now - window.seconds, used < window.count)
                spend = update(table).where(self._is(person), open_one).values({used: used + 1})
                if connection.execute(spend).rowcount:
                    return grant
        return None

    def give_back(self, person: str, grant: Grant) -> None:
        """Return a credit for a message that did not go out."""
        used = table.c[f"{grant}_used"]
        with self._engine.begin() as connection:
            connection.execute(update(table).where(self._is(person), used > 0).values({used: used - 1}))

    def close(self, person: str) -> None:
        """The platform says that nothing is left: until the person comes back, so do we."""
        with self._engine.begin() as connection:
            connection.execute(update(table).where(self._is(person)).values(message_at=0.0, action_at=0.0))

    def is_open(self, person: str, now: float) -> bool:
        """True while some window is open, with credits or without."""
        opened = [table.c[f"{grant}_at"] > now - window.seconds for grant, window in self._windows.items()]
        query = select(table.c.person).where(self._is(person), or_(*opened))
        with self._engine.execution_options(read_only=True).connect() as connection:
            return connection.execute(query).first() is not None

    def _is(self, person: str) -> ColumnElement[bool]:
        return and_(table.c.channel == self._channel, table.c.person == person)
