"""`python -m bot ask`: the same answers as in WeChat, on the command line."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, TextIO
from zoneinfo import ZoneInfo

from bot import group
from bot.build import build_desk, notices_in_force
from bot.desk import Desk
from bot.knowledge import Library
from bot.message import Message, Reply, Role
from bot.store.engine import migrate, open_database

NAME = "睦邻小助手"
"""What the bot is called in a group."""


_MEMORY_SECONDS = 86400.0
"""A session on the command line does not expire."""


def ask_once(home: Path, question: str, role: Role, in_group: bool, zone: ZoneInfo) -> str:
    """The reply to one question, with why."""
    reply = _desk(home, zone).reply(_message("1", "1", question, role, in_group))
    head = f"[{reply.kind}] 意图：{reply.intent or '无'}　案例：{'、'.join(reply.cases) or '无'}"
    return "\n".join([head, *(f"  因为 {why}" for why in reply.why), "", reply.text])


def ask_lines(home: Path, source: BinaryIO, target: TextIO, zone: ZoneInfo) -> None:
    """A JSON reply for each JSON question, in order; lines of one session share a conversation."""
    desk = _desk(home, zone)
    for number, raw in enumerate(source, 1):
        if not raw.strip():
            continue
        try:
            line = json.loads(raw)
            question = str(line["q"])
        except (ValueError, KeyError, TypeError) as error:
            target.write(_dump({"id": None, "error": f"第 {number} 行读不了：{type(error).__name__}"}))
            continue
        session = line.get("session")
        # Without a session each line is a person of its own.
        person = f"line {number}" if session is None else f"session {session}"
        role: Role = "worker" if line.get("role") == "worker" else "resident"
        reply = desk.reply(_message(str(number), person, question, role, bool(line.get("group"))))
        target.write(_dump(_line(line.get("id"), reply)))
        target.flush()


def _desk(home: Path, zone: ZoneInfo) -> Desk:
    """The bot as WeChat meets it, with an empty store that ends with the command."""
    engine = open_database("sqlite:///:memory:")
    migrate(engine)
    library, edition = Library(home), notices_in_force(home, zone, time.time)
    return build_desk(library, engine, "ask", _MEMORY_SECONDS, time.time, edition)


def _message(key: str, person: str, question: str, role: Role, in_group: bool) -> Message:
    message = Message("ask", key, person, text=question, role=role)
    return group.heard(replace(message, chat=f"group of {person}"), NAME) if in_group else message


def _line(number: Any, reply: Reply) -> dict[str, Any]:
    return {
        "id": number,
        "kind": reply.kind,
        "intent": reply.intent,
        "cases": list(reply.cases[:5]),
        "text": reply.text,
    }


def _dump(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False) + "\n"
