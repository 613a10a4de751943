"""Delivery: what is planned and ready is claimed, sent and settled, many calls at once."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import Counter
from collections.abc import Callable, Sequence

from sqlalchemy.exc import InterfaceError, OperationalError

from scheduler import wording
from scheduler.calls import Call, Landed, claim, release, settle
from scheduler.office import Office
from scheduler.sender import Outcome

log = logging.getLogger(__name__)

_STORE_PAUSE = 0.5
"""Seconds before the store is tried again; what landed is kept until it is written down."""


async def deliver(office: Office, going: Callable[[], bool]) -> Counter[str]:
    """Claim, send and settle until nothing is ready or `going` says no; returns how many calls ended how."""
    flying: set[asyncio.Task[Landed]] = set()
    landed: list[Landed] = []
    ended: Counter[str] = Counter()
    while True:
        wanted = office.in_flight - len(flying) if going() else 0
        calls = await _exchange(office, landed, wanted)
        flying |= {asyncio.create_task(_send(office, call)) for call in calls}
        if not flying:
            return ended
        done, flying = await asyncio.wait(flying, return_when=asyncio.FIRST_COMPLETED)
        landed = [task.result() for task in done]
        ended.update(outcome.state for landing in landed for outcome in landing.outcomes)


async def _exchange(office: Office, landed: Sequence[Landed], wanted: int) -> list[Call]:
    """Write down what landed and take new calls, in one transaction: one wait for the disk for many calls."""
    token = uuid.uuid4().hex
    again = False
    while True:
        try:
            return await asyncio.to_thread(_in_store, office, landed, token, wanted, again)
        except (OperationalError, InterfaceError) as error:
            log.error("账本暂时写不进去，稍后再写：%s", error.orig)
            await asyncio.sleep(_STORE_PAUSE)
            again = True


def _in_store(office: Office, landed: Sequence[Landed], token: str, wanted: int, again: bool) -> list[Call]:
    now = office.clock()
    pausing = any(outcome.state == "wait" for landing in landed for outcome in landing.outcomes)
    with office.engine.begin() as connection:
        if again:
            # The last attempt may have reached the disk and only its answer was lost: then its claims were never sent.
            release(connection, token, now)
        settle(connection, landed, now)
        if not pausing:
            return claim(connection, office, token, wanted, now)
    # Lanes are locked in the order of their names; pausing one first could make two processes wait for each other.
    with office.engine.begin() as connection:
        return claim(connection, office, token, wanted, now)


async def _send(office: Office, call: Call) -> Landed:
    parcels = [delivery.parcel for delivery in call.deliveries]
    try:
        async with asyncio.timeout(office.patience):
            outcomes = await call.sender.send(parcels, office.clock())
    except TimeoutError:
        outcomes = [Outcome("unknown", wording.TOO_SLOW)] * len(parcels)
    except Exception:
        # Whatever it was, the request may have gone out.
        log.exception("%s 的发送程序出错", call.lane)
        outcomes = [Outcome("unknown", wording.BROKEN_SENDER)] * len(parcels)
    if len(outcomes) != len(parcels):
        log.error("%s 送出 %d 条，只回报 %d 条", call.lane, len(parcels), len(outcomes))
        outcomes = [Outcome("unknown", wording.BROKEN_SENDER)] * len(parcels)
    return Landed(call, outcomes)
