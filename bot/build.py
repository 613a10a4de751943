"""The one place that builds everything; a test hands in its own clock, database or settings."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

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
from bot.store.engine import open_database, trouble
from bot.store.inbox import Inbox
from bot.web import create_app

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Parts:
    """The built bot."""

    settings: Settings
    engine: Engine
    library: Library
    desk: Desk
    app: Flask


def build(settings: Settings, clock: Clock = time.time, library: Library | None = None) -> Parts:
    """Build the bot from its settings; raises Problems when the admin's files are broken."""
    engine = open_database(settings.database_url)
    library = library or Library(settings.home)
    inbox = Inbox(engine, settings.secret, settings.memory_minutes * 60, doer(settings.secret))
    desk = Desk(library, inbox, clock)
    app = create_app(listeners(settings), desk, library, lambda: trouble(engine))
    return Parts(settings, engine, library, desk, app)


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
