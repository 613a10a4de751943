"""The migrations make the tables that the code expects."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot.store.engine import migrate, open_database
from bot.store.tables import metadata as bot_metadata
from scheduler.tables import metadata


def test_the_migrations_make_the_tables_as_they_are_declared(database_url: str) -> None:
    engine = open_database(database_url.replace("postgresql://", "postgresql+psycopg://"))
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"target_metadata": [bot_metadata, metadata]})
        changes = compare_metadata(context, [bot_metadata, metadata])  # type: ignore[arg-type]
    engine.dispose()
    assert [change for change in changes if "alembic_version" not in str(change)] == []
