"""The inbox: what a message finds when it comes in, and the one row that settles its reply."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, bindparam, func, literal_column, select, union_all

from bot.message import Choice, Deed, Memory, Message, Reply, Role, Told
from bot.privacy import mask, pseudonym
from bot.store.contacts import opens
from bot.store.engine import swift
from bot.store.prepared import Prepared
from bot.store.tables import group_answers, messages, workers
from bot.store.thread_connection import ThreadConnection
from bot.store.upsert import upsert

Doer = Callable[[Connection, Message, Deed, float], str]
"""Carries out a deed inside the transaction and returns the text to say."""


_TOLD_SECONDS = 1800.0
"""How long a group's answer is pointed back to instead of being given again."""


@dataclass(frozen=True)
class Recalled:
    """What the store knows when a message comes in."""

    reply: str | None = None
    """The first reply, when this message was answered before."""
    replayed: bool = False
    """True when its nonce was used by another body."""
    memory: Memory = Memory()
    role: Role = "resident"
    told: Told | None = None
    """What the group was answered when somebody asked the same lately."""


class Inbox:
    """First reply for a repeated message, memory for a running conversation."""

    def __init__(self, engine: Engine, secret: str, memory_seconds: float, do: Doer) -> None:
        self._engine = engine
        self._connection = ThreadConnection(swift(engine))
        self._known, self._first, self._say = (
            Prepared(statement, engine.dialect) for statement in (_RECALL, _FIRST, _SAY)
        )
        self._secret = secret
        self._memory_seconds = memory_seconds
        self._do = do

    def recall(self, message: Message, question: str, now: float) -> Recalled:
        """What is known of this message, its conversation and, in a group, its folded question."""
        who = {
            "channel": message.channel, "key": message.key, "nonce": message.nonce or None,
            "chat": message.chat, "person": self._person(message), "question": _hash(question) if message.chat else "",
        }  # fmt: skip
        reply, replayed, memory, role, told = None, False, Memory(), message.role, None
        for what, first, second, at in self._connection.run(lambda connection: self._known.rows(connection, who)):
            if what == "nonce":
                replayed = replayed or second != message.digest
            elif what == "key":
                reply = first
            elif what == "memory" and now - at < self._memory_seconds:
                memory = _load(first, at)
            elif what == "worker":
                role = "worker"
            elif what == "told" and now - at < _TOLD_SECONDS:
                told = Told(first, at)
        return Recalled(reply, replayed, memory, role, told)

    def settle(self, message: Message, question: str, reply: Reply, now: float) -> str:
        """Write the reply and what it changes; returns the text that counts, which is another's when one was faster."""

        def write(connection: Connection) -> str:
            return self._write(connection, message, question, reply, now)

        if reply.deed:
            # What the bot promised to do must survive a power cut; a conversation need not wait for the disk.
            with self._engine.begin() as connection:
                return write(connection)
        return self._connection.together(write) if message.chat else self._connection.run(write)

    def _write(self, connection: Connection, message: Message, question: str, reply: Reply, now: float) -> str:
        person = self._person(message)
        if not upsert(connection, messages, [_row(message, person, reply, now)]):
            rows = self._first.rows(connection, {"channel": message.channel, "key": message.key})
            # Without a row it was the nonce that another message had used a moment ago.
            return str(rows[0][0]) if rows else ""
        text = reply.text
        if reply.deed:
            text = self._do(connection, message, reply.deed, now)
            self._say.run(connection, {"channel": message.channel, "key": message.key, "text": text})
        if message.chat and reply.kind == "case":
            asked = {"channel": message.channel, "chat": message.chat, "question": _hash(question)}
            upsert(connection, group_answers, [{**asked, "at": now, "reply": text}], keys=tuple(asked))
        return text

    def _person(self, message: Message) -> str:
        return pseudonym(self._secret, message.channel, message.person)


def _row(message: Message, person: str, reply: Reply, now: float) -> dict[str, Any]:
    return {
        "channel": message.channel, "key": message.key, "nonce": message.nonce or None, "digest": message.digest,
        "person": person, "chat": message.chat, "at": now, "role": message.role, "text": mask(message.text),
        "kind": reply.kind, "intent": reply.intent, "cases": ",".join(reply.cases), "reply": reply.text,
        "memory": _dump(reply.memory), "opens": opens(message),
    }  # fmt: skip


def _mine(*names: str) -> ColumnElement[bool]:
    return and_(*(messages.c[name] == bindparam(name) for name in names))


_NOTHING: ColumnElement[str] = literal_column("''")
_FIRST = select(messages.c.reply).where(_mine("channel", "key"))
_SAY = messages.update().where(_mine("channel", "key")).values(reply=bindparam("text"))
_LAST = select(func.max(messages.c.id)).where(_mine("channel", "person", "chat")).scalar_subquery()
_RECALL = union_all(
    select(literal_column("'key'"), messages.c.reply, messages.c.digest, messages.c.at).where(_mine("channel", "key")),
    select(literal_column("'nonce'"), messages.c.reply, messages.c.digest, messages.c.at).where(
        _mine("channel", "nonce")
    ),
    select(literal_column("'memory'"), messages.c.memory, _NOTHING, messages.c.at).where(messages.c.id == _LAST),
    select(literal_column("'told'"), group_answers.c.reply, _NOTHING, group_answers.c.at).where(
        group_answers.c.channel == bindparam("channel"),
        group_answers.c.chat == bindparam("chat"),
        group_answers.c.question == bindparam("question"),
    ),
    select(literal_column("'worker'"), _NOTHING, _NOTHING, workers.c.at).where(
        workers.c.channel == bindparam("channel"), workers.c.person == bindparam("person")
    ),
)


def _hash(question: str) -> str:
    return hashlib.sha256(question.replace(" ", "").encode("utf-8", "replace")).hexdigest()[:32]


def _dump(memory: Memory) -> str:
    """The memory as short JSON; dataclasses.asdict would copy it deeply first."""
    data: dict[str, Any] = {name: value for name in _TEXTS if (value := getattr(memory, name))}
    if memory.shown:
        data["shown"] = _pair(memory.shown)
    data |= {name: [_pair(choice) for choice in value] for name in _LISTS if (value := getattr(memory, name))}
    if memory.options:
        data["options"] = memory.options
    return _JSON.encode(data)


def _load(text: str, at: float) -> Memory:
    data = json.loads(text)
    known: dict[str, Any] = {name: data[name] for name in _TEXTS if name in data}
    known |= {name: tuple(Choice(*pair) for pair in data[name]) for name in _LISTS if name in data}
    known["options"] = tuple(data.get("options", ()))
    return Memory(**known, shown=Choice(*data["shown"]) if "shown" in data else None, at=at)


def _pair(choice: Choice) -> list[str]:
    return [choice.case, choice.practice]


_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)
_TEXTS = ("question", "said", "rest", "detailed", "notice", "wish")
_LISTS = ("choices", "others", "seen")
