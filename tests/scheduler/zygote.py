"""Notice processes that start fast enough to be killed a hundred times: forked from one that has imported everything.

A line on stdin starts a process; its number comes on stdout.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

from bot.office import open_office
from bot.settings import read_settings
from bot.store.engine import open_database
from scheduler.tick import tick

LEASE = 1.5
PATIENCE = 1.0
IN_FLIGHT = 8


async def work() -> None:
    """Tick until somebody kills us."""
    settings = read_settings(os.environ)
    async with open_office(settings, open_database(settings.database_url), os.environ) as office:
        office = replace(office, in_flight=IN_FLIGHT, patience=PATIENCE, lease=LEASE)
        while True:
            await tick(time.time(), office)
            await asyncio.sleep(0.01)


def main() -> None:
    logging.disable(logging.CRITICAL)
    # The dead are not waited for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for _ in sys.stdin:
        number = os.fork()
        if number == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            asyncio.run(work())
        print(number, flush=True)


if __name__ == "__main__":
    os.chdir(Path(__file__).parent.parent.parent)
    main()
