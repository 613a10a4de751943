"""The notice process: a tick at every slot, and every second for what waits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from apscheduler.schedulers.background import BackgroundScheduler

from scheduler.board import Edition
from scheduler.office import Office
from scheduler.tick import ROUND, tick
from scheduler.when import trigger

log = logging.getLogger(__name__)

_PAUSE = 1.0
"""Seconds between ticks when nothing is due: retries and paced lanes wait for nobody's slot."""


class Alarm:
    """Rings at every slot. APScheduler only tells when: what was due is read from the ledger, so nothing is stored here."""

    def __init__(self, office: Office, ring: Callable[[], object]) -> None:
        self._clock = BackgroundScheduler(timezone=office.zone)
        self._ring = ring
        self._edition: Edition | None = None
        self._clock.start()

    def set(self, edition: Edition) -> None:
        """Ring for the notices of this edition from now on."""
        if edition is self._edition:
            return
        self._edition = edition
        self._clock.remove_all_jobs()
        for notice in edition.notices.values():
            times = trigger(notice.when, notice.holiday, notice.remind, edition.zone)
            self._clock.add_job(self._ring, times, misfire_grace_time=None)

    def close(self) -> None:
        """Ring no more."""
        self._clock.shutdown(wait=False)


async def serve(office: Office, stop: asyncio.Event) -> None:
    """Send notices until `stop` is set; what is on the wire then is settled first."""
    loop, due = asyncio.get_running_loop(), asyncio.Event()
    alarm = Alarm(office, lambda: loop.call_soon_threadsafe(due.set))
    try:
        while not stop.is_set():
            alarm.set(office.board.current)
            due.clear()
            now = office.clock()
            try:
                ended = await tick(now, office, stop.is_set)
            except Exception:
                # A store that is away or a bug in one round must not end the process that all notices depend on.
                log.exception("这一轮出错，稍后再来")
                ended = None
            if ended:
                log.info("这一轮：%s", "，".join(f"{state} {count}" for state, count in sorted(ended.items())))
            if office.clock() < now + ROUND:
                await _first(stop, due)
    finally:
        alarm.close()


async def _first(*events: asyncio.Event) -> None:
    """Wait for one of the events, but not for long."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waits, timeout=_PAUSE, return_when=asyncio.FIRST_COMPLETED)
    for task in waits:
        task.cancel()
