"""Alembic's entry: one history for the tables of `bot.store` and of the scheduler."""

from __future__ import annotations

from alembic import context
from sqlalchemy import text

from bot.store.tables import metadata
from scheduler.tables import metadata as scheduler_metadata

engine = context.config.attributes["engine"]

with engine.begin() as connection:
    if connection.dialect.name == "postgresql":
        # Two machines may release at once; the second waits and finds nothing to do.
        connection.execute(text("SELECT pg_advisory_xact_lock(7305001)"))
    context.configure(connection=connection, target_metadata=[metadata, scheduler_metadata], render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
