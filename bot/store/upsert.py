"""Insert or replace, in the dialect of the database."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.prepared import Prepared


def upsert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]], keys: tuple[str, ...] = ()) -> int:
    """Insert the rows; of existing ones the given columns are replaced with `keys`, nothing without. Returns the rows inserted."""
    statement = _insert(table, connection.dialect, keys, tuple(rows[0]))
    return sum(statement.run(connection, row) for row in rows)


@lru_cache
def _insert(table: Table, dialect: Dialect, keys: tuple[str, ...], columns: tuple[str, ...]) -> Prepared:
    """The statement, built once: building costs more than running it."""
    statement: Any = (postgresql if dialect.name == "postgresql" else sqlite).insert(table)
    statement = statement.values({name: bindparam(name) for name in columns})
    if not keys:
        return Prepared(statement.on_conflict_do_nothing(), dialect)
    changed = {name: statement.excluded[name] for name in columns if name not in keys}
    return Prepared(statement.on_conflict_do_update(index_elements=list(keys), set_=changed), dialect)
