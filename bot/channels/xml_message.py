"""The XML message that 公众号 and WeCom apps share, turned into our words."""

from __future__ import annotations

import hashlib
from xml.etree.ElementTree import Element

from bot.channels import Refused
from bot.channels.envelope import text_of
from bot.message import Message, MessageKind, Role
from bot.senders.reports import read_reports

_KINDS: dict[str, MessageKind] = {
    "text": "text",
    "voice": "voice",
    "image": "image",
    "video": "video",
    "shortvideo": "video",
    "location": "location",
    "link": "link",
    "event": "event",
}
_EVENTS = {"enter_agent": "enter", "location": "position"}
_UNSUPPORTED = "【收到不支持的消息类型"


def to_message(xml: str, elements: Element, channel: str, nonce: str, role: Role) -> Message:
    """The message in these elements; raises Refused when who or what is missing."""
    person = text_of(elements, "FromUserName")
    wire_kind = text_of(elements, "MsgType").lower()
    if not person or not wire_kind:
        raise Refused(400, "XML 缺 FromUserName 或 MsgType")
    kind = _KINDS.get(wire_kind, "unknown")
    event = text_of(elements, "Event").lower() if kind == "event" else ""
    text = _text(kind, event, elements)
    if kind == "text" and text.startswith(_UNSUPPORTED):
        kind, text = "unknown", ""
    if kind == "event" and event == "click" and text:
        # A menu button says its key as the person would have typed it.
        kind = "text"
    return Message(
        channel=channel,
        key=_key(elements, person, event),
        person=person,
        text=text,
        kind=kind,
        event=_EVENTS.get(event, event),
        detail=_reports(elements) if kind == "event" else (),
        role=role,
        nonce=nonce,
        digest=hashlib.sha256(xml.encode("utf-8", "replace")).hexdigest(),
    )


def _text(kind: MessageKind, event: str, elements: Element) -> str:
    if kind == "text":
        return text_of(elements, "Content")
    if kind == "voice":
        return text_of(elements, "Recognition")
    if kind == "event" and event == "click":
        return text_of(elements, "EventKey")
    return ""


def _reports(elements: Element) -> tuple[str, ...]:
    """What the platform says later of notices it had accepted: receipt, state and reason of each, one after the other."""
    return tuple(part for one in read_reports(elements) for part in (one.receipt, one.state, one.reason))


def _key(elements: Element, person: str, event: str) -> str:
    """MsgId for messages; sender, second and event for events, which have none."""
    number = text_of(elements, "MsgId")
    if number and number != "0":
        if not number.isascii() or not number.isdigit() or len(number) > 32:
            raise Refused(400, "MsgId 不是数字")
        return number
    created = text_of(elements, "CreateTime")
    if not created:
        raise Refused(400, "XML 既没有 MsgId 也没有 CreateTime")
    detail = text_of(elements, "EventKey")
    whole = f"{person}|{created}|{event}|{detail}"
    return hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()
