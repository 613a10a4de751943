"""The mass sends of an official account, counted against its quotas before they go out."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Engine, delete, func, insert, select, text

from bot.store.tables import mass_sends as table

BEIJING = ZoneInfo("Asia/Shanghai")
"""The platform's days and months, wherever the bot runs."""
EVERYBODY = "all"


class MassSends:
    """Reserves a mass send within the day's and the month's quota."""

    def __init__(self, engine: Engine, a_day: int, a_month: int) -> None:
        self._engine = engine
        self._a_day = a_day
        self._a_month = a_month

    def reserve(self, key: str, address: str, now: float) -> str:
        """Count this send; returns "" or the quota that is used up, `day` or `month`. A key counts once."""
        with self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                # Two processes must not both take the last one.
                connection.execute(text("SELECT pg_advisory_xact_lock(7305003)"))
            if connection.execute(select(table.c.key).where(table.c.key == key)).first():
                return ""
            day, month = _starts(now)
            if _count(connection, table.c.at >= day) >= self._a_day:
                return "day"
            # A follower gets what goes to everybody and what goes to the tag; other tags may be other people.
            if _count(connection, table.c.at >= month, table.c.address.in_((address, EVERYBODY))) >= self._a_month:
                return "month"
            connection.execute(insert(table).values(key=key, address=address, at=now))
        return ""

    def give_back(self, key: str) -> None:
        """This send did not go out."""
        with self._engine.begin() as connection:
            connection.execute(delete(table).where(table.c.key == key))


def _count(connection: Connection, *which: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(table).where(*which)).scalar_one()


def _starts(now: float) -> tuple[float, float]:
    """When this day and this month began."""
    day = datetime.fromtimestamp(now, BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    return day.timestamp(), day.replace(day=1).timestamp()
