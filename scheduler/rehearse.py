"""A rehearsal: the real ledger and delivery with a pretend clock and pretend channels; nothing leaves the machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import groupby
from pathlib import Path

from sqlalchemy import Connection, Engine, event, func, select

from scheduler import wording
from scheduler.board import Noticeboard
from scheduler.office import Office
from scheduler.preview import aligned
from scheduler.quotas import Quota
from scheduler.records import Record, records
from scheduler.sender import Outcome, Parcel, Sender
from scheduler.tables import deliveries, metadata
from scheduler.tick import tick
from scheduler.when.words import chinese_time

_CHANNELS = ("wecom_group", "wecom_app", "official_account")
_STEP = 3.0
"""Seconds between looks at a lane that is paced."""


class PretendSender:
    """Takes every parcel and sends none."""

    batch = 1

    def __init__(self, channel: str) -> None:
        self.channel = channel

    def lane(self, address: str) -> str:
        """As the real channels: a robot is paced for itself."""
        return f"{self.channel}:{address}" if self.channel == "wecom_group" else self.channel

    def pace(self, lane: str) -> tuple[int, float]:
        """Fast: a rehearsal is about who gets what, not about how long it takes."""
        return 6000, 60.0

    def keyed(self, lane: str) -> bool:
        """Nothing breaks here."""
        return False

    async def send(self, parcels: Sequence[Parcel], now: float) -> Sequence[Outcome]:
        """Say that all arrived."""
        return [Outcome("sent", "演练，没有真的发出")] * len(parcels)


async def rehearse(
    home: Path,
    environment: Mapping[str, str],
    engine: Engine,
    quotas: Sequence[Quota],
    zone: tzinfo,
    start: datetime,
    days: int,
) -> list[str]:
    """Who would get what in these days, line by line; `engine` is an empty database that is thrown away."""
    # Nothing here must outlive the process, so the disk is not waited for.
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    metadata.create_all(engine)
    time = start.timestamp()
    end = (start + timedelta(days=days)).timestamp()
    board = Noticeboard(home, environment, zone, lambda: time)
    senders: dict[str, Sender] = {channel: PretendSender(channel) for channel in _CHANNELS}
    office = Office(engine, board, senders, _some_subscriber, tuple(quotas), zone, lambda: time)
    # The first tick only notes the time: a slot is due after it and not at it.
    time -= 1
    while time < end:
        await tick(time, office)
        time = _next_time(office, time)
    with engine.connect() as connection:
        return list(_told(records(connection, zone, time)))


def _some_subscriber(connection: Connection, channel: str, topic: str) -> list[str]:
    return [f"订阅“{topic}”的人"]


def _next_time(office: Office, now: float) -> float:
    """The next time at which anything can happen."""
    slot = office.board.current.next_after(office.moment(now))
    with office.engine.connect() as connection:
        waiting = connection.execute(
            select(func.min(deliveries.c.ready)).where(deliveries.c.state == "planned")
        ).scalar()
    times = [slot.timestamp()] if slot else []
    if waiting is not None:
        times.append(max(float(waiting), now + _STEP))
    return min(times, default=float("inf"))


def _told(found: Sequence[Record]) -> Iterator[str]:
    """The records, those of one slot with the same fate in one line, and what they add up to."""
    lines = []
    for (at, notice, state, reason), group in groupby(
        found, key=lambda one: (one.at, one.notice, one.state, one.reason)
    ):
        addresses = [one.address for one in group]
        why = "" if state == "sent" else reason
        lines.append(
            (chinese_time(at), notice, wording.MEANINGS[state], f"{len(addresses)}个地址", "、".join(addresses), why)
        )
    yield from aligned(lines) if lines else ["这段时间没有要发的通知"]
    counts = {state: sum(one.state == state for one in found) for state in wording.MEANINGS}
    yield "共" + "，".join(f"{wording.MEANINGS[state]} {count}" for state, count in counts.items() if count)
