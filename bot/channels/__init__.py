"""The ways in and out. A channel that listens turns a callback into a message and a reply text into an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.message import Message


class Refused(Exception):
    """A callback that is not answered: status 400 for what cannot be read, 403 for what cannot be trusted."""

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True)
class Callback:
    """What the platform posted, as it came."""

    query: Mapping[str, str]
    body: bytes
    now: float


@dataclass(frozen=True)
class Incoming:
    """A message with what its channel needs to answer it."""

    message: Message
    encrypted: bool
    nonce: str
    sender: str = ""
    recipient: str = ""
    stream: str = ""


@dataclass(frozen=True)
class Answer:
    """The body that goes back to the platform."""

    body: bytes
    content_type: str


class Listener(Protocol):
    """A channel that messages come in by."""

    name: str

    def verify(self, callback: Callback) -> str:
        """The text that proves to the platform that this address is ours; raises Refused."""
        ...

    def receive(self, callback: Callback) -> Incoming:
        """The message in a callback; raises Refused."""
        ...

    def respond(self, incoming: Incoming, text: str, now: float) -> Answer:
        """The answer that carries this text; an empty text is the platform's way of saying nothing."""
        ...
