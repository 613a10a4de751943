"""The ledger for people: what became of every delivery, and what an admin does about it by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import Connection, select, update

from scheduler import wording
from scheduler.board import Edition
from scheduler.events import is_cancelled, lock_event
from scheduler.ledger import REACHED, move
from scheduler.planning import places_of
from scheduler.signups import tell
from scheduler.tables import deliveries, events, lanes, signups, slots, transitions
from scheduler.when.words import chinese_time

_AGAIN = ("failed", "missed", "cancelled")
"""What can be sent again without a doubt that somebody gets it twice."""


@dataclass(frozen=True)
class Record:
    """One delivery as the ledger shows it."""

    id: int
    notice: str
    at: datetime
    address: str
    state: str
    reason: str

    def as_json(self) -> dict[str, str]:
        """The record as `ledger --json` promises it."""
        at = self.at.isoformat()
        return {"notice": self.notice, "at": at, "address": self.address, "state": self.state, "reason": self.reason}

    def cells(self) -> tuple[str, ...]:
        """The record for people."""
        return (chinese_time(self.at), self.notice, self.address, wording.MEANINGS[self.state], self.reason)


def records(connection: Connection, zone: tzinfo, now: float, notice: str | None = None) -> list[Record]:
    """Every delivery in order of time; one that waits says what for."""
    found = (
        select(deliveries, slots.c.notice, slots.c.due, lanes.c.free_at, lanes.c.reason.label("pause"))
        .join(slots, slots.c.id == deliveries.c.slot)
        .outerjoin(lanes, lanes.c.lane == deliveries.c.lane)
        .order_by(slots.c.due, deliveries.c.id)
    )
    if notice is not None:
        found = found.where(slots.c.notice == notice)
    rows = connection.execute(found)
    return [
        Record(
            row.id,
            row.notice,
            datetime.fromtimestamp(row.due, zone),
            f"{row.channel}:{row.address}",
            row.state,
            row.pause if row.state == "planned" and row.pause and row.free_at > now else row.reason,
        )
        for row in rows
    ]


def history(connection: Connection, zone: tzinfo, delivery: int) -> list[tuple[str, ...]]:
    """Every change of state of one delivery, for people."""
    rows = connection.execute(select(transitions).where(transitions.c.delivery == delivery).order_by(transitions.c.id))
    return [
        (f"{datetime.fromtimestamp(row.at, zone):%Y-%m-%d %H:%M:%S}", wording.MEANINGS[row.state], row.reason)
        for row in rows
    ]


def resend(
    connection: Connection,
    edition: Edition,
    now: float,
    notice: str,
    at: datetime | None = None,
    address: str | None = None,
    unknown: bool = False,
) -> int:
    """Plan once more what did not arrive of a notice's last slot, or of the one at this time; returns how many.

    What may have arrived (`unknown`) only when asked for; what did arrive never.
    """
    due = select(slots.c.id).where(slots.c.notice == notice)
    due = due.where(slots.c.due == int(at.timestamp())) if at else due.order_by(slots.c.due.desc()).limit(1)
    numbers = list(connection.execute(due).scalars())
    states = (*_AGAIN, "unknown") if unknown else _AGAIN
    which = deliveries.c.slot.in_(numbers) & deliveries.c.state.in_(states)
    if address is not None:
        which &= (deliveries.c.channel + ":" + deliveries.c.address) == address
    until = edition.notices[notice].until if notice in edition.notices else timedelta(hours=2)
    deadline = int(now + until.total_seconds())
    return move(
        connection, which, "planned", wording.RESENT, now, ready=now, deadline=deadline, tries=0, lane="", code=None
    )


def cancel(connection: Connection, edition: Edition, now: float, notice: str, event: int, reason: str) -> int | None:
    """Call an event off and tell those who signed up or were told of it; returns how many, None when it was off before."""
    lock_event(connection, notice, event)
    if is_cancelled(connection, notice, event):
        return None
    this = (events.c.notice == notice) & (events.c.event == event)
    connection.execute(update(events).where(this).values(cancelled_at=now, reason=reason))
    about = deliveries.c.slot.in_(select(slots.c.id).where(slots.c.notice == notice, slots.c.event == event))
    waiting = about & (deliveries.c.state == "planned")
    move(connection, waiting, "cancelled", f"{wording.BY_HAND}：{reason}" if reason else wording.BY_HAND, now)
    mine = (signups.c.notice == notice) & (signups.c.event == event)
    places = places_of(connection.execute(select(signups).where(mine).order_by(signups.c.id)).all())
    told = select(deliveries.c.channel, deliveries.c.address).where(about & deliveries.c.state.in_(REACHED))
    places = list(dict.fromkeys([*places, *((row.channel, row.address) for row in connection.execute(told))]))
    tell(connection, edition, "cancelled", notice, event, places, now, reason)
    return len(places)


@dataclass(frozen=True)
class Participant:
    """One seat at an event, as the list of participants shows it."""

    notice: str
    event: datetime
    name: str
    channel: str
    address: str
    seat: int
    waiting: bool
    at: datetime

    def cells(self) -> tuple[str, ...]:
        """The participant for people."""
        state = "候补" if self.waiting else "已报上"
        who = f"{self.name}（同行第{self.seat}位）" if self.seat > 1 else self.name
        return (
            chinese_time(self.event),
            self.notice,
            state,
            who,
            self.channel,
            self.address,
            f"{self.at:%Y-%m-%d %H:%M}",
        )


HEAD = ("活动时间", "活动", "状态", "称呼", "渠道", "账号", "报名时间")


def participants(connection: Connection, zone: tzinfo, notice: str) -> list[Participant]:
    """Everybody who signed up for a notice's events, those with a seat before those who wait."""
    order = (signups.c.event, signups.c.waiting, signups.c.id)
    rows = connection.execute(select(signups).where(signups.c.notice == notice).order_by(*order))
    return [
        Participant(
            row.notice, datetime.fromtimestamp(row.event, zone), row.name, row.channel, row.address, row.seat,
            row.waiting, datetime.fromtimestamp(row.at, zone),
        )
        for row in rows
    ]  # fmt: skip


def orphans(connection: Connection, edition: Edition, now: float) -> list[tuple[str, int, int]]:
    """Coming events that people signed up for and that the notices no longer know: notice, event, seats."""
    rows = connection.execute(select(signups.c.notice, signups.c.event).where(signups.c.event > now)).all()
    seats: dict[tuple[str, int], int] = {}
    for row in rows:
        seats[row.notice, row.event] = seats.get((row.notice, row.event), 0) + 1
    return [
        (notice, event, count)
        for (notice, event), count in sorted(seats.items())
        if not edition.takes_place(notice, event) and not is_cancelled(connection, notice, event)
    ]


def csv_lines(found: Iterable[Participant]) -> list[tuple[str, ...]]:
    """The list of participants for a spreadsheet; nothing in it is taken for a formula."""
    return [HEAD, *(tuple(_plain(cell) for cell in one.cells()) for one in found)]


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
