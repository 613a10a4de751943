"""How far the sending of a long notice got."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine, delete, or_, select

from bot.store.tables import sent_parts as table
from bot.store.upsert import upsert

_KEEP = 7 * 86400.0


class SentParts:
    """The number of parts each delivery has sent."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self, keys: Sequence[str]) -> dict[str, int]:
        """The parts sent by these deliveries; those that sent none are left out."""
        query = select(table.c.key, table.c.parts).where(table.c.key.in_(keys))
        with self._engine.execution_options(read_only=True).connect() as connection:
            return {row.key: row.parts for row in connection.execute(query)}

    def write(self, keys: Sequence[str], parts: int, now: float) -> None:
        """These deliveries have sent so many parts."""
        rows = [{"key": key, "parts": parts, "at": now} for key in keys]
        with self._engine.begin() as connection:
            if rows:
                upsert(connection, table, rows, keys=("key",))

    def forget(self, keys: Sequence[str], now: float) -> None:
        """These deliveries are complete; what lay around for a week goes too."""
        with self._engine.begin() as connection:
            connection.execute(delete(table).where(or_(table.c.key.in_(keys), table.c.at < now - _KEEP)))
