"""What the scheduler asks of a channel that sends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Settled = Literal["sent", "failed", "unknown", "retry", "wait"]


@dataclass(frozen=True)
class Parcel:
    """One notice for one address."""

    key: str
    """The delivery's own key, at most 64 bytes: the idempotency key where an API takes one."""
    address: str
    """Where to, without its secret; the sender knows the secret that belongs to it."""
    text: str
    markdown: bool = False
    mentions: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a parcel.

    `sent` only after errcode 0 for this very address; `failed` for good; `unknown` when the connection broke after the request
    went out; `retry` when nothing went out or the platform was busy; `wait` when the lane must pause until `until`.
    """

    state: Settled
    reason: str
    """A Chinese sentence: what happened, and who must do what when somebody must."""
    code: int | None = None
    until: float = 0.0
    """For `wait`: seconds since the epoch when the lane may go on."""
    receipt: str = ""
    """The platform's number for what it accepted, by which a later report is matched."""


class Sender(Protocol):
    """A channel that notices go out by."""

    channel: str
    batch: int
    """Addresses that one call can carry, all with the same text."""

    def lane(self, address: str) -> str:
        """What is paced and paused together with this address."""
        ...

    def pace(self, lane: str) -> tuple[int, float]:
        """Calls allowed in how many seconds in this lane."""
        ...

    def keyed(self, lane: str) -> bool:
        """Whether the platform refuses a repeated key in this lane, so that what became unknown may be sent again."""
        ...

    async def send(self, parcels: Sequence[Parcel], now: float) -> Sequence[Outcome]:
        """Send parcels of one lane and one text in one call; an outcome for each, in order. Never raises for what the network does."""
        ...
