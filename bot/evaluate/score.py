"""One line judged: what was answered, and whether that is right."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot import group
from bot.ask import NAME
from bot.assistant import answer
from bot.evaluate.lines import Line
from bot.fold import fold
from bot.knowledge import Knowledge
from bot.message import Memory, Message, Reply
from bot.search import Hit


@dataclass(frozen=True)
class Talk:
    """Asks the bot as a channel does."""

    knowledge: Knowledge
    now: float

    def say(self, text: str, role: str = "resident", memory: Memory | None = None) -> Reply:
        """The reply to a text in a conversation."""
        message = Message("evaluate", "", "", text=text, role="worker" if role == "worker" else "resident")
        return answer(message, memory or Memory(), self.knowledge, self.now)

    def hits(self, text: str) -> list[Hit]:
        """What the search found for a text."""
        return self.knowledge.matcher.find(fold(text), limit=12)


@dataclass(frozen=True)
class Verdict:
    """What came of a line."""

    line: Line
    reply: Reply
    hits: tuple[Hit, ...] = ()
    right: bool = False
    """The first case is a right one; or: refused, understood, heard as it should be."""
    among: bool = False
    """A right or acceptable case stands among the first three."""
    rank: int = 0
    """The place of the first right case in the reply, 0 when it is not there."""
    facts: bool | None = None
    """All facts asked for are in the reply; None when the line asks for none."""

    @property
    def missed(self) -> bool:
        """No case was offered."""
        return self.reply.kind not in ("case", "choice")

    @property
    def score(self) -> float:
        """The score of the best hit."""
        return self.hits[0].score if self.hits else 0.0


def judge(line: Line, talk: Talk) -> Verdict:
    """The verdict on one line."""
    if line.kind == "group":
        return _heard(line)
    if line.kind == "followup":
        return _followed(line, talk)
    reply = talk.say(line.question, line.role)
    if line.kind == "talk":
        return Verdict(line, reply, right=reply.intent == line.intent)
    hits = tuple(talk.hits(line.question))
    if line.kind == "outside":
        return Verdict(line, reply, hits, right=reply.kind not in ("case", "choice"))
    found = list(reply.cases) if reply.kind in ("case", "choice") else []
    rank = next((number for number, case in enumerate(found, 1) if case in line.gold), 0)
    among = any(case in line.gold + line.also for case in found[:3])
    return Verdict(line, reply, hits, rank == 1, among, rank, _facts(line, reply, talk))


def _facts(line: Line, reply: Reply, talk: Talk) -> bool | None:
    if not line.facts:
        return None
    text = reply.text
    if reply.kind == "choice":
        text += "\n" + talk.say("1", line.role, reply.memory).text
    return all(re.search(fact, text) for fact in line.facts)


def _heard(line: Line) -> Verdict:
    message = group.heard(Message("evaluate", "", "", text=line.question, chat="group"), NAME)
    said = not line.addressed or fold(message.text) == fold(line.left or "")
    return Verdict(
        replace(line, tags=()), Reply("silent", message.text), right=message.addressed == line.addressed and said
    )


def _followed(line: Line, talk: Talk) -> Verdict:
    reply = Reply("silent")
    for turn in line.turns:
        reply = talk.say(turn, line.role, reply.memory)
    return Verdict(line, reply, right=not line.gold or bool(set(reply.cases[:1]) & set(line.gold)))
