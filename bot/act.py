"""What intents make the bot do. Whatever must be written becomes a deed, carried out when the reply is settled."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from bot import wording
from bot.message import Deed, Reply
from bot.privacy import mask
from bot.question import Question

_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")


def _list_cases(asked: Question) -> Reply:
    text, rest = wording.split(wording.catalogue(asked.knowledge.cases.values()))
    return Reply("intent", text, memory=replace(asked.memory, rest=rest))


def _emergency(asked: Question) -> Reply:
    return Reply("intent", wording.EMERGENCY, memory=asked.memory)


def _help(asked: Question) -> Reply:
    return Reply("intent", wording.WELCOME, memory=asked.memory)


def _human(asked: Question) -> Reply:
    return _noted(asked, "human", wording.HANDED_OVER)


def _complaint(asked: Question) -> Reply:
    return _noted(asked, "complaint", wording.COMPLAINT_NOTED)


def _noted(asked: Question, deed: str, say: str) -> Reply:
    """A hand-over that takes the question before along, so that nobody has to tell it twice."""
    detail = {"question": mask(asked.message.text), "context": asked.memory.question, "say": say}
    return Reply("intent", say, memory=asked.memory, deed=Deed(deed, detail))


def _erase(asked: Question) -> Reply:
    return Reply("intent", "", deed=Deed("erase"))


def _invite(asked: Question) -> Reply:
    code = _CODE.search(asked.text)
    if code is None:
        return Reply("intent", wording.ASK_CODE, memory=asked.memory)
    return Reply("intent", "", memory=asked.memory, deed=Deed("invite", {"code": code.group()}))


ACTIONS: dict[str, Callable[[Question], Reply]] = {
    "list_cases": _list_cases,
    "emergency": _emergency,
    "help": _help,
    "human": _human,
    "complaint": _complaint,
    "erase": _erase,
    "invite": _invite,
}
