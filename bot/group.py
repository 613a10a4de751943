"""Manners in a group: silent unless the bot is addressed, and what is left of a message without the mentions."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.message import Message

_QUOTE = re.compile(r"^「(?P<quoted>.*?)」\s*\n(?:\s*-\s*){5,}\n?", re.DOTALL)
# WeChat ends a mention with U+2005; people type a space, punctuation or nothing more.
_END = r"(?=[\s\u2005\u00a0,，。.!！?？:：、;；~～]|$)"
_LEADING = re.compile(r"^[@＠][^\s\u2005]{1,30}[\s\u2005]*")
_OTHER = re.compile(r"[@＠][^\s\u2005@＠,，。！？:：]{1,20}[\s\u2005]+")


def heard(message: Message, name: str) -> Message:
    """The message as the bot should understand it: addressed or not, mentions taken away, a quote kept apart."""
    quote = _QUOTE.match(message.text)
    said = message.text[quote.end() :] if quote else message.text
    quoted = quote.group("quoted").split("：", 1)[-1].strip() if quote else message.quote
    mention = re.compile(rf"[@＠]{re.escape(name)}{_END}[\s\u2005\u00a0,，:：、]*")
    if not mention.search(said):
        return replace(message, text=said, quote=quoted, addressed=False)
    return replace(message, text=_OTHER.sub("", mention.sub(" ", said)).strip(), quote=quoted)


def called(message: Message, name: str) -> Message:
    """The same for a platform that delivers only what was meant for the bot, under whatever name it goes there."""
    told = heard(message, name)
    if told.addressed:
        return told
    return replace(told, text=_LEADING.sub("", told.text).strip(), addressed=True)
