"""The web process under its production server, granian."""

from __future__ import annotations

import gc
import logging
import os
import time

from flask import Flask
from granian import Granian
from granian.constants import Interfaces

from bot.build import build, notices_in_force
from bot.knowledge import read_files
from bot.settings import Settings, SettingsError, read_settings
from bot.store.engine import is_current, migrate, open_database, trouble

log = logging.getLogger(__name__)

_THREADS = 2
"""Threads of one worker: one answers while the other waits for the database; with 8 they wait for each other (381 messages a
second, with two 440 to 566, two workers on two noisy cores)."""


def serve(settings: Settings) -> int:
    """Serve callbacks until a signal says stop; returns the exit code."""
    check_database(settings)
    # A broken file is told here, once, before any worker starts.
    read_files(settings.home)
    notices_in_force(settings.home, settings.zone, time.time)
    Granian(
        "bot.server:make_app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=settings.workers,
        blocking_threads=_THREADS,
        respawn_failed_workers=True,
        log_level="warning",  # type: ignore[arg-type]
    ).serve()
    return 0


def check_database(settings: Settings) -> None:
    """Make sure the tables are there: SQLite is brought up to date, PostgreSQL must have been released."""
    engine = open_database(settings.database_url)
    try:
        if settings.database_url.startswith("sqlite"):
            migrate(engine)
        elif problem := trouble(engine):
            raise SettingsError([f"数据库用不了（{problem}）；请核对 DATABASE_URL，再运行 python -m bot migrate"])
        elif not is_current(engine):
            raise SettingsError(["数据库的表不是最新；请先运行 python -m bot migrate"])
    finally:
        engine.dispose()


def make_app() -> Flask:
    """The application of one worker process, built after the fork."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    parts = build(read_settings(os.environ))
    parts.library.watch()
    # The knowledge is hundreds of thousands of objects that live as long as the process; looking through them again and
    # again for garbage costs a fifth of the time (measured: 2,251 to 1,839 us of CPU a message).
    gc.collect()
    gc.freeze()
    return parts.app
