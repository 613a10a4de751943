"""A notice process for tests: real files, a real ledger, senders that remember, and a clock that the test turns."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select

from scheduler.board import Noticeboard
from scheduler.office import Office
from scheduler.quotas import Quota
from scheduler.records import history, records
from scheduler.sender import Outcome, Parcel
from scheduler.tables import deliveries
from scheduler.tick import tick

ZONE = ZoneInfo("Asia/Shanghai")
SENT = Outcome("sent", "已送达", 0)

AUDIENCES = """
audiences:
  - {audience: 群, channel: wecom_group, keys: ["${GROUP_A}", "${GROUP_B}"]}
  - {audience: 社工, channel: wecom_app, users: [zhang, li]}
  - {audience: 粉丝, channel: official_account, topic: 活动}
  - {audience: 标签, channel: official_account, tag: "101"}
"""


class Killed(BaseException):
    """The process dies with its parcels on the wire."""


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: float

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Arrived:
    """What a sender was asked to send."""

    at: float
    address: str
    text: str
    key: str


@dataclass
class Post:
    """A sender that remembers; it answers `sent` unless the test says otherwise for an address."""

    channel: str
    batch: int = 1
    limit: tuple[int, float] = (6000, 60.0)
    lane_of: Callable[[str], str] = lambda address: ""
    keyed_lanes: bool = False
    arrived: list[Arrived] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)
    answers: dict[str, list[Outcome | BaseException]] = field(default_factory=dict)
    """For an address the answers to its next parcels, in order."""

    def lane(self, address: str) -> str:
        lane = self.lane_of(address)
        return f"{self.channel}:{lane}" if lane else self.channel

    def pace(self, lane: str) -> tuple[int, float]:
        return self.limit

    def keyed(self, lane: str) -> bool:
        return self.keyed_lanes

    async def send(self, parcels: Sequence[Parcel], now: float) -> Sequence[Outcome]:
        self.calls.append(len(parcels))
        await asyncio.sleep(0)
        return [self._answer(parcel, now) for parcel in parcels]

    def _answer(self, parcel: Parcel, now: float) -> Outcome:
        answer = self.answers[parcel.address].pop(0) if self.answers.get(parcel.address) else SENT
        if isinstance(answer, BaseException):
            raise answer
        if answer.state in ("sent", "unknown"):
            self.arrived.append(Arrived(now, parcel.address, parcel.text, parcel.key))
        return answer

    def texts(self, address: str) -> list[str]:
        """What arrived at this address, in order."""
        return [one.text for one in self.arrived if one.address == address]


class Station:
    """The files, the ledger and the senders, with the verbs of a test."""

    def __init__(self, home: Path, engine: Engine, now: str) -> None:
        self.home, self.engine = home, engine
        self.clock = Clock(at(now))
        self.group = Post("wecom_group", lane_of=lambda address: address)
        self.app = Post("wecom_app", batch=1000)
        self.account = Post("official_account")
        self.subscribers: dict[tuple[str, str], list[str]] = {}
        self.quotas: tuple[Quota, ...] = ()
        self.environment: dict[str, str] = {"GROUP_A": "key-a", "GROUP_B": "key-b"}
        (home / "scheduler").mkdir(parents=True)
        self.write_audiences(AUDIENCES)

    def write(self, *notices: str) -> None:
        """Save notices.yaml with these entries; each may leave out what does not matter."""
        self._save("notices.yaml", "notices:\n" + "\n".join(f"  - {{{notice}}}" for notice in notices))

    def write_audiences(self, text: str) -> None:
        self._save("audiences.yaml", text)

    def _save(self, name: str, text: str) -> None:
        file = self.home / "scheduler" / name
        fresh = file.with_suffix(".new")
        fresh.write_text(text, "utf-8")
        # As editors do; the new inode is noticed however coarse the clock of the disk is.
        fresh.replace(file)

    def start(self) -> None:
        """The process starts, and its first tick passes."""
        self.board = Noticeboard(self.home, self.environment, ZONE, self.clock)
        self.office = self._office()
        self.tick()

    restart = start

    def _office(self) -> Office:
        senders = {sender.channel: sender for sender in (self.group, self.app, self.account)}
        return Office(
            self.engine, self.board, senders, self._subscribers, self.quotas, ZONE, self.clock, in_flight=8, lease=60.0
        )

    def _subscribers(self, connection: object, channel: str, topic: str) -> Iterable[str]:
        return self.subscribers.get((channel, topic), [])

    def tick(self, moment: str | None = None) -> Counter[str]:
        """One tick, at this time when one is given."""
        if moment:
            self.clock.now = at(moment)
        return asyncio.run(tick(self.clock.now, self.office))

    def run(self, until: str, step: float = 1.0) -> None:
        """Tick after tick until this time."""
        end = at(until)
        while self.clock.now < end:
            self.clock.now = min(end, self.clock.now + step)
            self.tick()

    def without(self, channel: str) -> None:
        """That channel is not set up any more."""
        senders: Mapping[str, Post] = {name: one for name, one in self.office.senders.items() if name != channel}  # type: ignore[misc]
        self.office = replace(self.office, senders=senders)

    def states(self) -> dict[str, str]:
        """The state of the last delivery of every address."""
        return {one.address.partition(":")[2]: one.state for one in self.records()}

    def reasons(self) -> dict[str, str]:
        return {one.address.partition(":")[2]: one.reason for one in self.records()}

    def records(self):  # type: ignore[no-untyped-def]
        with self.engine.connect() as connection:
            return records(connection, ZONE, self.clock.now)

    def history(self, address: str) -> list[tuple[str, ...]]:
        with self.engine.connect() as connection:
            number = (
                connection.execute(
                    select(deliveries.c.id).where(deliveries.c.address == address).order_by(deliveries.c.id.desc())
                )
                .scalars()
                .first()
            )
            assert number is not None
            return history(connection, ZONE, number)


def at(moment: str) -> float:
    """Seconds since the epoch of a time in Shanghai."""
    return datetime.fromisoformat(moment).replace(tzinfo=ZONE).timestamp()
