"""A notice process of the benchmark: the real ledger and delivery, and a sender that posts to the slow API."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.senders.api import Api, Undelivered, open_session
from bot.store.engine import open_database
from scheduler.board import Noticeboard
from scheduler.office import Office
from scheduler.sender import Outcome, Parcel
from scheduler.tick import tick

IN_FLIGHT = 32


class Poster:
    """A call for every address, all in one lane that allows as many as come."""

    channel = "official_account"
    batch = 1

    def __init__(self, api: Api) -> None:
        self._api = api

    def lane(self, address: str) -> str:
        return self.channel

    def pace(self, lane: str) -> tuple[int, float]:
        return 6_000_000, 60.0

    def keyed(self, lane: str) -> bool:
        return False

    async def send(self, parcels: Sequence[Parcel], now: float) -> Sequence[Outcome]:
        return [await self._post(parcel) for parcel in parcels]

    async def _post(self, parcel: Parcel) -> Outcome:
        try:
            answer = await self._api.post("send", {}, {"touser": parcel.address, "text": parcel.text})
        except Undelivered as error:
            return error.outcome
        return Outcome("sent" if answer.code == 0 else "failed", "", answer.code)


def people(count: int) -> list[str]:
    """Who gets the notice."""
    return [f"person{number}" for number in range(count)]


async def main() -> None:
    """Tick until somebody ends us."""
    logging.disable(logging.CRITICAL)
    count, zone = int(os.environ["BENCH_COUNT"]), ZoneInfo("Asia/Shanghai")
    board = Noticeboard(Path(os.environ["BOT_HOME"]), os.environ, zone, time.time)
    everybody = people(count)
    async with open_session() as session:
        sender = Poster(Api(os.environ["BENCH_API"], session, ""))
        engine = open_database(os.environ["DATABASE_URL"])
        office = Office(
            engine, board, {sender.channel: sender}, lambda *_: everybody, (), zone, time.time, in_flight=IN_FLIGHT
        )
        while True:
            await tick(time.time(), office)
            await asyncio.sleep(0.05)


if __name__ == "__main__":
    asyncio.run(main())
