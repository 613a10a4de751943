"""The connection that a thread keeps for its messages: to take one from the pool and begin costs as much as all they write."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine, text

from bot.store.prepared import Prepared

T = TypeVar("T")


class ThreadConnection:
    """Runs prepared statements on a connection of each thread's own, opened when first needed and anew after an error."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._own = threading.local()
        # SQLite takes its lock at once: a transaction that reads first and writes later would fail instead of waiting.
        begin = "BEGIN IMMEDIATE" if engine.dialect.name == "sqlite" else "BEGIN"
        self._begin, self._commit = (Prepared(text(words), engine.dialect) for words in (begin, "COMMIT"))

    def run(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns, each of its statements a transaction; it runs again when the database hung up meanwhile."""
        for patient in (True, False):
            connection = self._connection()
            try:
                return work(connection)
            except BaseException as error:
                self._hang_up(connection)
                if not patient or not getattr(error, "connection_invalidated", False):
                    raise
        raise AssertionError

    def together(self, work: Callable[[Connection], T]) -> T:
        """The same in one transaction."""

        def transaction(connection: Connection) -> T:
            self._begin.run(connection)
            result = work(connection)
            self._commit.run(connection)
            return result

        return self.run(transaction)

    def _connection(self) -> Connection:
        """This thread's connection, unless it belongs to the process that this one was forked from."""
        process, connection = getattr(self._own, "held", (0, None))
        if connection is None or process != os.getpid():
            connection = self._engine.connect()
            self._own.held = os.getpid(), connection
        return connection

    def _hang_up(self, connection: Connection) -> None:
        self._own.held = 0, None
        connection.invalidate()
        connection.close()
