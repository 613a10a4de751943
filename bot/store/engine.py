"""The database: SQLite in WAL mode with no set-up, or PostgreSQL by DATABASE_URL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError

_PATIENCE = 3.0
"""Seconds to wait for a locked database: WeChat hangs up after five."""


def open_database(url: str) -> Engine:
    """An engine for the URL; the folder of a SQLite file is made when it is missing."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, pool_size=16, connect_args={"connect_timeout": 3})
    file = make_url(url).database
    if file and file != ":memory:":
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    return _open_sqlite(url, "FULL")


def swift(engine: Engine) -> Engine:
    """The same database, each statement its own transaction, for writes that a power cut may undo, but no crash of a process."""
    if engine.dialect.name != "sqlite":
        return engine.execution_options(isolation_level="AUTOCOMMIT")
    # A database in memory belongs to its one connection: a second engine would find no tables.
    return engine if engine.url.database in (None, "", ":memory:") else _open_sqlite(engine.url, "NORMAL")


def _open_sqlite(url: str | URL, synchronous: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": _PATIENCE}, pool_size=16)

    def prepare(connection: Any, _record: Any) -> None:
        # SQLAlchemy, not the driver, opens the transactions.
        connection.isolation_level = None
        # A checkpoint waits for the disk while somebody waits for a reply: after 16 MB of log instead of 4.
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON", "wal_autocheckpoint=4000"):
            connection.execute(f"PRAGMA {pragma}")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _begin_immediate(connection: Any) -> None:
    # A transaction that reads first and writes later would fail with "locked" instead of waiting its turn; one that only
    # reads a single statement needs none.
    if not connection.get_execution_options().get("read_only"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _config(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["engine"] = engine
    return config


def migrate(engine: Engine) -> None:
    """Bring the tables to the newest shape."""
    command.upgrade(_config(engine), "head")


def is_current(engine: Engine) -> bool:
    """True when the tables have the shape this code expects."""
    head = ScriptDirectory.from_config(_config(engine)).get_current_head()
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


def trouble(engine: Engine) -> str | None:
    """What keeps the database from answering, in the database's own words; None when it is well."""
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT count(*) FROM alembic_version"))
    except SQLAlchemyError as error:
        return str(getattr(error, "orig", None) or type(error).__name__).strip()
    return None
