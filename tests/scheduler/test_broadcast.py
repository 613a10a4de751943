"""The real senders under the real ledger, over HTTP to the pretend API."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.office import open_office
from bot.pretend import PretendApi, World
from bot.settings import read_settings
from bot.store.engine import migrate, open_database
from scheduler.records import records
from scheduler.tick import tick
from tests.conftest import environment
from tests.scheduler.station import ZONE, Clock, at

USERS = [f"u{number}" for number in range(1500)]


class Broadcast:
    """An office with real senders, a day at a time."""

    def __init__(self, home: Path, url: str, clock: Clock, api: PretendApi) -> None:
        self.home, self.clock, self.api = home, clock, api
        (home / "scheduler").mkdir(parents=True)
        (home / "cases.yaml").write_text("cases: []\n")
        self.variables = environment(
            url, BOT_HOME=str(home), WECOM_API_BASE=api.base, WECHAT_API_BASE=api.base, WECHAT_APP_SECRET="account-secret",
            GROUP_A="robot-key",
        )  # fmt: skip
        self.engine: Engine = open_database(url)
        migrate(self.engine)

    def begin(self, audience: str) -> None:
        """A notice is due at six for this audience."""
        (self.home / "scheduler" / "audiences.yaml").write_text(f"audiences: [{{audience: 谁, {audience}}}]", "utf-8")
        (self.home / "scheduler" / "notices.yaml").write_text(
            "notices: [{notice: 停水, when: 每周四 18:00, holiday: 照发, to: 谁, text: 今晚停水}]", "utf-8"
        )
        self.run("2026-12-03 17:59", 1)
        self.run("2026-12-03 18:00", 1)

    def run(self, until: str, seconds: float = 10) -> None:
        """Tick until this time."""
        asyncio.run(self._run(at(until), seconds))

    async def _run(self, until: float, seconds: float) -> None:
        async with open_office(read_settings(self.variables), self.engine, self.variables, self.clock) as office:
            while self.clock.now < until:
                self.clock.now = min(until, self.clock.now + seconds)
                await tick(self.clock.now, office)

    def states(self) -> Counter[str]:
        with self.engine.connect() as connection:
            return Counter(one.state for one in records(connection, ZONE, self.clock.now))

    def reasons(self, state: str) -> set[str]:
        with self.engine.connect() as connection:
            return {one.reason for one in records(connection, ZONE, self.clock.now) if one.state == state}

    def arrivals(self) -> Counter[str]:
        return Counter(one.address for one in self.api.arrived)


@pytest.fixture
def broadcast(tmp_path: Path) -> Iterator[Broadcast]:
    clock = Clock(at("2026-12-03 17:58"))
    with PretendApi(World(clock)) as api:
        yield Broadcast(tmp_path / "home", f"sqlite:///{tmp_path / 'bot.sqlite3'}", clock, api)


MEMBERS = f"channel: wecom_app, users: [{', '.join(USERS)}]"
GROUP = 'channel: wecom_group, keys: ["${GROUP_A}"]'
TAG = 'channel: official_account, tag: "101"'


def test_one_dead_recipient_among_many_stops_nobody(broadcast: Broadcast) -> None:
    broadcast.api.world.strangers = {"u77"}
    broadcast.begin(MEMBERS)
    assert broadcast.states() == {"sent": 1499, "failed": 1}
    assert "管理员" in broadcast.reasons("failed").pop()
    assert len(broadcast.arrivals()) == 1499 and max(broadcast.arrivals().values()) == 1


def test_45009_in_mid_broadcast_delays_and_completes_it(broadcast: Broadcast) -> None:
    broadcast.api.limit(after=1, path="message/send", times=1)
    broadcast.begin(MEMBERS)
    assert broadcast.states() == {"sent": 1000, "planned": 500}
    broadcast.run("2026-12-03 19:30", 60)
    assert broadcast.states() == {"sent": 1500}
    assert len(broadcast.arrivals()) == 1500 and max(broadcast.arrivals().values()) == 1


def test_a_batch_that_half_arrived_is_told_apart(broadcast: Broadcast) -> None:
    broadcast.api.halve()
    broadcast.begin(MEMBERS)
    assert broadcast.states() == {"sent": 1000, "failed": 500}
    assert len(broadcast.arrivals()) == 1000


def test_tokens_that_expire_in_mid_broadcast_are_renewed(broadcast: Broadcast) -> None:
    broadcast.begin(MEMBERS)
    broadcast.api.expire_tokens()
    broadcast.run("2026-12-10 18:00", 3600 * 12)
    broadcast.run("2026-12-10 18:01", 1)
    assert set(broadcast.arrivals().values()) == {2}


def test_a_connection_cut_after_the_request_leaves_unknown_and_is_not_repeated(broadcast: Broadcast) -> None:
    broadcast.api.cut("after", "webhook/send")
    broadcast.begin(GROUP)
    broadcast.run("2026-12-03 20:30", 60)
    assert broadcast.states() == {"unknown": 1}
    assert broadcast.arrivals() == {"robot-key": 1}


def test_a_mass_send_cut_off_is_repeated_under_its_key_and_arrives_once(broadcast: Broadcast) -> None:
    broadcast.api.cut("after", "message/mass/sendall")
    broadcast.begin(TAG)
    broadcast.run("2026-12-03 18:10")
    assert broadcast.states() == {"sent": 1}
    assert sum(broadcast.arrivals().values()) == 1
    keys = {request.body["clientmsgid"] for request in broadcast.api.calls("message/mass/sendall")}
    assert len(broadcast.api.calls("message/mass/sendall")) == 2 and len(keys) == 1


def test_a_platform_that_is_busy_gets_the_notice_later(broadcast: Broadcast) -> None:
    broadcast.api.answer(-1, "webhook/send", times=2)
    broadcast.begin(GROUP)
    broadcast.run("2026-12-03 18:05")
    assert broadcast.states() == {"sent": 1}
    assert broadcast.arrivals() == {"robot-key": 1}


def test_a_platform_that_cannot_be_reached_is_tried_until_it_can(broadcast: Broadcast) -> None:
    good = broadcast.variables["WECOM_API_BASE"]
    broadcast.variables["WECOM_API_BASE"] = "http://127.0.0.1:9"
    broadcast.begin(GROUP)
    broadcast.run("2026-12-03 18:30", 60)
    assert broadcast.states() == {"planned": 1}
    broadcast.variables["WECOM_API_BASE"] = good
    broadcast.run("2026-12-03 18:40", 60)
    assert broadcast.states() == {"sent": 1}
