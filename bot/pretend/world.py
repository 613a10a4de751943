"""What the pretend platforms know and remember: tokens, people, quotas, and every message in order."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Clock = Callable[[], float]
_TOKEN_SECONDS = 7200
_STABLE_EARLY = 300
_MINUTE = 60.0


@dataclass(frozen=True)
class Request:
    """A call as it came in."""

    path: str
    query: Mapping[str, str] = field(repr=False)
    body: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Arrived:
    """A message that reached somebody. Robots' addresses are their keys, all others as in the ledger."""

    channel: str
    address: str
    text: str
    kind: str
    at: float
    key: str = ""
    """The idempotency key that came along."""
    receipt: str = ""
    mentions: tuple[str, ...] = ()


class World:
    """The state behind the API. Empty lists of accounts, apps and robots mean that everybody is welcome."""

    def __init__(self, clock: Clock = time.time) -> None:
        self.clock = clock
        self.accounts: dict[str, str] = {}
        """公众号: secret by appid."""
        self.apps: dict[tuple[str, str], int] = {}
        """WeCom apps: agent id by corp id and secret."""
        self.robots: set[str] = set()
        """Keys of group robots."""
        self.strangers: set[str] = set()
        """Openids and userids that nobody has."""
        self.unlicensed: set[str] = set()
        self.credits: dict[str, int] = {}
        """Customer-service messages left for an openid; who is not listed has any number, 0 is a closed window."""
        self.accepts: Counter[tuple[str, str]] = Counter()
        """Accepted subscription notices by openid and template id."""
        self.mass_left = 1_000_000
        self.limited = True
        """False lifts the limits a minute."""

        self.requests: list[Request] = []
        self.arrived: list[Arrived] = []
        self.mass_jobs: dict[str, str] = {}
        """Receipt of a mass send by its clientmsgid."""
        self.listeners: list[Callable[[Arrived], None]] = []
        self.duplicates: dict[tuple[object, ...], float] = {}

        self._tokens: dict[str, tuple[str, float]] = {}
        self._stable: dict[str, str] = {}
        self._dead: dict[str, int] = {}
        self._minutes: dict[tuple[str, ...], deque[float]] = {}
        self._numbers = 0
        self._lock = threading.Lock()

    def number(self) -> str:
        """The next message id."""
        with self._lock:
            self._numbers += 1
            return str(1_000_000_000 + self._numbers)

    def deliver(self, arrived: Arrived) -> None:
        """Remember a message and show it to whoever listens."""
        self.arrived.append(arrived)
        for listener in self.listeners:
            listener(arrived)

    def issue(self, owner: str, same: bool) -> tuple[str, int]:
        """A token and the seconds it lasts; with `same` the one given out before while it is good."""
        now = self.clock()
        held = self._stable.get(owner, "")
        if same and held not in self._dead and self._tokens.get(held, ("", 0.0))[1] - now > _STABLE_EARLY:
            return held, int(self._tokens[held][1] - now)
        token = f"pretend-{self.number()}-{'x' * 40}"
        self._tokens[token] = (owner, now + _TOKEN_SECONDS)
        if same:
            self._stable[owner] = token
        return token, _TOKEN_SECONDS

    def owner(self, token: str, platform: str) -> tuple[str, int]:
        """Whose token this is and 0, or the code that refuses it."""
        owner, until = self._tokens.get(token, ("", 0.0))
        if not token:
            return "", 41001
        if token in self._dead:
            return "", self._dead[token]
        if not owner.startswith(platform):
            return "", 40014 if platform == "wecom" else 40001
        return (owner, 0) if until > self.clock() else ("", 42001)

    def expire_tokens(self, code: int = 42001) -> None:
        """Refuse every token given out so far, with this code."""
        self._dead |= dict.fromkeys(self._tokens, code)

    def over(self, *what: str, most: int) -> bool:
        """Count one more within this minute; True when that is more than may be."""
        if not self.limited:
            return False
        now, times = self.clock(), self._minutes.setdefault(what, deque())
        while times and times[0] <= now - _MINUTE:
            times.popleft()
        if len(times) >= most:
            return True
        times.append(now)
        return False
