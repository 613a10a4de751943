"""The one place that builds everything; a test hands in its own clock, database or settings."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import Engine

from bot.channels import Listener
from bot.channels.official_account import OfficialAccountChannel
from bot.channels.wecom_aibot import WecomAibotChannel
from bot.channels.wecom_app import WecomAppChannel
from bot.desk import Desk
from bot.knowledge import Clock, Library
from bot.settings import Settings
from bot.store.deeds import doer
from bot.store.diary import StoreDiary
from bot.store.engine import open_database, trouble
from bot.store.inbox import Inbox
from bot.web import create_app
from scheduler.board import Edition, Noticeboard, notices_file

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Parts:
    """The built bot."""

    settings: Settings
    engine: Engine
    library: Library
    desk: Desk
    app: Flask


def build(
    settings: Settings,
    clock: Clock = time.time,
    library: Library | None = None,
    edition: Callable[[], Edition] | None = None,
) -> Parts:
    """Build the bot from its settings; raises Problems when the admin's files are broken."""
    engine = open_database(settings.database_url)
    library = library or Library(settings.home)
    duty = settings.wecom_app.duty if settings.wecom_app else ""
    edition = edition or notices_in_force(settings.home, settings.zone, clock)
    desk = build_desk(library, engine, settings.secret, settings.memory_minutes * 60, clock, edition, duty)
    app = create_app(listeners(settings), desk, library, lambda: trouble(engine))
    return Parts(settings, engine, library, desk, app)


def build_desk(
    library: Library,
    engine: Engine,
    secret: str,
    memory_seconds: float,
    clock: Clock,
    edition: Callable[[], Edition],
    duty: str = "",
) -> Desk:
    """The desk of this knowledge, these notices and this store."""
    inbox = Inbox(engine, secret, memory_seconds, doer(secret, edition, duty))
    return Desk(library, inbox, clock, StoreDiary(engine, edition, secret))


def notices_in_force(home: Path, zone: ZoneInfo, clock: Clock) -> Callable[[], Edition]:
    """A function that returns the notices as they were saved last; none in a home without them. Raises Problems."""
    if not notices_file(home).exists():
        empty = Edition([], [], zone)
        return lambda: empty
    board = Noticeboard(home, {}, zone, clock)

    def current() -> Edition:
        board.refresh()
        return board.current

    return current


def listeners(settings: Settings) -> list[Listener]:
    """A channel for every account that is set up."""
    found: list[Listener] = []
    window = settings.window_seconds
    if settings.official_account:
        found.append(OfficialAccountChannel(settings.official_account, window))
    if settings.wecom_app and settings.wecom_app.aes_key:
        found.append(WecomAppChannel(settings.wecom_app, window))
    if settings.wecom_aibot:
        found.append(WecomAibotChannel(settings.wecom_aibot, window))
    return found
