"""Builds what the notice process works with."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import Engine

from bot.senders import build_senders
from bot.settings import HOME, Settings
from bot.store.subscribers import subscribers
from scheduler.board import Noticeboard
from scheduler.office import Office
from scheduler.quotas import Quota, read_quotas


@asynccontextmanager
async def open_office(
    settings: Settings, engine: Engine, environment: Mapping[str, str], clock: Callable[[], float] = time.time
) -> AsyncIterator[Office]:
    """The office of these settings, with its connections; raises Problems when the admin's files are broken."""
    board = Noticeboard(settings.home, environment, settings.zone, clock)
    quotas = read_home_quotas(settings.home)
    async with build_senders(settings, engine, board.secret_of) as senders:
        yield Office(engine, board, senders, subscribers, quotas, settings.zone, clock)


def read_home_quotas(home: Path) -> tuple[Quota, ...]:
    """The quotas in this folder, else those that come with the bot."""
    own = home / "scheduler" / "quotas.yaml"
    file = own if own.exists() else HOME / "scheduler" / "quotas.yaml"
    return read_quotas(file, "scheduler/quotas.yaml").entries
