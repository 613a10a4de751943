"""Insert or replace, in the dialect of the database."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]], keys: tuple[str, ...] = ()) -> int:
    """Insert the rows; of existing ones the given columns are replaced with `keys`, nothing without. Returns the rows inserted."""
    return connection.execute(_insert(table, connection.dialect.name, keys, tuple(rows[0])), list(rows)).rowcount


@lru_cache
def _insert(table: Table, dialect: str, keys: tuple[str, ...], columns: tuple[str, ...]) -> Any:
    """The statement, built once: building costs more than running it."""
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    # SQLAlchemy asks PostgreSQL for the count of an insert only when it is told that somebody reads it.
    statement = statement.execution_options(preserve_rowcount=True)
    if not keys:
        return statement.on_conflict_do_nothing()
    changed = {name: statement.excluded[name] for name in columns if name not in keys}
    return statement.on_conflict_do_update(index_elements=list(keys), set_=changed)
