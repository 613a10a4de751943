"""Lanes: what is paced and paused together, shared by all processes through the store."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, update

from scheduler.tables import deliveries, lanes

_BURST_SECONDS = 1.0
"""A fast lane is reserved for so long at once; one with less than a call in that time goes call by call."""


def channel_of(lane: str) -> str:
    """The channel a lane belongs to: its name begins with it."""
    return lane.partition(":")[0]


def open_lanes(connection: Connection, now: float, limit: int) -> list[str]:
    """Lanes that may be used now and have something to send, those that waited longest first."""
    return list(connection.execute(_OPEN, {"now": now, "most": limit}).scalars())


# One look into the index for each lane; as an EXISTS, PostgreSQL reads everything that is planned.
_WAITING = (
    select(deliveries.c.id)
    .where(
        deliveries.c.lane == lanes.c.lane,
        deliveries.c.state == "planned",
        deliveries.c.ready <= bindparam("now"),
    )
    .limit(1)
    .scalar_subquery()
)
_OPEN = (
    select(lanes.c.lane)
    .where(lanes.c.free_at <= bindparam("now"), _WAITING.is_not(None))
    .order_by(lanes.c.free_at, lanes.c.lane)
    .limit(bindparam("most"))
)


@dataclass(frozen=True)
class Allowance:
    """The calls that a lane may make now."""

    calls: int
    begin: float
    gap: float


def allowance(connection: Connection, lane: str, pace: tuple[int, float], now: float) -> Allowance:
    """How many calls this lane may make now; until the transaction ends nobody else may ask.

    Spaced so that no window of the pace, wherever it begins, holds more calls than the pace allows.
    """
    free_at = connection.execute(_FREE_AT, {"name": lane}).scalar_one()
    count, seconds = pace
    burst = max(1, math.floor(count / seconds * _BURST_SECONDS))
    gap = seconds / (count - burst + 1)
    begin = max(free_at, now - (burst - 1) * gap)
    # The small part of a call makes up for what floats lose.
    return Allowance(math.floor((now - begin) / gap + 1e-6) + 1 if begin <= now else 0, begin, gap)


def spend(connection: Connection, lane: str, allowed: Allowance, calls: int) -> None:
    """Take these calls off the lane's allowance."""
    if calls:
        connection.execute(_SPEND, {"name": lane, "next": allowed.begin + calls * allowed.gap})


_FREE_AT = select(lanes.c.free_at).where(lanes.c.lane == bindparam("name")).with_for_update()
_SPEND = update(lanes).where(lanes.c.lane == bindparam("name")).values(free_at=bindparam("next"), reason="")


def pause(connection: Connection, lane: str, until: float, reason: str) -> None:
    """Let nothing go out in this lane before `until`."""
    longer = (lanes.c.lane == lane) & (lanes.c.free_at < until)
    connection.execute(update(lanes).where(longer).values(free_at=until, reason=reason))
