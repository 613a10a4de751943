"""Deliveries a second to an API that takes 20 ms, beside celery with redis, with 1, 2 and 4 processes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy import func, insert, select

from bot.settings import HOME
from bot.store.engine import migrate, open_database
from scheduler.tables import deliveries, ticks

COUNT = 6000
THREADS = 32
POSTGRES = "postgresql://postgres@127.0.0.1:5432"
_PATIENCE = 120.0


def main() -> None:
    """Print a table of rates."""
    print(
        f"\n通知：{COUNT} 条发往一个要 20 毫秒才回答的接口，每个进程同时 {THREADS} 条，每秒送出几条（1、2、4 个进程）"
    )
    with slow_api() as api:
        for name, run in (("账本 SQLite", on_sqlite), ("账本 PostgreSQL", on_postgres), ("celery 与 redis", on_celery)):
            rates = [run(api, workers) for workers in (1, 2, 4)]
            print(f"  {name:<16}" + "".join(f"{rate:>8.0f}" for rate in rates))


def on_sqlite(api: str, workers: int) -> float:
    """Our rate with the ledger in a file."""
    with tempfile.TemporaryDirectory() as folder:
        return ours(api, workers, Path(folder), f"sqlite:///{folder}/ledger.sqlite3")


def on_postgres(api: str, workers: int) -> float:
    """Our rate with the ledger in PostgreSQL."""
    name = f"bench{uuid.uuid4().hex[:8]}"
    with psycopg.connect(f"{POSTGRES}/test", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            with tempfile.TemporaryDirectory() as folder:
                return ours(api, workers, Path(folder), f"postgresql+psycopg://postgres@127.0.0.1:5432/{name}")
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def ours(api: str, workers: int, folder: Path, url: str) -> float:
    """A notice that fell due a minute ago, for many people."""
    due = datetime.fromtimestamp(time.time() - 60, ZoneInfo("Asia/Shanghai"))
    (folder / "scheduler").mkdir()
    (folder / "scheduler" / "notices.yaml").write_text(
        f"notices: [{{notice: 停水, when: '{due:%Y-%m-%d %H:%M}', until: 1天, urgent: true, to: 大家, text: 今晚停水}}]",
        "utf-8",
    )
    (folder / "scheduler" / "audiences.yaml").write_text(
        "audiences: [{audience: 大家, channel: official_account, topic: 停水}]", "utf-8"
    )
    engine = open_database(url)
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(insert(ticks).values(id=1, seen=time.time() - 3600))

    def settled() -> int:
        done = select(func.count()).select_from(deliveries).where(deliveries.c.state == "sent")
        with engine.connect() as connection:
            return int(connection.execute(done).scalar_one())

    variables = {"DATABASE_URL": url, "BOT_HOME": str(folder), "BENCH_API": api, "BENCH_COUNT": str(COUNT)}
    with ExitStack() as stack:
        for _ in range(workers):
            stack.enter_context(process([sys.executable, "-m", "tests.bench.notice_worker"], variables))
        wait_for(lambda: settled() >= COUNT)
    engine.dispose()
    return rate(api)


def on_celery(api: str, workers: int) -> float:
    """The rate of the same calls as celery tasks."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        port = free_port()
        stack.enter_context(process(["redis-server", "--port", str(port), "--dir", folder, "--save", ""], {}))
        variables = {"BENCH_BROKER": f"redis://127.0.0.1:{port}/0", "BENCH_API": api}
        wait_for(lambda: listens(port))
        fill = f"from tests.bench.celery_app import send\nfor n in range({COUNT}): send.delay('person%d' % n)"
        subprocess.run([sys.executable, "-c", fill], env={**os.environ, **variables}, cwd=HOME, check=True)
        worker = [sys.executable, "-m", "celery", "-A", "tests.bench.celery_app", "worker", "-P", "threads"]
        for number in range(workers):
            options = [
                "-c",
                str(THREADS),
                "-n",
                f"worker{number}",
                "--without-gossip",
                "--without-mingle",
                "-l",
                "ERROR",
            ]
            stack.enter_context(process([*worker, *options], variables))
        wait_for(lambda: stats(api)["calls"] >= COUNT)
    return rate(api)


def rate(api: str) -> float:
    """Calls a second as the API saw them, the start of the workers apart; nobody may have been called twice."""
    found = stats(api)
    assert found["calls"] == found["addresses"] == COUNT, found
    urllib.request.urlopen(urllib.request.Request(f"{api}/reset", method="POST")).close()
    return float(found["calls"] / found["seconds"])


def stats(api: str) -> dict[str, float]:
    """What the API counted."""
    with urllib.request.urlopen(f"{api}/stats") as answer:
        found: dict[str, float] = json.load(answer)
    return found


@contextmanager
def slow_api() -> Iterator[str]:
    """The API's address while it runs."""
    port = free_port()
    with process([sys.executable, "-m", "tests.bench.slow_api", str(port)], {}):
        wait_for(lambda: listens(port))
        yield f"http://127.0.0.1:{port}"


@contextmanager
def process(command: Sequence[str], variables: dict[str, str]) -> Iterator[None]:
    """A process that ends with the block."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    running = subprocess.Popen(command, env={**os.environ, **variables}, cwd=HOME, **quiet)
    try:
        yield
    finally:
        running.kill()
        running.wait()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(condition) -> None:
    """Until it is so."""
    end = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("the benchmark did not end")
        time.sleep(0.1)


if __name__ == "__main__":
    main()
