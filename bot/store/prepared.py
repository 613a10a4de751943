"""Statements that every message runs: compiled once by SQLAlchemy, run by the driver itself.

SQLAlchemy's own way to run them costs several times what the database needs (recall: 66 us instead of 20).
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import OperationalError
from sqlalchemy.sql.elements import ClauseElement


class Prepared:
    """A statement in the words of one database; every value in it is a bindparam of its own name."""

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self._text = str(compiled)
        order: list[str] = getattr(compiled, "positiontup", None) or []
        # SQLite wants a tuple, which itemgetter makes of two names or more; PostgreSQL takes the names.
        self._tuple = itemgetter(*order) if len(order) > 1 else None
        self._dialect = dialect

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows this query finds; raises OperationalError."""
        return list(self._execute(connection, values).fetchall())

    def run(self, connection: Connection, values: Mapping[str, Any] | None = None) -> int:
        """How many rows this statement changed; raises OperationalError."""
        return int(self._execute(connection, values or {}).rowcount)

    def _execute(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        driver: Any = connection.connection.dbapi_connection
        try:
            return driver.execute(self._text, self._tuple(values) if self._tuple else values)
        except self._dialect.loaded_dbapi.Error as error:
            gone = self._dialect.is_disconnect(error, driver, None)
            raise OperationalError(self._text, None, error, connection_invalidated=gone) from error
