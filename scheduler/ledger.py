"""The ledger: what is to be sent, was sent, failed and why. Every change of state is kept with its time and reason.

planned -> sending -> sent | failed | unknown, or back to planned when nothing went out; planned -> missed | cancelled.
`sending` is on disk before anything goes out, so nothing is sent twice; what was `sending` when a process died becomes
`unknown`, unless the platform refuses a repeated key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Table, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from scheduler import wording
from scheduler.tables import deliveries, slots, transitions

State = Literal["planned", "sending", "sent", "failed", "unknown", "missed", "cancelled"]

REACHED = ("sending", "sent", "unknown")
"""The states of what may have reached somebody: by these quotas are counted."""


def add(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert those rows that are not there yet."""
    if rows:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        connection.execute(dialect.insert(table).on_conflict_do_nothing(), list(rows))


def move(
    connection: Connection,
    which: ColumnElement[bool],
    state: State,
    reason: str | ColumnElement[str],
    now: float,
    **values: Any,
) -> int:
    """Bring every delivery of `which` to this state and record it; returns how many."""
    ids = select(deliveries.c.id).where(which).with_for_update(skip_locked=True)
    changed = update(deliveries).where(deliveries.c.id.in_(ids)).values(state=state, reason=reason, at=now, **values)
    rows = connection.execute(changed.returning(deliveries.c.id, deliveries.c.reason)).all()
    record(connection, ((row.id, state, row.reason) for row in rows), now)
    return len(rows)


def record(connection: Connection, rows: Iterable[tuple[int, str, str]], now: float) -> None:
    """Write down to which state these deliveries came and why."""
    values = [{"delivery": delivery, "at": now, "state": state, "reason": reason} for delivery, state, reason in rows]
    if values:
        connection.execute(insert(transitions), values)


def slot_for(connection: Connection, **values: Any) -> int:
    """The number of the slot with these values, which is made when it is new."""
    key = ("notice", "kind", "due", "event")
    add(connection, slots, [values])
    return int(
        connection.execute(select(slots.c.id).where(*(slots.c[name] == values[name] for name in key))).scalar_one()
    )


def recover(connection: Connection, now: float) -> int:
    """Settle what was on the wire when its process died; its lease has run out."""
    lost = (deliveries.c.state == "sending") & (deliveries.c.lease < now)
    again = move(connection, lost & deliveries.c.keyed, "planned", wording.KEYED_AGAIN, now, ready=now)
    return again + move(connection, lost & ~deliveries.c.keyed, "unknown", wording.INTERRUPTED, now)


def report(
    connection: Connection, channel: str, receipt: str, state: Literal["sent", "failed"], reason: str, now: float
) -> int:
    """Note what the platform says later of something it had accepted; returns how many deliveries it was about."""
    if not receipt:
        return 0
    accepted = deliveries.c.state.in_(("sent", "unknown"))
    mine = (deliveries.c.channel == channel) & (deliveries.c.receipt == receipt) & accepted
    return move(connection, mine, state, reason, now)
