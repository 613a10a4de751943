"""`python -m bot ask`: the same answers as in WeChat, on the command line."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from bot import group
from bot.assistant import answer
from bot.knowledge import Knowledge, read_knowledge
from bot.message import Memory, Message, Reply, Role

NAME = "睦邻小助手"
"""What the bot is called in a group."""


def ask_once(home: Path, question: str, role: Role, in_group: bool) -> str:
    """The reply to one question, with why."""
    reply = _answer(read_knowledge(home), _message(question, role, in_group), Memory())
    head = f"[{reply.kind}] 意图：{reply.intent or '无'}　案例：{'、'.join(reply.cases) or '无'}"
    return "\n".join([head, *(f"  因为 {why}" for why in reply.why), "", reply.text])


def ask_lines(home: Path, source: BinaryIO, target: TextIO) -> None:
    """A JSON reply for each JSON question, in order; lines of one session share a conversation."""
    knowledge = read_knowledge(home)
    memories: dict[str, Memory] = {}
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
        message = _message(question, line.get("role", "resident"), bool(line.get("group")))
        reply = _answer(knowledge, message, memories.get(str(session), Memory()) if session is not None else Memory())
        if session is not None:
            memories[str(session)] = reply.memory
        target.write(_dump(_line(line.get("id"), reply)))
        target.flush()


def _message(question: str, role: str, in_group: bool) -> Message:
    message = Message("ask", "", "", text=question, role="worker" if role == "worker" else "resident")
    return group.heard(replace(message, chat="group"), NAME) if in_group else message


def _answer(knowledge: Knowledge, message: Message, memory: Memory) -> Reply:
    return answer(message, memory, knowledge, time.time())


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
