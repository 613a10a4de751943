"""Quotas: how much may go out in a day or a month, read from quotas.yaml and counted in the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field
from sqlalchemy import Connection, func, select

from scheduler.audiences import ChannelName
from scheduler.ledger import REACHED
from scheduler.notices import Flag
from scheduler.tables import deliveries
from scheduler.yamlfile import Document, Entry, read


class Quota(Entry):
    """A limit of deliveries in every lane of a channel."""

    quota: str
    """Its name, as a held-back delivery shows it."""
    channel: ChannelName
    lane: str = ""
    """Only lanes whose name goes on like this after the channel."""
    count: int = Field(ge=1)
    period: Literal["天", "月"]
    urgent: Flag = False
    """Whether urgent notices may exceed it: true for our own manners, false for what the platform enforces."""
    source: str = Field(min_length=1)
    """Where the number comes from."""

    def covers(self, lane: str) -> bool:
        """Whether it limits this lane."""
        return f"{lane}:".startswith(f"{self.channel}:{self.lane}")

    def begin(self, moment: datetime) -> datetime:
        """The start of the period `moment` is in."""
        day = moment.date() if self.period == "天" else moment.date().replace(day=1)
        return datetime.combine(day, time(), moment.tzinfo)

    def end(self, moment: datetime) -> datetime:
        """The start of the next period."""
        days = 1 if self.period == "天" else 32
        return self.begin(self.begin(moment) + timedelta(days=days))

    def left(self, connection: Connection, lane: str, moment: datetime) -> int:
        """How many deliveries still fit into the period."""
        begin = self.begin(moment).timestamp()
        mine = (deliveries.c.lane == lane) & deliveries.c.state.in_(REACHED) & (deliveries.c.ready >= begin)
        used = connection.execute(select(func.count()).select_from(deliveries).where(mine)).scalar_one()
        return self.count - int(used)


def read_quotas(path: Path, name: str | None = None) -> Document[Quota]:
    """The quotas of this file; raises Problems."""
    return read(path, "quotas", Quota, name)


def covering(quotas: Iterable[Quota], lane: str) -> list[Quota]:
    """The quotas that limit this lane."""
    return [quota for quota in quotas if quota.covers(lane)]
