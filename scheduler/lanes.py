"""Lanes: what is paced and paused together, shared by all processes through the store."""

from __future__ import annotations

import math

from sqlalchemy import Connection, exists, select, update

from scheduler.tables import deliveries, lanes

_BURST_SECONDS = 1.0
"""A fast lane is reserved for so long at once; one with less than a call in that time goes call by call."""


def channel_of(lane: str) -> str:
    """The channel a lane belongs to: its name begins with it."""
    return lane.partition(":")[0]


def open_lanes(connection: Connection, now: float, limit: int) -> list[str]:
    """Lanes that may be used now and have something to send, those that waited longest first."""
    ready = (deliveries.c.lane == lanes.c.lane) & (deliveries.c.state == "planned") & (deliveries.c.ready <= now)
    found = (
        select(lanes.c.lane)
        .where(lanes.c.free_at <= now, exists().where(ready))
        .order_by(lanes.c.free_at, lanes.c.lane)
    )
    return list(connection.execute(found.limit(limit)).scalars())


def reserve(connection: Connection, lane: str, pace: tuple[int, float], wanted: int, now: float) -> int:
    """Take up to `wanted` calls of this lane, spaced so that no window of the pace holds more than it allows."""
    free_at = connection.execute(select(lanes.c.free_at).where(lanes.c.lane == lane).with_for_update()).scalar_one()
    count, seconds = pace
    burst = max(1, math.floor(count / seconds * _BURST_SECONDS))
    gap = seconds / (count - burst + 1)
    begin = max(free_at, now - (burst - 1) * gap)
    taken = min(wanted, math.floor((now - begin) / gap + 1e-9) + 1) if begin <= now else 0
    if taken:
        change = update(lanes).where(lanes.c.lane == lane)
        connection.execute(change.values(free_at=begin + taken * gap, reason=""))
    return taken


def pause(connection: Connection, lane: str, until: float, reason: str) -> None:
    """Let nothing go out in this lane before `until`."""
    longer = (lanes.c.lane == lane) & (lanes.c.free_at < until)
    connection.execute(update(lanes).where(longer).values(free_at=until, reason=reason))
