"""The values that flow through the bot: a message comes in, a reply goes out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Role = Literal["resident", "worker"]
MessageKind = Literal["text", "voice", "image", "video", "file", "location", "link", "event", "unknown"]
ReplyKind = Literal["case", "intent", "choice", "unknown", "silent"]


@dataclass(frozen=True)
class Message:
    """What a person sent, in our words; the platform's wire format stays in its channel."""

    channel: str
    key: str
    """The platform's identity of the message: a repetition carries the same."""
    person: str
    text: str = ""
    kind: MessageKind = "text"
    event: str = ""
    """For kind `event`: subscribe, unsubscribe, scan, click, view, enter, stream, feedback, ... in lower case."""
    detail: tuple[str, ...] = ()
    """What an event carries: for `feedback` the message's key, the verdict and what was said."""
    chat: str = ""
    """The group's id; empty in a single chat."""
    role: Role = "resident"
    addressed: bool = True
    """False when it was typed in a group and not meant for the bot."""
    quote: str = ""
    """The earlier message that this one quotes."""
    nonce: str = ""
    """The callback's nonce with its timestamp; a second body under it is a replay."""
    digest: str = ""
    """A hash of the decrypted body, to tell a repetition from another body."""


class Choice(NamedTuple):
    """One line of a numbered menu: a practice of a case."""

    case: str
    practice: str


@dataclass(frozen=True)
class Memory:
    """What a conversation remembers until the next turn."""

    question: str = ""
    """What the cases shown or offered are an answer to."""
    said: str = ""
    """What was asked last, also when nothing was found; a hand-over takes it along."""
    shown: Choice | None = None
    choices: tuple[Choice, ...] = ()
    """Numbered from 1 in the order the person saw them."""
    others: tuple[Choice, ...] = ()
    """Further hits that were not shown yet, best first."""
    seen: tuple[Choice, ...] = ()
    rest: str = ""
    """The part of the last reply that did not fit; 更多 asks for it."""
    detailed: str = ""
    """The practice of which everything was told, so that it is not told again."""
    notice: str = ""
    """The notice last spoken of, so that 报名 knows what is meant."""
    wish: str = ""
    """The action that waits for one of the options: signup, subscribe, ..."""
    options: tuple[str, ...] = ()
    """Names of notices or topics, numbered from 1 in the order the person saw them."""
    at: float = 0.0


@dataclass(frozen=True)
class Deed:
    """Something the bot does in the same transaction that settles the reply."""

    name: str
    detail: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """What the bot answers, and what it keeps in mind."""

    kind: ReplyKind
    text: str = ""
    intent: str | None = None
    cases: tuple[str, ...] = ()
    memory: Memory = Memory()
    deed: Deed | None = None
    why: tuple[object, ...] = ()
    """Reasons, put into words only when somebody reads them."""


@dataclass(frozen=True)
class Told:
    """An answer that a group was given lately."""

    reply: str
    at: float


SILENCE = Reply("silent")
