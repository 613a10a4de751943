"""One round of the notice process: the whole of what it does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from scheduler.delivery import deliver
from scheduler.ledger import recover
from scheduler.office import Office
from scheduler.planning import expire, hold, is_idle, place, plan, revise

ROUND = 2.0
"""Seconds of sending after which the calendar and the files are looked at again."""


async def tick(now: float, office: Office, stopping: Callable[[], bool] = lambda: False) -> Counter[str]:
    """Plan what is due at `now` and send what is ready; returns how many deliveries ended how."""
    office.board.refresh()
    with office.engine.begin() as connection:
        plan(connection, office, now)  # due slots -> audience -> planned, or missed
        if is_idle(connection, now):
            return Counter()
        recover(connection, now)  # what was on the wire when a process died
        revise(connection, office, now)  # an edited, moved or cancelled notice never sends its old text
        place(connection, office, now)  # news for people, which the bot could not put into lanes
        hold(connection, office, now)  # quiet hours
        expire(connection, now)  # too late to be of use

    def going() -> bool:
        return not stopping() and not office.board.changed() and office.clock() < now + ROUND

    return await deliver(office, going)  # claim -> send -> settle
