"""An answer turned into an outcome."""

from __future__ import annotations

from bot.senders.api import Answer
from bot.senders.errors import Meanings, outcome
from scheduler.sender import Outcome

_NO_CODE = "平台的回答里没有 errcode，不知道对方收到没有：请管理员去看一眼，没收到再补发"


def settled(answer: Answer, meanings: Meanings, now: float, receipt: str = "") -> Outcome:
    """What became of a message: sent only when the platform says errcode 0."""
    if answer.code is None:
        return Outcome("unknown", _NO_CODE)
    return outcome(meanings, answer.code, answer.errmsg, now, receipt)
