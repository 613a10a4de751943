"""The server that every application of the benchmark runs under."""

from __future__ import annotations

import sys

from granian import Granian
from granian.constants import Interfaces


def serve(app: str, threads: int = 2) -> None:
    """Serve the application that this factory makes, with two workers, on the port the command line gives."""
    Granian(
        app,
        address="127.0.0.1",
        port=int(sys.argv[1]),
        interface=Interfaces.WSGI,
        factory=True,
        workers=2,
        blocking_threads=threads,
        log_level="critical",  # type: ignore[arg-type]
    ).serve()
