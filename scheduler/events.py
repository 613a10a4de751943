"""Events: which an admin called off, and the lock on their seats."""

from __future__ import annotations

from sqlalchemy import Connection, select

from scheduler.ledger import add
from scheduler.tables import events


def cancelled_events(connection: Connection) -> set[tuple[str, int]]:
    """Notice and event of everything that an admin called off."""
    found = select(events.c.notice, events.c.event).where(events.c.cancelled_at.is_not(None))
    return {(row.notice, row.event) for row in connection.execute(found)}


def is_cancelled(connection: Connection, notice: str, event: int) -> bool:
    """Whether an admin called this event off."""
    off = (events.c.notice == notice) & (events.c.event == event) & events.c.cancelled_at.is_not(None)
    return connection.execute(select(events.c.event).where(off)).first() is not None


def lock_event(connection: Connection, notice: str, event: int) -> None:
    """Let nobody else change the seats of this event until the transaction ends."""
    add(connection, events, [{"notice": notice, "event": event, "cancelled_at": None, "reason": ""}])
    mine = select(events.c.event).where(events.c.notice == notice, events.c.event == event)
    connection.execute(mine.with_for_update())
