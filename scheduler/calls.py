"""From planned deliveries to calls and back: claimed before anything goes out, settled by what became of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from scheduler import wording
from scheduler.lanes import allowance, channel_of, open_lanes, pause, spend
from scheduler.ledger import State, move, record
from scheduler.office import Office
from scheduler.quiet import quiet_until
from scheduler.quotas import Quota, covering
from scheduler.sender import Outcome, Parcel, Sender
from scheduler.tables import deliveries, slots

_BUSY_TRIES = 5
"""How often a platform may say that it is busy; what never went out is tried until its deadline."""
_LONGEST_BACK_OFF = 300.0
_PAUSE = 60.0
"""How long a lane pauses when the platform does not say."""


@dataclass(frozen=True)
class Claimed:
    """One delivery that is ours to send."""

    id: int
    tries: int
    keyed: bool
    parcel: Parcel


@dataclass(frozen=True)
class Call:
    """Deliveries of one lane and one text that go out in one call."""

    claim: str
    lane: str
    sender: Sender
    deliveries: tuple[Claimed, ...]


@dataclass(frozen=True)
class Landed:
    """A call and what became of it, an outcome for each delivery in order."""

    call: Call
    outcomes: Sequence[Outcome]


def claim(connection: Connection, office: Office, token: str, wanted: int, now: float) -> list[Call]:
    """Up to `wanted` calls that nobody else will make; they are `sending` once the transaction is on disk."""
    calls: list[Call] = []
    # In order of name, so that two processes never wait for each other's lanes.
    for lane in sorted(open_lanes(connection, now, wanted)) if wanted > 0 else ():
        sender = office.senders.get(channel_of(lane))
        if sender and len(calls) < wanted:
            calls += _claim_lane(connection, office, sender, lane, token, wanted - len(calls), now)
    return calls


def _claim_lane(
    connection: Connection, office: Office, sender: Sender, lane: str, token: str, wanted: int, now: float
) -> list[Call]:
    allowed = allowance(connection, lane, sender.pace(lane), now)
    most, size = min(wanted, allowed.calls), sender.batch
    room = min([most * size, *(_room(connection, quota, lane, office, now) for quota in covering(office.quotas, lane))])
    calls: list[Call] = []
    # A call of many addresses is claimed by itself, because it must stay within one slot.
    while room > 0 and len(calls) < most:
        rows = _take(connection, lane, token, min(room, size) if size > 1 else room, size > 1, office.lease, now)
        if not rows:
            break
        room -= len(rows)
        calls += _calls(connection, sender, lane, token, rows)
    spend(connection, lane, allowed, len(calls))
    return calls


def _room(connection: Connection, quota: Quota, lane: str, office: Office, now: float) -> int:
    """What a quota leaves in this lane; when nothing, what it limits is held back until its next period."""
    moment = office.moment(now)
    left = quota.left(connection, lane, moment)
    if left > 0:
        return left
    free = quiet_until(quota.end(moment)) or quota.end(moment)
    limited = (deliveries.c.lane == lane) & (deliveries.c.state == "planned") & (deliveries.c.ready <= now)
    if quota.urgent:
        limited &= deliveries.c.slot.in_(select(slots.c.id).where(~slots.c.urgent))
    move(
        connection, limited, "planned", wording.over_quota(quota.quota, quota.count, free), now, ready=free.timestamp()
    )
    # What is still ready is urgent and may exceed the quota, a delivery at a time.
    return 1 if quota.urgent else 0


def _take(
    connection: Connection, lane: str, token: str, most: int, one_slot: bool, lease: float, now: float
) -> Sequence[Row[Any]]:
    """Claim up to `most` deliveries by a conditional write; what it does not return another process has."""
    values = {"of_lane": lane, "token": token, "most": most, "until": now + lease, "now": now}
    rows = connection.execute(_TAKE_ONE_SLOT if one_slot else _TAKE, values).all()
    record(connection, [row.id for row in rows])
    return rows


def _taking(one_slot: bool) -> ReturningUpdate[Any]:
    ready = (
        (deliveries.c.lane == bindparam("of_lane"))
        & (deliveries.c.state == "planned")
        & (deliveries.c.ready <= bindparam("now"))
    )
    order = deliveries.c.ready, deliveries.c.id
    first = select(deliveries.c.id).where(ready).order_by(*order).limit(bindparam("most"))
    if one_slot:
        head = select(deliveries.c.slot).where(ready).order_by(*order).limit(1)
        first = first.where(deliveries.c.slot == head.scalar_subquery())
    # As a WITH, because PostgreSQL may run a subquery more than once and then claims more than the limit.
    ids = first.with_for_update(skip_locked=True).cte("ready_first")
    return (
        update(deliveries)
        .where(deliveries.c.id.in_(select(ids.c.id)), deliveries.c.state == "planned")
        .values(
            state="sending",
            reason="",
            claim=bindparam("token"),
            lease=bindparam("until"),
            ready=bindparam("now"),
            at=bindparam("now"),
            tries=deliveries.c.tries + 1,
        )
        .returning(
            deliveries.c.id,
            deliveries.c.slot,
            deliveries.c.channel,
            deliveries.c.address,
            deliveries.c.tries,
            deliveries.c.keyed,
        )
    )


_TAKE, _TAKE_ONE_SLOT = _taking(one_slot=False), _taking(one_slot=True)
_TEXTS = select(slots).where(slots.c.id.in_(bindparam("numbers", expanding=True)))


def _calls(connection: Connection, sender: Sender, lane: str, token: str, rows: Sequence[Row[Any]]) -> list[Call]:
    """The rows as calls of as many addresses as one can carry, each of one slot."""
    texts = {slot.id: slot for slot in connection.execute(_TEXTS, {"numbers": list({row.slot for row in rows})})}
    calls: list[Call] = []
    for number, group in groupby(sorted(rows, key=lambda row: (row.slot, row.id)), key=lambda row: row.slot):
        claimed = [Claimed(row.id, row.tries, row.keyed, _parcel(texts[number], row)) for row in group]
        size = sender.batch
        calls += [
            Call(token, lane, sender, tuple(claimed[start : start + size])) for start in range(0, len(claimed), size)
        ]
    return calls


def _parcel(slot: Row[Any], row: Row[Any]) -> Parcel:
    # From what it is and not from its number: a ledger begun anew in the same hour must not send it again.
    about = slot.event if slot.kind != "notice" else ""
    key = f"{slot.notice}|{slot.kind}|{slot.due}|{about}|{row.channel}|{row.address}"
    return Parcel(
        key=hashlib.sha256(key.encode()).hexdigest()[:32],
        address=row.address,
        text=slot.text,
        markdown=slot.markdown,
        mentions=tuple(json.loads(slot.mentions)),
        title=slot.notice,
    )


def settle(connection: Connection, landed: Iterable[Landed], now: float) -> None:
    """Write down what became of calls; a lane that must pause does."""
    fates: dict[Fate, list[Claimed]] = {}
    pauses = set()
    for landing in landed:
        for delivery, outcome in zip(landing.call.deliveries, landing.outcomes, strict=True):
            state, reason, ready = decide(outcome, delivery.tries, delivery.keyed, now)
            fate = Fate(landing.call.claim, state, reason, ready, outcome.code, outcome.receipt)
            fates.setdefault(fate, []).append(delivery)
            if outcome.state == "wait":
                pauses.add((landing.call.lane, outcome.until or now + _PAUSE, outcome.reason))
    # Most share a fate, so a few statements settle many.
    for fate, fated in fates.items():
        values = {"numbers": [delivery.id for delivery in fated], "now": now, **asdict(fate)}
        record(connection, connection.execute(_SETTLE, values).scalars().all())
    for lane, until, reason in sorted(pauses):
        pause(connection, lane, until, reason)


@dataclass(frozen=True)
class Fate:
    """What deliveries of one claim have come to."""

    token: str
    to: State
    why: str
    next: float
    said: int | None
    receipt_there: str


# What we learn of our own claim counts even when its lease ran out meanwhile and it was taken for lost.
_SETTLE = (
    update(deliveries)
    .where(
        deliveries.c.id.in_(bindparam("numbers", expanding=True)),
        deliveries.c.claim == bindparam("token"),
        deliveries.c.state.in_(("sending", "unknown")),
    )
    .values(
        state=bindparam("to"),
        reason=bindparam("why"),
        code=bindparam("said"),
        receipt=bindparam("receipt_there"),
        ready=bindparam("next"),
        at=bindparam("now"),
    )
    .returning(deliveries.c.id)
)


def decide(outcome: Outcome, tries: int, keyed: bool, now: float) -> tuple[State, str, float]:
    """The state, its reason and the time that a delivery gets from the outcome of its call."""
    again = min(2.0 * 3 ** (tries - 1), _LONGEST_BACK_OFF)
    if outcome.state == "retry" and outcome.code is not None and tries >= _BUSY_TRIES:
        return "failed", wording.gave_up(outcome.reason, tries), now
    if outcome.state == "retry" or (outcome.state == "unknown" and keyed):
        return "planned", wording.again(outcome.reason, tries, again), now + again
    if outcome.state == "wait":
        return "planned", outcome.reason, now
    return outcome.state, outcome.reason, now


def release(connection: Connection, claim: str, now: float) -> int:
    """Give back what was claimed but never handed out, because the answer of the store was lost."""
    mine = (deliveries.c.claim == claim) & (deliveries.c.state == "sending")
    return move(connection, mine, "planned", "", now)
