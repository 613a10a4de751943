"""The notice process, in a thread beside the page: the same code as `python -m scheduler`, sending to the pretend API."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager

from sqlalchemy import Engine

from bot.office import open_office
from bot.senders.wecom_group import robot_key
from bot.settings import Settings
from scheduler.audiences import robots
from scheduler.board import Noticeboard
from scheduler.service import serve

Opened = tuple[Noticeboard, asyncio.AbstractEventLoop, asyncio.Event]


class _Robots(Mapping[str, str]):
    """An environment in which every variable is set, so that no group lacks its robot: the key is the name itself."""

    def __getitem__(self, name: str) -> str:
        if name.endswith("_FILE"):
            raise KeyError(name)
        return name

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


_ROBOTS = _Robots()


@contextmanager
def sending_notices(settings: Settings, engine: Engine) -> Iterator[Noticeboard]:
    """Send notices until the block ends; raises Problems when the admin's files are broken."""
    opened: Future[Opened] = Future()
    thread = threading.Thread(target=asyncio.run, args=(_serve(settings, engine, opened),), name="notices")
    thread.start()
    board, loop, stop = opened.result()
    try:
        yield board
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


async def _serve(settings: Settings, engine: Engine, opened: Future[Opened]) -> None:
    try:
        async with open_office(settings, engine, _ROBOTS) as office:
            stop = asyncio.Event()
            opened.set_result((office.board, asyncio.get_running_loop(), stop))
            await serve(office, stop)
    except Exception as error:
        if opened.done():
            raise
        opened.set_exception(error)


def group_of(board: Noticeboard, key: str) -> str:
    """The name of the audience whose robot has this key; empty when none has."""
    for name, audience in board.current.audiences.items():
        if key in map(robot_key, robots([audience], _ROBOTS).values()):
            return name
    return ""
