"""What a test or an operator tells the pretend API to do wrong."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.pretend.world import Request

Stage = Literal["unread", "delay", "answer"]
"""When something goes wrong: before the body is read, before the answer, or with the answer."""


@dataclass
class Fault:
    """Something that goes wrong for matching calls: an answer with a code, a delay, a cut connection."""

    path: str = ""
    """Such as `message/send`; empty for all."""
    address: str = ""
    """A userid, openid or robot's key that the call must name; empty for all."""
    times: int | None = 1
    """For so many calls; None for ever."""
    skip: int = 0
    """So many calls go well before."""
    stage: Stage = "answer"
    code: int = 0
    fields: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    raw: bytes | None = None
    seconds: float = 0.0
    cut: bool = False
    halve: bool = False

    def matches(self, request: Request) -> bool:
        """True when the call is meant."""
        return self.path in ("", request.path) and (not self.address or self.address in _named(request))


class Faults:
    """The faults in the order they were told; the first that matches happens."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """From now on, after those that were told before."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Everything goes well again."""
        with self._lock:
            self._faults.clear()

    def next(self, request: Request, stage: Stage) -> Fault | None:
        """What goes wrong with this call at this stage."""
        with self._lock:
            for fault in self._faults:
                if fault.stage != stage or fault.times == 0 or not fault.matches(request):
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None


def _named(request: Request) -> list[str]:
    users = str(request.body.get("touser") or "")
    return [*users.split("|"), request.query.get("key", "")]
