"""Statements that every message runs: compiled once by SQLAlchemy, run by the driver itself.

SQLAlchemy's own way to run them costs several times what the database needs (recall: 66 us instead of 20).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import OperationalError
from sqlalchemy.sql.elements import ClauseElement


class Prepared:
    """A statement in the words of one database."""

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self._text = str(compiled)
        self._order: list[str] | None = getattr(compiled, "positiontup", None)
        self._constants = {name: value for name, value in compiled.params.items() if value is not None}
        self._mistake = dialect.loaded_dbapi.Error

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows this query finds; raises OperationalError."""
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self._text, self._given(values))
            return list(cursor.fetchall())
        except self._mistake as error:
            raise OperationalError(self._text, None, error) from error
        finally:
            cursor.close()

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """How many rows this statement changed, run once for each of these; raises OperationalError."""
        cursor = connection.connection.cursor()
        try:
            cursor.executemany(self._text, [self._given(row) for row in rows])
            return int(cursor.rowcount)
        except self._mistake as error:
            raise OperationalError(self._text, None, error) from error
        finally:
            cursor.close()

    def _given(self, values: Mapping[str, Any]) -> Any:
        whole = {**self._constants, **values}
        return whole if self._order is None else [whole[name] for name in self._order]
