"""Two web processes on one PostgreSQL are one bot."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import Engine, func, select

from bot.settings import read_settings
from bot.store.engine import migrate, open_database
from bot.store.tables import handovers, messages
from tests.chat import SPEAKERS, Speaker
from tests.conftest import environment

ROOT = Path(__file__).parent.parent
_PATIENCE = 90.0
_CHANNELS = tuple(SPEAKERS)


@dataclass(frozen=True)
class Response:
    """As the test client of Flask has it."""

    status_code: int
    data: bytes


class Process:
    """A web process of its own; speakers take it for an app and reach it over HTTP."""

    def __init__(self, values: dict[str, str]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        inherited = {name: os.environ[name] for name in ("PATH", "BOT_HOME", "VIRTUAL_ENV") if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve"],
            cwd=ROOT,
            env={**inherited, **values, "PORT": str(self.port), "HOST": "127.0.0.1", "WEB_CONCURRENCY": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def wait(self) -> None:
        """Until it answers."""
        until = time.monotonic() + _PATIENCE
        while True:
            assert self._process.poll() is None, "the web process ended"
            assert time.monotonic() < until, "the web process does not answer"
            try:
                if requests.get(f"http://127.0.0.1:{self.port}/healthz", timeout=2).ok:
                    return
            except requests.ConnectionError:
                time.sleep(0.1)

    def close(self) -> None:
        """End it and its workers."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait(20)

    def test_client(self) -> Process:
        """Itself: it posts as a test client does."""
        return self

    def post(self, path: str, query_string: dict[str, str], data: str | bytes) -> Response:
        """Post a callback."""
        body = data.encode() if isinstance(data, str) else data
        url = f"http://127.0.0.1:{self.port}{path}"
        found = requests.post(url, params=query_string, data=body, timeout=10)
        return Response(found.status_code, found.content)


@pytest.fixture(scope="module")
def store(postgres_server: str) -> Iterator[tuple[str, Engine]]:
    """A migrated database of its own, with its address."""
    import psycopg

    name = f"t{os.getpid()}_{time.time_ns()}"
    with psycopg.connect(f"{postgres_server}/test", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    url = f"{postgres_server}/{name}"
    engine = open_database(read_settings(environment(url)).database_url)
    migrate(engine)
    yield url, engine
    engine.dispose()
    with psycopg.connect(f"{postgres_server}/test", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def processes(store: tuple[str, Engine]) -> Iterator[tuple[Process, Process]]:
    """Two web processes on it."""
    with ExitStack() as stack:
        found = tuple(stack.enter_context(closing(Process(environment(store[0])))) for _ in range(2))
        for process in found:
            process.wait()
        yield found[0], found[1]


@pytest.fixture(params=_CHANNELS)
def speakers(request: pytest.FixtureRequest, processes: tuple[Process, Process]) -> list[Speaker]:
    """The platform's side of one channel, once for each process."""
    build: Callable[..., Any] = SPEAKERS[request.param]
    return [build(process, time.time()) for process in processes]


def _said(speaker: Speaker, text: str, who: str) -> str:
    return str(speaker.read(speaker.send(speaker.message(text, who))))


def test_a_conversation_whose_turns_alternate_is_continuous(speakers: list[Speaker]) -> None:
    one, other = speakers
    menu = _said(one, "祥东社区", "alternating")
    assert "1. " in menu
    first = _said(other, "1", "alternating")
    assert "四步法" in first
    assert "1万元" in _said(one, "罚了多少钱", "alternating")
    assert _said(other, "返回", "alternating").endswith("都不是的话，换个说法再问我。")
    assert _said(one, "第一个", "alternating") == first


def test_a_retry_that_reaches_the_other_process_gets_the_first_reply(speakers: list[Speaker]) -> None:
    one, other = speakers
    _said(one, "祥东社区", "retrying")
    chosen = one.message("1", "retrying")
    first = one.read(one.send(chosen))
    assert first == other.read(other.send(chosen))
    # The retry changed nothing: the menu is where it was.
    assert _said(other, "第一个", "retrying") == first


def test_two_deliveries_at_once_are_answered_once(speakers: list[Speaker], store: tuple[str, Engine]) -> None:
    with ThreadPoolExecutor(8) as pool:
        for number in range(10):
            message = speakers[0].message("转人工", f"hurried {number}")
            before = _count(store[1])
            replies = list(pool.map(lambda speaker, text=message: speaker.read(speaker.send(text)), speakers * 4))
            assert len(set(replies)) == 1 and replies[0]
            after = _count(store[1])
            assert (after[0] - before[0], after[1] - before[1]) == (1, 1), "one answer, one hand-over"


def _count(engine: Engine) -> tuple[int, int]:
    with engine.connect() as connection:
        rows = [
            connection.execute(select(func.count()).select_from(table)).scalar_one() for table in (messages, handovers)
        ]
    return rows[0], rows[1]
