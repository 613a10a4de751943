"""The access tokens that all processes share, and the lease that lets one of them fetch at a time."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, and_, case, or_, select, update

from bot.store.tables import access_tokens as table
from bot.store.upsert import upsert

EARLY = 300.0
"""Seconds before its end at which a token is replaced; the platform gives out a new one from then on."""
LEASE = 15.0
"""Seconds a fetch may take; after that its process is taken for dead."""
_REST = 30.0
"""Seconds between two fetches while the token still works: WeCom hands out the same one until it expires."""
_REFUSALS, _REFUSAL_MINUTE = 5, 60.0
"""Fetches a minute on account of refused tokens: more would not help, and token calls are counted."""


@dataclass(frozen=True, repr=False)
class Token:
    """A token as stored. Never printed."""

    value: str
    expires_at: float
    leased: bool
    """True while some process is fetching a new one."""

    def fresh(self, now: float) -> bool:
        """True while there is no reason to replace it."""
        return bool(self.value) and self.expires_at - now > EARLY

    def usable(self, failed: str, now: float) -> bool:
        """True when it may be tried: it is not the one that was refused, and not expired."""
        return bool(self.value) and self.value != failed and self.expires_at > now


class TokenStore:
    """Reads, leases and writes tokens."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self, account: str, now: float) -> Token:
        """The stored token; an empty one when there is none."""
        query = select(table.c.token, table.c.expires_at, table.c.lease_until).where(table.c.account == account)
        with self._engine.execution_options(read_only=True).connect() as connection:
            row = connection.execute(query).first()
        return Token(row[0], row[1], now < row[2] <= now + LEASE) if row else Token("", 0.0, False)

    def claim(self, account: str, failed: str, now: float) -> bool:
        """Take the lease; False when another has it or a new token is not due. `failed` is the token that was refused."""
        with self._engine.begin() as connection:
            upsert(connection, table, [_empty(account)])
            # A lease far ahead was written by a clock that was wrong.
            unleased = or_(table.c.lease_until <= now, table.c.lease_until > now + LEASE)
            changes: dict[str, object] = {"lease_until": now + LEASE}
            if failed:
                changes |= {"refused_at": now, "refusals": case((_quiet(now), 1), else_=table.c.refusals + 1)}
            due = _refused(failed, now) if failed else _ending(now)
            claim = update(table).where(table.c.account == account, unleased, due).values(changes)
            return connection.execute(claim).rowcount == 1

    def save(self, account: str, value: str, expires_at: float, now: float) -> None:
        """Store a new token and give the lease back."""
        values = {"token": value, "expires_at": expires_at, "fetched_at": now, "lease_until": 0.0}
        with self._engine.begin() as connection:
            connection.execute(update(table).where(table.c.account == account).values(values))

    def release(self, account: str) -> None:
        """Give the lease back without a new token."""
        with self._engine.begin() as connection:
            connection.execute(update(table).where(table.c.account == account).values(lease_until=0.0))


def _empty(account: str) -> dict[str, object]:
    times = dict.fromkeys(("expires_at", "fetched_at", "lease_until", "refused_at"), 0.0)
    return {"account": account, "token": "", "refusals": 0, **times}


def _ending(now: float) -> ColumnElement[bool]:
    rested = or_(table.c.fetched_at < now - _REST, table.c.fetched_at > now)
    return or_(table.c.expires_at <= now, and_(table.c.expires_at <= now + EARLY, rested))


def _refused(failed: str, now: float) -> ColumnElement[bool]:
    return and_(table.c.token == failed, or_(_quiet(now), table.c.refusals < _REFUSALS))


def _quiet(now: float) -> ColumnElement[bool]:
    return or_(table.c.refused_at < now - _REFUSAL_MINUTE, table.c.refused_at > now)
