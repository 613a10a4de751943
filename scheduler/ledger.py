"""The ledger: what is to be sent, was sent, failed and why. Every change of state is kept with its time and reason.

planned -> sending -> sent | failed | unknown, or back to planned when nothing went out; planned -> missed | cancelled.
`sending` is on disk before anything goes out, so nothing is sent twice; what was `sending` when a process died becomes
`unknown`, unless the platform refuses a repeated key.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Table, bindparam, insert, select, update
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
    moved = connection.execute(changed.returning(deliveries.c.id)).scalars().all()
    record(connection, moved)
    return len(moved)


def record(connection: Connection, numbers: Sequence[int]) -> None:
    """Write down the state that these deliveries have come to, when and why."""
    for start in range(0, len(numbers), _MANY):
        connection.execute(_RECORD, {"numbers": numbers[start : start + _MANY]})


_MANY = 5000
"""Below what a statement may have parameters."""
_RECORD = insert(transitions).from_select(
    ["delivery", "at", "state", "reason"],
    select(deliveries.c.id, deliveries.c.at, deliveries.c.state, deliveries.c.reason).where(
        deliveries.c.id.in_(bindparam("numbers", expanding=True))
    ),
)


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
