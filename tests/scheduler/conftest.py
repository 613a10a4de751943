"""A ledger on SQLite and on PostgreSQL: the same tests run on both."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, event

from bot.store.engine import open_database
from scheduler.tables import metadata
from tests.scheduler.station import Station


@pytest.fixture(scope="session")
def postgres_database(postgres_server: str) -> Iterator[str]:
    """The URL of a database of our own with the tables of the scheduler."""
    name = f"ledger{uuid.uuid4().hex[:10]}"
    with psycopg.connect(f"{postgres_server}/test", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    url = f"{postgres_server}/{name}".replace("postgresql://", "postgresql+psycopg://")
    engine = open_database(url)
    metadata.create_all(engine)
    engine.dispose()
    yield url
    with psycopg.connect(f"{postgres_server}/test", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def fresh_sqlite(folder: Path) -> Engine:
    """An empty ledger in a file; the disk is not waited for, because nothing here outlives the test."""
    engine = open_database(f"sqlite:///{folder / 'ledger.sqlite3'}")
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    metadata.create_all(engine)
    return engine


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_database"))
    return f"sqlite:///{tmp_path / 'ledger.sqlite3'}"


@pytest.fixture
def engine(ledger_url: str, tmp_path: Path) -> Iterator[Engine]:
    """An empty ledger."""
    if ledger_url.startswith("sqlite"):
        engine = fresh_sqlite(tmp_path)
    else:
        engine = open_database(ledger_url)
        with engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
    yield engine
    engine.dispose()


@pytest.fixture
def station(engine: Engine, tmp_path: Path) -> Station:
    return Station(tmp_path / "home", engine, "2026-12-03 17:00")
