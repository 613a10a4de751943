"""Manners in a group: silent unless the bot is addressed, and what is left of a message without the mentions."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.message import Message

_QUOTE = re.compile(r"^「(?P<quoted>.*?)」\s*\n(?:\s*-\s*){5,}\n?", re.DOTALL)
# WeChat ends a mention with U+2005; people type a space, punctuation or nothing more.
_END = r"(?=[\s\u2005\u00a0,，。.!！?？:：、;；~～]|$)"
_OTHER = re.compile(r"[@＠][^\s\u2005@＠,，。！？:：]{1,20}[\s\u2005]+")


def heard(message: Message, name: str) -> Message:
    """The message as the bot should understand it: addressed or not, mentions taken away, a quote kept apart."""
    quote = _QUOTE.match(message.text)
    said = message.text[quote.end() :] if quote else message.text
    mention = re.compile(rf"[@＠]{re.escape(name)}{_END}[\s\u2005\u00a0,，:：、]*")
    if not mention.search(said):
        return replace(message, addressed=False)
    said = _OTHER.sub("", mention.sub(" ", said)).strip()
    quoted = quote.group("quoted").split("：", 1)[-1].strip() if quote else ""
    return replace(message, text=said, quote=quoted)
