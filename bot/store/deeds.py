"""What the bot does besides talking; carried out in the transaction that settles the reply."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from bot import wording
from bot.message import Deed, Message
from bot.privacy import pseudonym
from bot.store.tables import (
    contacts,
    credits,
    feedback,
    handovers,
    invite_tries,
    invites,
    messages,
    subscriptions,
    workers,
)
from bot.store.upsert import upsert
from scheduler.board import Edition
from scheduler.ledger import report
from scheduler.notices import Upcoming
from scheduler.planning import plan_message
from scheduler.signups import cancel_sign_up, forget, sign_up
from scheduler.when import slots

_INSTANT = timedelta(microseconds=1)
_TRIES, _PAUSE = 5, 3600.0
"""Wrong invite codes a person may send, and the seconds until the next try."""


@dataclass(frozen=True)
class Scene:
    """A deed with everything it needs."""

    connection: Connection
    message: Message
    person: str
    detail: Mapping[str, str]
    now: float
    edition: Edition
    duty: str


def doer(
    secret: str, edition: Callable[[], Edition], duty: str = ""
) -> Callable[[Connection, Message, Deed, float], str]:
    """A function that carries out any deed and returns what to say; `duty` is the userid that hears of hand-overs."""

    def do(connection: Connection, message: Message, deed: Deed, now: float) -> str:
        person = pseudonym(secret, message.channel, message.person)
        return _DEEDS[deed.name](Scene(connection, message, person, deed.detail, now, edition(), duty))

    return do


def _hand_over(scene: Scene) -> str:
    """Note it for the workers, and tell the one on duty."""
    number = _note(scene, "human")
    if scene.duty:
        text = wording.on_duty(number, scene.detail["question"], scene.detail["context"])
        plan_message(scene.connection, "转人工", number, "wecom_app", f"user:{scene.duty}", text, scene.now)
    return scene.detail["say"]


def _complain(scene: Scene) -> str:
    _note(scene, "complaint")
    return scene.detail["say"]


def _note(scene: Scene, kind: str) -> int:
    row = {
        "channel": scene.message.channel, "person": scene.person, "at": scene.now, "kind": kind,
        "question": scene.detail["question"], "context": scene.detail["context"], "done": False,
    }  # fmt: skip
    return int(scene.connection.execute(insert(handovers).returning(handovers.c.id), row).scalar_one())


def _erase(scene: Scene) -> str:
    """Delete what is kept of this person; the row of this very message stays, emptied, so that a retry is recognised."""
    counts = {"seats": forget(scene.connection, scene.edition, *_who(scene), scene.now)}
    for name, table in (("messages", messages), ("subscriptions", subscriptions), ("handovers", handovers)):
        mine = (table.c.channel == scene.message.channel) & (table.c.person == scene.person)
        if table is messages:
            mine &= table.c.key != scene.message.key
        counts[name] = scene.connection.execute(delete(table).where(mine)).rowcount
    for table in (workers, invite_tries, feedback, contacts, credits):
        mine = (table.c.channel == scene.message.channel) & (table.c.person == scene.person)
        scene.connection.execute(delete(table).where(mine))
    own = (messages.c.channel == scene.message.channel) & (messages.c.key == scene.message.key)
    scene.connection.execute(update(messages).where(own).values(text="", person="", memory="{}"))
    if scene.message.kind == "event":
        return ""
    return wording.erased(**counts)


def _who(scene: Scene) -> tuple[str, str, str]:
    """Channel, plain id and stored name, as sign-ups want them."""
    return scene.message.channel, scene.message.person, scene.person


def _sign_up(scene: Scene) -> str:
    """A seat, with one more for whom they bring."""
    notice = scene.edition.notices[scene.detail["notice"]]
    time = datetime.fromtimestamp(int(scene.detail["event"]), scene.edition.zone)
    event = Upcoming(notice, next(slots(notice.when, notice.holiday, (), time, time + _INSTANT, scene.edition.zone)))
    more = scene.detail["more"]
    if more == "2":
        sign_up(scene.connection, notice, event.slot, *_who(scene), scene.now)
    result = sign_up(scene.connection, notice, event.slot, *_who(scene), scene.now, one_more=bool(more))
    return wording.signed_up(event, result)


def _cancel_sign_up(scene: Scene) -> str:
    channel, _, person = _who(scene)
    seats = [
        seat
        for notice in scene.detail["notices"].split(",")
        for seat in cancel_sign_up(scene.connection, scene.edition, channel, person, scene.now, notice)
    ]
    return wording.gave_back([seat.notice for seat in seats])


def _subscribe(scene: Scene) -> str:
    topics = scene.detail["topics"].split(",")
    rows = [
        {
            "channel": scene.message.channel, "address": scene.message.person, "topic": topic,
            "person": scene.person, "at": scene.now,
        }
        for topic in topics
    ]  # fmt: skip
    upsert(scene.connection, subscriptions, rows)
    return wording.subscribed(topics)


def _unsubscribe(scene: Scene) -> str:
    mine = (subscriptions.c.channel == scene.message.channel) & (subscriptions.c.person == scene.person)
    topics = [topic for topic in scene.detail["topics"].split(",") if topic]
    if topics:
        mine &= subscriptions.c.topic.in_(topics)
    had = scene.connection.execute(select(subscriptions.c.topic).where(mine)).scalars().all()
    scene.connection.execute(delete(subscriptions).where(mine))
    return wording.unsubscribed(sorted(had))


def _invite(scene: Scene) -> str:
    """Make a follower a worker when the code is good; five wrong codes pause for an hour."""
    connection, channel = scene.connection, scene.message.channel
    mine = (invite_tries.c.channel == channel) & (invite_tries.c.person == scene.person)
    tried = connection.execute(select(invite_tries.c.failures, invite_tries.c.until).where(mine)).first()
    if tried and tried.failures >= _TRIES and scene.now < tried.until:
        return wording.INVITE_PAUSED
    code = invite_key(scene.detail["code"])
    good = (invites.c.code == code) & (invites.c.uses_left > 0) & (invites.c.expires_at > scene.now)
    used = connection.execute(update(invites).where(good).values(uses_left=invites.c.uses_left - 1)).rowcount
    if not used:
        failures = tried.failures + 1 if tried and scene.now < tried.until else 1
        row = {"channel": channel, "person": scene.person, "failures": failures, "until": scene.now + _PAUSE}
        upsert(connection, invite_tries, [row], keys=("channel", "person"))
        return wording.INVITE_WRONG
    upsert(connection, workers, [{"channel": channel, "person": scene.person, "at": scene.now}])
    connection.execute(delete(invite_tries).where(mine))
    return wording.INVITE_GOOD


def invite_key(code: str) -> str:
    """How an invite code is stored: not as it is typed."""
    return hashlib.sha256(code.encode()).hexdigest()


def _report(scene: Scene) -> str:
    """Note in the ledger what the platform says later of notices it had accepted."""
    parts = list(scene.detail.values())
    for receipt, state, reason in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        report(
            scene.connection, scene.message.channel, receipt, "sent" if state == "sent" else "failed", reason, scene.now
        )
    return ""


def _feedback(scene: Scene) -> str:
    row = {
        "channel": scene.message.channel, "person": scene.person, "at": scene.now,
        "message": scene.detail["message"], "verdict": scene.detail["verdict"], "detail": scene.detail["detail"],
    }  # fmt: skip
    scene.connection.execute(insert(feedback), row)
    return ""


_DEEDS: dict[str, Callable[[Scene], str]] = {
    "human": _hand_over,
    "complaint": _complain,
    "erase": _erase,
    "signup": _sign_up,
    "cancel_signup": _cancel_sign_up,
    "subscribe": _subscribe,
    "unsubscribe": _unsubscribe,
    "invite": _invite,
    "feedback": _feedback,
    "report": _report,
}
