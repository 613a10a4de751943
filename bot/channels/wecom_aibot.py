"""The channel of a WeCom 智能机器人: encrypted JSON, single chats and groups, answers as finished streams."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from bot import group
from bot.channels import Answer, Callback, Incoming, Refused
from bot.channels.envelope import Cipher, check_time
from bot.message import Message, MessageKind
from bot.settings import WecomAibot

_VERDICTS = {1: "good", 2: "bad", 3: "withdrawn"}
_NOTHING = Answer(b"", "text/plain")


class WecomAibotChannel:
    """Listens to one 智能机器人."""

    name = "wecom_aibot"

    def __init__(self, account: WecomAibot, window: int) -> None:
        self._window = window
        self._bot_name = account.name
        # An enterprise's own bot is encrypted for nobody in particular.
        self._cipher = Cipher(account.token, account.aes_key, "")

    def verify(self, callback: Callback) -> str:
        """The decrypted echostr."""
        check_time(callback.query, callback.now, self._window)
        return self._cipher.open(callback.query, callback.query.get("echostr", ""))

    def receive(self, callback: Callback) -> Incoming:
        """The message in a callback."""
        query = callback.query
        check_time(query, callback.now, self._window)
        plain = self._cipher.open(query, _text(_json(callback.body), "encrypt"))
        message, stream = _message(_json(plain), plain, f"{query['timestamp']}|{query.get('nonce', '')}"[:160])
        if message.chat:
            message = group.called(message, self._bot_name)
        return Incoming(message, True, query.get("nonce", ""), stream=stream)

    def respond(self, incoming: Incoming, text: str, now: float) -> Answer:
        """A finished stream, or a text as the welcome; an empty body when there is nothing to say."""
        if not text:
            return _NOTHING
        if incoming.message.event == "enter":
            reply: dict[str, Any] = {"msgtype": "text", "text": {"content": text}}
        else:
            stream = {"id": incoming.stream, "finish": True, "content": text, "feedback": {"id": incoming.stream}}
            reply = {"msgtype": "stream", "stream": stream}
        timestamp = str(int(now))
        sealed, signature = self._cipher.seal(json.dumps(reply, ensure_ascii=False), timestamp, incoming.nonce)
        body = {"encrypt": sealed, "msgsignature": signature, "timestamp": int(timestamp), "nonce": incoming.nonce}
        return Answer(json.dumps(body).encode(), "application/json")


def _message(data: Mapping[str, Any], plain: str, nonce: str) -> tuple[Message, str]:
    """The message in our words, and the id of the stream that answers it."""
    wire_kind, number = _text(data, "msgtype"), _text(data, "msgid")
    person = _text(_part(data, "from"), "userid")
    if not person or not number:
        raise Refused(400, "JSON 缺 from.userid 或 msgid")
    kind, event, text, detail = _content(wire_kind, data)
    stream = _text(_part(data, "stream"), "id") if event == "stream" else hashlib.sha256(number.encode()).hexdigest()
    in_group = data.get("chattype") == "group"
    message = Message(
        channel="wecom_aibot",
        # A poll asks for the answer of the message whose stream it names, so it carries that message's key.
        key=stream if event == "stream" else hashlib.sha256(number.encode()).hexdigest(),
        person=person,
        text=text,
        kind=kind,
        event=event,
        detail=detail,
        chat=_text(data, "chatid") if in_group else "",
        role="worker",
        quote=_quoted(_part(data, "quote")),
        nonce=nonce,
        digest=hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest(),
    )
    return message, stream


def _content(wire_kind: str, data: Mapping[str, Any]) -> tuple[MessageKind, str, str, tuple[str, ...]]:
    """Kind, event, text and details of a message."""
    if wire_kind == "event":
        event = _part(data, "event")
        name = _text(event, "eventtype")
        if name == "feedback_event":
            return "event", "feedback", "", _feedback(_part(event, "feedback_event"))
        return "event", {"enter_chat": "enter"}.get(name, name), "", ()
    if wire_kind == "stream":
        return "event", "stream", "", ()
    if wire_kind in ("text", "voice"):
        return ("voice" if wire_kind == "voice" else "text"), "", _text(_part(data, wire_kind), "content"), ()
    if wire_kind == "mixed":
        return "text", "", _mixed(_part(data, "mixed")), ()
    kinds: dict[str, MessageKind] = {"image": "image", "file": "file", "video": "video"}
    return kinds.get(wire_kind, "unknown"), "", "", ()


def _feedback(data: Mapping[str, Any]) -> tuple[str, ...]:
    reasons = data.get("inaccurate_reason_list")
    told = "、".join(str(reason) for reason in reasons) if isinstance(reasons, list) else ""
    verdict = _VERDICTS.get(data.get("type", 0), "unknown") if isinstance(data.get("type"), int) else "unknown"
    return (_text(data, "id"), verdict, f"{_text(data, 'content')} {told}".strip())


def _mixed(data: Mapping[str, Any]) -> str:
    items = data.get("msg_item")
    if not isinstance(items, list):
        raise Refused(400, "JSON 里的 mixed 没有 msg_item")
    texts = [_text(_part(item, "text"), "content") for item in items if isinstance(item, dict)]
    return " ".join(text for text in texts if text)


def _quoted(quote: Mapping[str, Any]) -> str:
    kind = _text(quote, "msgtype")
    if kind == "mixed":
        return _mixed(_part(quote, "mixed"))
    return _text(_part(quote, kind), "content") if kind in ("text", "voice") else ""


def _json(text: str | bytes) -> Mapping[str, Any]:
    """The object in this JSON, whatever the Content-Type said."""
    try:
        data = json.loads(text)
    # A deep nesting ends in RecursionError, a wrong encoding in UnicodeDecodeError.
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"不是能读的 JSON（{type(error).__name__}）") from None
    if not isinstance(data, dict):
        raise Refused(400, "JSON 的最外层不是对象")
    return data


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = data.get(name, {})
    if not isinstance(value, dict):
        raise Refused(400, f"JSON 里的 {name} 不是对象")
    return value


def _text(data: Mapping[str, Any], name: str) -> str:
    """A text, empty when absent; numbers are refused, because an id such as 0020203 must stay a text."""
    value = data.get(name, "")
    if not isinstance(value, str):
        raise Refused(400, f"JSON 里的 {name} 不是文字")
    return value
