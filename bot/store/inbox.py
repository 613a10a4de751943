"""The inbox: what a message finds when it comes in, and the one short transaction that settles its reply."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, literal, select, union_all

from bot.message import Choice, Deed, Memory, Message, Reply, Role, Told
from bot.privacy import mask, pseudonym
from bot.store.contacts import note_contacts
from bot.store.engine import swift
from bot.store.prepared import Prepared
from bot.store.tables import conversations, group_answers, messages, workers
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


@dataclass
class _Entry:
    """One message waiting to be settled."""

    message: Message
    reply: Reply
    now: float
    question: str
    person: str
    text: str = ""
    done: bool = False
    error: BaseException | None = None


class Inbox:
    """First reply for a repeated message, memory for a running conversation."""

    def __init__(self, engine: Engine, secret: str, memory_seconds: float, do: Doer) -> None:
        self._engine = engine
        self._swift = swift(engine)
        self._reader = engine.execution_options(read_only=True)
        self._known = Prepared(_RECALL, engine.dialect)
        self._secret = secret
        self._memory_seconds = memory_seconds
        self._do = do
        self._waiting: list[_Entry] = []
        self._gate = threading.Lock()
        self._commit = threading.Lock()

    def person(self, message: Message) -> str:
        """The name under which the sender is stored."""
        return pseudonym(self._secret, message.channel, message.person)

    def recall(self, message: Message, question: str, now: float) -> Recalled:
        """What is known of this message, its conversation and, in a group, its folded question."""
        who = {
            "channel": message.channel, "key": message.key, "nonce": message.nonce or None,
            "chat": message.chat, "person": self.person(message), "question": _hash(question) if message.chat else "",
        }  # fmt: skip
        with self._reader.connect() as connection:
            rows = self._known.rows(connection, who)
        reply, replayed, memory, role, told = None, False, Memory(), message.role, None
        for what, first, second, at in rows:
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
        entry = _Entry(message, reply, now, question, self.person(message))
        with self._gate:
            self._waiting.append(entry)
        # Whoever gets the lock commits for all who wait: one fsync for many messages.
        with self._commit:
            if not entry.done:
                with self._gate:
                    batch, self._waiting = self._waiting, []
                self._settle_together(batch)
        if entry.error:
            raise entry.error
        return entry.text

    def _settle_together(self, batch: Sequence[_Entry]) -> None:
        try:
            self._write(batch)
        except Exception as error:
            if len(batch) == 1:
                batch[0].error = error
            else:
                # One bad entry must not spoil the others.
                for entry in batch:
                    self._settle_together([entry])
        for entry in batch:
            entry.done = True

    def _write(self, batch: Sequence[_Entry]) -> None:
        # What the bot promised to do must survive a power cut; a conversation need not wait for the disk.
        engine = self._engine if any(entry.reply.deed for entry in batch) else self._swift
        with engine.begin() as connection:
            plain = [entry for entry in batch if entry.reply.deed is None]
            fresh = self._insert(connection, plain)
            for entry in batch:
                if entry.reply.deed is not None:
                    fresh += self._insert(connection, [entry])
            remembered = {(entry.message.channel, entry.message.chat, entry.person): entry for entry in fresh}
            rows = [
                {
                    "channel": channel,
                    "chat": chat,
                    "person": person,
                    "memory": _dump(entry.reply.memory),
                    "at": entry.now,
                }
                for (channel, chat, person), entry in remembered.items()
                if not _erases(entry)
            ]
            if rows:
                upsert(connection, conversations, rows, keys=("channel", "chat", "person"))
            note_contacts(
                connection, [(entry.message, entry.person, entry.now) for entry in fresh if not _erases(entry)]
            )
            told = {
                (entry.message.channel, entry.message.chat, _hash(entry.question)): entry
                for entry in fresh
                if entry.message.chat and entry.reply.kind == "case"
            }
            if told:
                rows = [
                    {"channel": channel, "chat": chat, "question": question, "at": entry.now, "reply": entry.text}
                    for (channel, chat, question), entry in told.items()
                ]
                upsert(connection, group_answers, rows, keys=("channel", "chat", "question"))

    def _insert(self, connection: Connection, entries: Sequence[_Entry]) -> list[_Entry]:
        """Insert these messages; those that another process answered first get its text instead."""
        if not entries:
            return []
        rows = [self._row(entry) for entry in entries]
        if upsert(connection, messages, rows) == len(rows):
            fresh = list(entries)
        elif len(entries) > 1:
            raise _Contended
        else:
            fresh = []
            entries[0].text = self._first_text(connection, entries[0].message)
        for entry in fresh:
            entry.text = entry.reply.text
            if entry.reply.deed:
                entry.text = self._do(connection, entry.message, entry.reply.deed, entry.now)
                connection.execute(_SAY, {"c": entry.message.channel, "k": entry.message.key, "t": entry.text})
        return fresh

    def _first_text(self, connection: Connection, message: Message) -> str:
        query = select(messages.c.reply).where(messages.c.channel == message.channel, messages.c.key == message.key)
        return str(connection.execute(query).scalar() or "")

    def _row(self, entry: _Entry) -> dict[str, Any]:
        message, reply = entry.message, entry.reply
        return {
            "channel": message.channel, "key": message.key, "nonce": message.nonce or None, "digest": message.digest,
            "person": entry.person, "chat": message.chat, "at": entry.now, "role": message.role,
            "text": mask(message.text), "kind": reply.kind, "intent": reply.intent, "cases": ",".join(reply.cases),
            "reply": reply.text,
        }  # fmt: skip


def _erases(entry: _Entry) -> bool:
    return entry.reply.deed is not None and entry.reply.deed.name == "erase"


class _Contended(Exception):
    """Some message of the batch was answered elsewhere; settle one by one."""


_SAY = (
    messages.update()
    .where(messages.c.channel == bindparam("c"), messages.c.key == bindparam("k"))
    .values(reply=bindparam("t"))
)

_RECALL = union_all(
    select(literal("key"), messages.c.reply, messages.c.digest, messages.c.at).where(
        messages.c.channel == bindparam("channel"), messages.c.key == bindparam("key")
    ),
    select(literal("nonce"), messages.c.reply, messages.c.digest, messages.c.at).where(
        messages.c.channel == bindparam("channel"), messages.c.nonce == bindparam("nonce")
    ),
    select(literal("memory"), conversations.c.memory, literal(""), conversations.c.at).where(
        conversations.c.channel == bindparam("channel"),
        conversations.c.chat == bindparam("chat"),
        conversations.c.person == bindparam("person"),
    ),
    select(literal("told"), group_answers.c.reply, literal(""), group_answers.c.at).where(
        group_answers.c.channel == bindparam("channel"),
        group_answers.c.chat == bindparam("chat"),
        group_answers.c.question == bindparam("question"),
    ),
    select(literal("worker"), literal(""), literal(""), workers.c.at).where(
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
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _load(text: str, at: float) -> Memory:
    data = json.loads(text)
    known: dict[str, Any] = {name: data[name] for name in _TEXTS if name in data}
    known |= {name: tuple(Choice(*pair) for pair in data[name]) for name in _LISTS if name in data}
    known["options"] = tuple(data.get("options", ()))
    return Memory(**known, shown=Choice(*data["shown"]) if "shown" in data else None, at=at)


def _pair(choice: Choice) -> list[str]:
    return [choice.case, choice.practice]


_TEXTS = ("question", "said", "rest", "detailed", "notice", "wish")
_LISTS = ("choices", "others", "seen")
