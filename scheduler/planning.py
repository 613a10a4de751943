"""From slots to planned deliveries, and what happens to those while they wait: edits, quiet hours, deadlines."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, exists, func, insert, literal, select, update

from scheduler import wording
from scheduler.audiences import person_address
from scheduler.events import cancelled_events, is_cancelled
from scheduler.ledger import State, add, move, slot_for
from scheduler.notices import Notice
from scheduler.office import Office
from scheduler.quiet import quiet_until
from scheduler.tables import deliveries, lanes, signups, slots, ticks, transitions
from scheduler.when import Slot
from scheduler.when.words import chinese_time

log = logging.getLogger(__name__)

_LONGEST_STOP = timedelta(days=31)
"""What was missed longer ago is not written down one by one."""
_MESSAGE_SECONDS = 2 * 3600
"""How late a message to one person may still go out."""
_TAKEN_BACK = (wording.REMOVED, wording.MOVED, wording.NOT_ADDRESSED)
"""Why an edit cancels a delivery; another edit may bring it back."""


def plan(connection: Connection, office: Office, now: float) -> int:
    """Plan a delivery to every address of every slot since the last tick; those too late are recorded as missed."""
    moment = office.moment(now)
    since = max(office.moment(_seen(connection, now)), moment - _LONGEST_STOP)
    due = office.board.current.due(since, moment)
    for notice, slot in due:
        _plan_slot(connection, office, notice, slot, now)
    connection.execute(update(ticks).where(ticks.c.seen < now).values(seen=now))
    return len(due)


def _seen(connection: Connection, now: float) -> float:
    """Up to when slots were planned; holding the row keeps two processes from planning at once."""
    add(connection, ticks, [{"id": 1, "seen": now}])
    return float(connection.execute(select(ticks.c.seen).with_for_update()).scalar_one())


def _plan_slot(connection: Connection, office: Office, notice: Notice, slot: Slot, now: float) -> None:
    due = int(slot.at.timestamp())
    known = select(slots.c.id).where(slots.c.notice == notice.notice, slots.c.due == due, slots.c.kind == "notice")
    if connection.execute(known).first():
        return
    values = _content(notice, slot, office.moment(now))
    number = slot_for(connection, notice=notice.notice, kind="notice", due=due, **values)
    state, reason = _beginning(connection, notice, slot, now)
    places = recipients(connection, office, notice, values["event"])
    post(connection, office, number, places, now, state, reason)
    log.info("%s %s %s 共 %d 个地址", notice.notice, chinese_time(slot.at), wording.MEANINGS[state], len(places))


def _content(notice: Notice, slot: Slot, moment: datetime) -> dict[str, Any]:
    """What a slot's row says of the notice as it is now."""
    return {
        "event": int(slot.event.timestamp()),
        "deadline": int((slot.at + notice.until).timestamp()),
        "urgent": notice.urgent,
        "text": notice.render(slot, moment),
        "markdown": notice.markdown,
        "mentions": json.dumps(notice.mentions, ensure_ascii=False),
    }


def _beginning(connection: Connection, notice: Notice, slot: Slot, now: float) -> tuple[State, str]:
    if is_cancelled(connection, notice.notice, int(slot.event.timestamp())):
        return "cancelled", wording.EVENT_CANCELLED
    late = timedelta(seconds=int(now - slot.at.timestamp()))
    if late > notice.until:
        return "missed", wording.missed(late, notice.until)
    return "planned", ""


def recipients(connection: Connection, office: Office, notice: Notice, event: int) -> list[tuple[str, str]]:
    """Channel and address of everybody who gets this notice for this event: its audiences and who signed up."""
    found: list[tuple[str, str]] = []
    for audience in office.board.current.audiences_of(notice):
        found += [(audience.channel, address) for address in office.board.addresses(audience)]
        if audience.topic:
            people = office.subscribers(connection, audience.channel, audience.topic)
            found += [person_address(audience.channel, person) for person in people]
    if notice.signup:
        found += signed_up(connection, notice.notice, event)
    return list(dict.fromkeys(found))


def signed_up(connection: Connection, notice: str, event: int) -> list[tuple[str, str]]:
    """Channel and address of those who have a seat."""
    mine = (signups.c.notice == notice) & (signups.c.event == event) & ~signups.c.waiting
    return places_of(connection.execute(select(signups).where(mine).order_by(signups.c.id)).all())


def places_of(rows: Iterable[Row[Any]]) -> list[tuple[str, str]]:
    """Channel and address of people who signed up, each once."""
    return list(dict.fromkeys(person_address(row.channel, row.address) for row in rows))


def post(
    connection: Connection,
    office: Office | None,
    slot: int,
    places: Iterable[tuple[str, str]],
    now: float,
    state: State = "planned",
    reason: str = "",
) -> None:
    """Write a delivery of this slot for every channel and address; without an office the next tick finds the lane."""
    urgent, deadline = connection.execute(select(slots.c.urgent, slots.c.deadline).where(slots.c.id == slot)).one()
    rows = [
        {
            "slot": slot, "channel": channel, "address": address, "lane": "", "keyed": False, "state": state,
            "reason": reason, "code": None, "tries": 0, "ready": 0.0 if urgent else now, "deadline": deadline,
            "claim": "", "lease": 0.0, "receipt": "", "at": now,
        }
        for channel, address in places
    ]  # fmt: skip
    fresh = (deliveries.c.slot == slot) & ~exists().where(transitions.c.delivery == deliveries.c.id)
    add(connection, deliveries, rows)
    history = select(deliveries.c.id, literal(now), deliveries.c.state, deliveries.c.reason).where(fresh)
    connection.execute(insert(transitions).from_select(["delivery", "at", "state", "reason"], history))
    if office:
        place(connection, office, now)


def plan_message(
    connection: Connection, name: str, number: int, channel: str, address: str, text: str, now: float
) -> None:
    """Plan a text of its own to one address, due now; `number` tells it from others of this name."""
    slot = slot_for(
        connection,
        notice=name,
        kind="message",
        due=int(now),
        event=number,
        deadline=int(now) + _MESSAGE_SECONDS,
        urgent=True,
        text=text,
        markdown=False,
        mentions="[]",
    )
    post(connection, None, slot, [(channel, address)], now)


def place(connection: Connection, office: Office, now: float) -> None:
    """Put every planned delivery without a lane into the lane its sender says, or fail it when there is no sender."""
    homeless = (deliveries.c.state == "planned") & (deliveries.c.lane == "")
    rows = connection.execute(select(deliveries.c.id, deliveries.c.channel, deliveries.c.address).where(homeless)).all()
    found = []
    for channel in {row.channel for row in rows} - set(office.senders):
        move(connection, homeless & (deliveries.c.channel == channel), "failed", wording.no_sender(channel), now)
    for row in rows:
        if sender := office.senders.get(row.channel):
            lane = sender.lane(row.address)
            found.append({"number": row.id, "in_lane": lane, "is_keyed": sender.keyed(lane)})
    if found:
        names = sorted({one["in_lane"] for one in found})
        add(connection, lanes, [{"lane": name, "free_at": 0.0, "reason": ""} for name in names])
        connection.execute(_PLACE, found)


_PLACE = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("number"))
    .values(lane=bindparam("in_lane"), keyed=bindparam("is_keyed"))
)


def revise(connection: Connection, office: Office, now: float) -> None:
    """Bring what is still to be sent in line with the notices as they are now: an old text never goes out."""
    places: dict[int, list[Any]] = {}
    for place in connection.execute(_OPEN_PLACES, {"now": now}):
        places.setdefault(place.slot, []).append(place)
    if not places:
        return
    off = cancelled_events(connection)
    for row in connection.execute(select(slots).where(slots.c.id.in_(places))).all():
        _revise_slot(connection, office, row, places[row.id], off, now)


_CAN_COME_BACK = (
    (deliveries.c.state == "cancelled")
    & deliveries.c.reason.in_(_TAKEN_BACK)
    & (deliveries.c.deadline >= bindparam("now"))
)
_OPEN_PLACES = (
    select(deliveries.c.id, deliveries.c.slot, deliveries.c.channel, deliveries.c.address, deliveries.c.state)
    .join(slots, slots.c.id == deliveries.c.slot)
    .where(slots.c.kind == "notice", (deliveries.c.state == "planned") | _CAN_COME_BACK)
)
_SOME_OPEN = select(deliveries.c.id).where(deliveries.c.state.in_(("planned", "sending")) | _CAN_COME_BACK).limit(1)


def is_idle(connection: Connection, now: float) -> bool:
    """Whether nothing waits, is on the wire or could come back: so it is most of the time."""
    return connection.execute(_SOME_OPEN, {"now": now}).first() is None


def _revise_slot(
    connection: Connection,
    office: Office,
    row: Row[Any],
    places: Sequence[Any],
    off: Collection[tuple[str, int]],
    now: float,
) -> None:
    planned = (deliveries.c.slot == row.id) & (deliveries.c.state == "planned")
    notice = office.board.current.notices.get(row.notice)
    slot = office.board.current.slot(notice, office.moment(row.due)) if notice else None
    if notice is None or slot is None:
        move(connection, planned, "cancelled", wording.MOVED if notice else wording.REMOVED, now)
        return
    values = _content(notice, slot, office.moment(now))
    if (row.notice, values["event"]) in off:
        move(connection, planned, "cancelled", wording.EVENT_CANCELLED, now)
        return
    _rewrite(connection, row, values, now)
    wanted = set(recipients(connection, office, notice, values["event"]))
    for place in places:
        one, fits = deliveries.c.id == place.id, (place.channel, place.address) in wanted
        if place.state == "planned" and not fits:
            move(connection, one & planned, "cancelled", wording.NOT_ADDRESSED, now)
        elif place.state == "cancelled" and fits:
            move(connection, one, "planned", wording.RESTORED, now, ready=now)


def _rewrite(connection: Connection, row: Row[Any], values: dict[str, Any], now: float) -> None:
    """Change the slot where the notice says something else now."""
    changes = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changes:
        return
    connection.execute(update(slots).where(slots.c.id == row.id).values(changes))
    planned = (deliveries.c.slot == row.id) & (deliveries.c.state == "planned")
    if "deadline" in changes:
        # A delivery that an admin had sent again keeps the later deadline it got then.
        later = case((deliveries.c.deadline > row.deadline, deliveries.c.deadline), else_=changes["deadline"])
        connection.execute(update(deliveries).where(planned).values(deadline=later))
    if set(changes) - {"deadline"}:
        move(connection, planned, "planned", wording.CHANGED, now)


def hold(connection: Connection, office: Office, now: float) -> int:
    """Hold back over the quiet hours what is not urgent; returns how many."""
    free = quiet_until(office.moment(now))
    if free is None:
        return 0
    calm = deliveries.c.slot.in_(select(slots.c.id).where(~slots.c.urgent))
    begun = (deliveries.c.state == "planned") & (deliveries.c.ready <= now) & calm
    return move(connection, begun, "planned", wording.quiet(free), now, ready=free.timestamp())


def expire(connection: Connection, now: float) -> int:
    """Give up what can no longer go out in time; returns how many."""
    late = (deliveries.c.state == "planned") & (
        (deliveries.c.deadline < now) | (deliveries.c.ready > deliveries.c.deadline)
    )
    paused = select(lanes.c.reason).where(lanes.c.lane == deliveries.c.lane, lanes.c.free_at > now).scalar_subquery()
    why = func.coalesce(func.nullif(deliveries.c.reason, ""), paused, "")
    reason = case((why == "", wording.TOO_LATE), else_=why + f"；{wording.TOO_LATE}")
    missed = move(connection, late & (deliveries.c.tries == 0), "missed", reason, now)
    return missed + move(connection, late & (deliveries.c.tries > 0), "failed", reason, now)
