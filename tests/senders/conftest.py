"""Senders over real HTTP to the pretend API, with a clock that the test turns."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.message import SILENCE, Deed, Message, Reply
from bot.pretend import PretendApi, World
from bot.senders import build_senders
from bot.settings import Settings, read_settings
from bot.store.deeds import doer
from bot.store.engine import migrate, open_database
from bot.store.inbox import Inbox
from scheduler.board import Edition
from scheduler.sender import Outcome, Parcel
from tests.conftest import Clock, environment
from tests.wechat import APP_ID

SECRETS = {"robot": "11111111-2222-3333-4444-555555555555", "account": "account-secret", "app": "app-secret"}
TEMPLATE = "template-1"


class Office:
    """Everything that sends, as the scheduler would have it."""

    def __init__(self, url: str, base: str, clock: Clock, **changes: str) -> None:
        self.clock = clock
        self.settings: Settings = read_settings(
            environment(
                url, WECHAT_APP_SECRET=SECRETS["account"], WECHAT_API_BASE=base, WECOM_API_BASE=base,
                **{"WECHAT_TEMPLATE_ID": TEMPLATE, **changes},
            )
        )  # fmt: skip
        self.engine: Engine = open_database(url)
        self.robots = {"GROUP_A": SECRETS["robot"]}
        nothing = Edition([], [], self.settings.zone)
        self._inbox = Inbox(self.engine, self.settings.secret, 1800.0, doer(self.settings.secret, lambda: nothing, ""))
        self._keys = count()

    def send(self, channel: str, *parcels: Parcel) -> Sequence[Outcome]:
        """Send them together, now."""
        return asyncio.run(self._send(channel, parcels))

    async def _send(self, channel: str, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        async with build_senders(self.settings, self.engine, lambda address: self.robots.get(address, "")) as senders:
            return await senders[channel].send(parcels, self.clock.now)

    def send_while_limited(self, channel: str, one: Parcel, times: int) -> list[tuple[float, float]]:
        """Try again after each pause, with the same senders; when it was tried, and until when it had to wait."""

        async def run() -> list[tuple[float, float]]:
            pauses = []
            async with build_senders(self.settings, self.engine, lambda _: "") as senders:
                for _ in range(times):
                    (outcome,) = await senders[channel].send([one], self.clock.now)
                    pauses.append((self.clock.now, outcome.until))
                    self.clock.move(outcome.until - self.clock.now)
            return pauses

        return asyncio.run(run())

    def meet(self, openid: str, **action: str) -> None:
        """This person wrote or tapped just now."""
        message = Message("official_account", f"key{next(self._keys)}", openid, **action)  # type: ignore[arg-type]
        reply = Reply("silent", deed=Deed("erase")) if message.event == "unsubscribe" else SILENCE
        self._inbox.settle(message, "", reply, self.clock.now)


def parcel(address: str, text: str = "明天上午九点，喆园大扫除。", key: str = "", **more: object) -> Parcel:
    """A parcel with a key of its own."""
    return Parcel(key or f"key-{address}"[:64], address, text, **more)  # type: ignore[arg-type]


@pytest.fixture
def api(clock: Clock) -> Iterator[PretendApi]:
    world = World(clock)
    world.accounts = {APP_ID: SECRETS["account"]}
    world.robots = {SECRETS["robot"]}
    with PretendApi(world) as running:
        yield running


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with all tables, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "bot.sqlite3"
    engine = open_database(f"sqlite:///{file}")
    migrate(engine)
    engine.dispose()
    return file


@pytest.fixture
def office(migrated: Path, tmp_path: Path, api: PretendApi, clock: Clock) -> Iterator[Office]:
    file = shutil.copy(migrated, tmp_path / "bot.sqlite3")
    built = Office(f"sqlite:///{file}", api.base, clock)
    yield built
    built.engine.dispose()
