"""Sign-ups: seats at an event, a waiting list, and who has to hear of changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, delete, func, select, update

from scheduler import wording
from scheduler.audiences import person_address
from scheduler.board import Edition

# The bot asks here for all that concerns signing up.
from scheduler.events import cancelled_events as cancelled_events
from scheduler.events import is_cancelled, lock_event
from scheduler.ledger import add, move, slot_for
from scheduler.notices import Notice
from scheduler.planning import places_of, post
from scheduler.tables import deliveries, signups
from scheduler.when import Slot

Answer = Literal["in", "waiting", "already", "already_waiting", "closed", "cancelled", "no_signup"]

_SEATS_EACH = 4
"""The most seats one person may take: themselves and the family."""
_NEWS_SECONDS = 2 * 3600
_SOON_SECONDS = 14 * 3600


@dataclass(frozen=True)
class SignedUp:
    """What became of a wish to sign up."""

    answer: Answer
    seats: int = 0
    """The seats this person has now, waiting ones included."""
    position: int = 0
    """The place in the waiting list, counted from 1; 0 for who has a seat."""
    left: int | None = None
    """The seats still free; None when there is room for all."""
    closes: datetime | None = None


@dataclass(frozen=True)
class Seat:
    """A seat somebody gave back."""

    notice: str
    event: int
    waiting: bool


def sign_up(
    connection: Connection,
    notice: Notice,
    slot: Slot,
    channel: str,
    address: str,
    person: str,
    now: float,
    one_more: bool = False,
    name: str = "",
) -> SignedUp:
    """Give this person a seat at the slot's event, or a place in the waiting list; `one_more` for somebody they bring.

    `address` is the plain id that the platform gave the person, `person` the name under which they are stored.
    """
    closes = notice.closes(slot.event)
    event = int(slot.event.timestamp())
    if not notice.signup or not closes:
        return SignedUp("no_signup")
    # From here on nobody else can take the last seat.
    lock_event(connection, notice.notice, event)
    if is_cancelled(connection, notice.notice, event):
        return SignedUp("cancelled")
    mine = _mine(connection, notice.notice, event, channel, person)
    left = seats_left(connection, notice, event)
    if mine and (not one_more or len(mine) >= _SEATS_EACH):
        waiting = all(mine.values())
        position = _position(connection, notice.notice, event, channel, person) if waiting else 0
        return SignedUp("already_waiting" if waiting else "already", len(mine), position, left, closes)
    if now >= min(closes, slot.event).timestamp():
        return SignedUp("closed", closes=closes)
    waits = left is not None and left < 1
    row = {
        "notice": notice.notice, "event": event, "channel": channel, "address": address,
        "person": person, "seat": max(mine, default=0) + 1, "name": name[:64], "waiting": waits, "at": now,
    }  # fmt: skip
    add(connection, signups, [row])
    if waits:
        position = _position(connection, notice.notice, event, channel, person)
        return SignedUp("waiting", len(mine) + 1, position, 0, closes)
    return SignedUp("in", len(mine) + 1, 0, None if left is None else left - 1, closes)


def cancel_sign_up(
    connection: Connection,
    edition: Edition,
    channel: str,
    person: str,
    now: float,
    notice: str | None = None,
    event: int | None = None,
) -> list[Seat]:
    """Give back the seats of this person at coming events, of one notice or of all; who waited longest moves up."""
    gone = (signups.c.channel == channel) & (signups.c.person == person) & (signups.c.event > now)
    if notice is not None:
        gone &= signups.c.notice == notice
    if event is not None:
        gone &= signups.c.event == event
    rows = connection.execute(select(signups).where(gone).order_by(signups.c.notice, signups.c.event)).all()
    for key in sorted({(row.notice, row.event) for row in rows}):
        lock_event(connection, *key)
    connection.execute(delete(signups).where(gone))
    for name, time in sorted({(row.notice, row.event) for row in rows}):
        if name in edition.notices:
            _move_up(connection, edition, edition.notices[name], time, now)
    return [Seat(row.notice, row.event, row.waiting) for row in rows]


def forget(connection: Connection, edition: Edition, channel: str, address: str, person: str, now: float) -> int:
    """Delete what is kept of this person in sign-ups and ledger; returns the seats that were given back."""
    seats = cancel_sign_up(connection, edition, channel, person, now)
    connection.execute(delete(signups).where(signups.c.channel == channel, signups.c.person == person))
    by, place = person_address(channel, address)
    mine = (deliveries.c.channel == by) & (deliveries.c.address == place)
    move(connection, mine & (deliveries.c.state == "planned"), "cancelled", wording.FORGOTTEN, now)
    # What was sent stays counted, under a name that leads to nobody.
    connection.execute(update(deliveries).where(mine).values(address=f"forgotten:{person[:64]}"))
    return len(seats)


def seats_left(connection: Connection, notice: Notice, event: int) -> int | None:
    """The seats still free at this event; None when there is room for all."""
    if not notice.signup or notice.signup.capacity is None:
        return None
    taken = (signups.c.notice == notice.notice) & (signups.c.event == event) & ~signups.c.waiting
    return max(0, notice.signup.capacity - int(connection.execute(select(func.count()).where(taken)).scalar_one()))


def seats_of(connection: Connection, channel: str, person: str, now: float) -> list[Seat]:
    """The seats this person has at coming events, soonest first."""
    mine = (signups.c.channel == channel) & (signups.c.person == person) & (signups.c.event > now)
    rows = connection.execute(select(signups).where(mine).order_by(signups.c.event, signups.c.id)).all()
    return [Seat(row.notice, row.event, row.waiting) for row in rows]


def _mine(connection: Connection, notice: str, event: int, channel: str, person: str) -> dict[int, bool]:
    """The seats of this person, and whether they wait for each."""
    mine = (signups.c.notice == notice) & (signups.c.event == event)
    mine &= (signups.c.channel == channel) & (signups.c.person == person)
    return {row.seat: row.waiting for row in connection.execute(select(signups).where(mine))}


def _position(connection: Connection, notice: str, event: int, channel: str, person: str) -> int:
    waiting = (signups.c.notice == notice) & (signups.c.event == event) & signups.c.waiting
    rows: Sequence[tuple[str, str]] = [
        (row.channel, row.person) for row in connection.execute(select(signups).where(waiting).order_by(signups.c.id))
    ]
    return rows.index((channel, person)) + 1


def _move_up(connection: Connection, edition: Edition, notice: Notice, event: int, now: float) -> None:
    """Give the free seats to those who waited longest, and tell them."""
    left = seats_left(connection, notice, event)
    if left == 0 or is_cancelled(connection, notice.notice, event):
        return
    waiting = (signups.c.notice == notice.notice) & (signups.c.event == event) & signups.c.waiting
    first = connection.execute(select(signups).where(waiting).order_by(signups.c.id).limit(left)).all()
    if not first:
        return
    connection.execute(update(signups).where(signups.c.id.in_([row.id for row in first])).values(waiting=False))
    tell(connection, edition, "promoted", notice.notice, event, places_of(first), now)


def tell(
    connection: Connection,
    edition: Edition,
    kind: Literal["promoted", "cancelled"],
    notice: str,
    event: int,
    places: Sequence[tuple[str, str]],
    now: float,
    reason: str = "",
) -> None:
    """Plan news of an event for these addresses; the next tick sends it."""
    place = edition.notices[notice].place if notice in edition.notices else ""
    time = datetime.fromtimestamp(event, edition.zone)
    promoted = kind == "promoted"
    text = wording.promoted(notice, place, time) if promoted else wording.event_cancelled(notice, place, time, reason)
    number = slot_for(
        connection,
        notice=notice,
        kind=kind,
        due=int(now),
        event=event,
        deadline=max(event, int(now) + _NEWS_SECONDS),
        # Who sets out tomorrow morning must hear of it tonight.
        urgent=event - now < _SOON_SECONDS,
        text=text,
        markdown=False,
        mentions="[]",
    )
    post(connection, None, number, places, now)
