"""A bounded load over keep-alive connections; requests are built beforehand, so that only the server is measured."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bot.settings import HOME


@dataclass(frozen=True)
class Load:
    """What a load measured."""

    rate: float
    """Requests a second."""
    p50: float
    p99: float
    """Milliseconds."""
    failures: int


def request(host: str, target: str, body: bytes) -> bytes:
    """The bytes of one POST."""
    head = f"POST {target} HTTP/1.1\r\nHost: {host}\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def _client(port: int, requests: Iterator[bytes], times: list[float], failures: list[int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for data in requests:
        began = time.perf_counter()
        writer.write(data)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        times.append(time.perf_counter() - began)
        if not head.startswith(b"HTTP/1.1 200") or not length:
            failures.append(1)
    writer.close()


async def _run(port: int, requests: Sequence[bytes], clients: int) -> Load:
    times: list[float] = []
    failures: list[int] = []
    shared = iter(requests)
    began = time.perf_counter()
    await asyncio.wait_for(asyncio.gather(*(_client(port, shared, times, failures) for _ in range(clients))), 120)
    spent = time.perf_counter() - began
    cuts = statistics.quantiles(times, n=100)
    return Load(len(times) / spent, cuts[49] * 1000, cuts[98] * 1000, len(failures))


def load(port: int, requests: Sequence[bytes], clients: int = 24) -> Load:
    """Send every request once, over so many connections."""
    return asyncio.run(_run(port, requests, clients))


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(module: str, environment: dict[str, str], folder: str) -> Iterator[int]:
    """A process `python -m module PORT` working in this folder, ready when the block begins and ended by its own pid."""
    port = free_port()
    ours = {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(HOME), "PORT": str(port), "HOST": "127.0.0.1"}
    process = subprocess.Popen(
        [sys.executable, "-m", module, str(port)],
        cwd=folder,
        env={**os.environ, **ours, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None:
                raise RuntimeError(f"{module} ended with {process.returncode}")
            time.sleep(0.1)
        time.sleep(1.0)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
