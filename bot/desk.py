"""The desk: takes a message, answers it once, and remembers."""

from __future__ import annotations

import logging
from dataclasses import replace

from sqlalchemy.exc import SQLAlchemyError

from bot import wording
from bot.assistant import answer
from bot.channels import Refused
from bot.diary import Diary
from bot.knowledge import Clock, Library
from bot.message import SILENCE, Message, Reply
from bot.store.inbox import Inbox, Recalled

log = logging.getLogger(__name__)


class Desk:
    """Joins knowledge and store; the same for every channel."""

    def __init__(self, library: Library, inbox: Inbox, clock: Clock, diary: Diary) -> None:
        self._library = library
        self._inbox = inbox
        self._diary = diary
        self.clock = clock

    def serve(self, message: Message) -> str:
        """The text to send back; empty for silence. A repeated message gets its first reply again."""
        return self.reply(message).text

    def reply(self, message: Message) -> Reply:
        """The reply with its kind and reasons, settled."""
        now, knowledge = self.clock(), self._library.current
        question = knowledge.synonyms.fold(message.text) if message.chat else ""
        known = self._recall(message, question, now)
        if known.replayed:
            raise Refused(403, "这个 nonce 已被另一条消息用过：可能是重放")
        if known.reply is not None:
            log.info("%s %s 重复，发回第一次的回复", message.channel, message.key)
            return Reply("intent", known.reply)
        if known.role != message.role:
            message = replace(message, role=known.role)
        reply = answer(message, known.memory, knowledge, now, known.told, self._diary)
        log.info("%s %s %s %s", message.channel, message.key, reply.kind, reply.intent or ",".join(reply.cases) or "-")
        if reply == SILENCE and (not message.addressed or message.event == "stream"):
            # What a group says among itself is not ours to keep; a poll for an answer must not become the answer.
            return SILENCE
        return replace(reply, text=self._settle(message, question, reply, now))

    def _settle(self, message: Message, question: str, reply: Reply, now: float) -> str:
        try:
            return self._inbox.settle(message, question, reply, now)
        except SQLAlchemyError as error:
            log.error("%s %s 没有记下来：%s", message.channel, message.key, _short(error))
            return wording.CANNOT_RECORD if reply.deed else reply.text

    def _recall(self, message: Message, question: str, now: float) -> Recalled:
        try:
            return self._inbox.recall(message, question, now)
        except SQLAlchemyError as error:
            # Without its memory the bot still helps; a retry is then answered afresh, with the same words.
            log.error("%s %s 读不到记录：%s", message.channel, message.key, _short(error))
            return Recalled(role=message.role)


def _short(error: SQLAlchemyError) -> str:
    """The database's own words without the statement, whose parameters hold what people wrote."""
    return str(getattr(error, "orig", None) or type(error).__name__)
