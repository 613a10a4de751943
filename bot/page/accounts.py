"""What WeChat and WeCom put on the wire for each kind of account: sealed callbacks out, sealed replies back."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from xml.etree import ElementTree

from bot.channels import Refused
from bot.channels.envelope import Cipher, read_xml, signature, text_of
from bot.settings import OfficialAccount, WecomAibot, WecomApp

XML_BYTES = 2048
"""Where the platform cuts the text of an XML reply."""
JSON_BYTES = 20480

# Phones do not let these be typed, and XML cannot carry them.
_UNTYPABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


Kind = Literal["text", "click", "enter", "leave"]


@dataclass(frozen=True)
class Act:
    """What a person did in a chat: typed a text, tapped a menu button, came in, or left."""

    kind: Kind
    person: str
    number: str
    """Made when the act happens, so that a second try carries the same MsgId."""
    text: str = ""
    group: str = ""
    """The id of the group chat; empty in a single chat."""


@dataclass(frozen=True)
class Post:
    """A callback, ready to go out."""

    query: Mapping[str, str]
    body: bytes


class Account(Protocol):
    """The platform's side of one account."""

    name: str
    """The channel, and the last part of the callback's path."""

    def seal(self, act: Act, now: float) -> Post:
        """The signed and encrypted callback that tells of this act."""
        ...

    def open(self, body: bytes) -> str:
        """The text that a reply shows, empty for none; raises Refused when the reply cannot be trusted or read."""
        ...


class OfficialAccountSide:
    """WeChat's side of a 公众号 in safe mode."""

    name = "official_account"
    _events: Mapping[str, str] = {"click": "CLICK", "enter": "subscribe", "leave": "unsubscribe"}

    def __init__(self, account: OfficialAccount) -> None:
        self._token = account.token
        self._us = "gh_" + account.app_id[2:14]
        self._cipher = Cipher(account.token, account.aes_key, account.app_id)

    def seal(self, act: Act, now: float) -> Post:
        """A callback whose query is signed twice, without and with the body."""
        sealed, query = _sealed(self._cipher, _message(act, now, self._us, self._events), now)
        plain = signature(self._token, query["timestamp"], query["nonce"])
        query |= {"signature": plain, "encrypt_type": "aes", "openid": act.person}
        return Post(query, _xml({"ToUserName": self._us, "Encrypt": sealed}))

    def open(self, body: bytes) -> str:
        """The Content of the encrypted reply; `success` shows nothing."""
        return "" if body == b"success" else _opened(self._cipher, body)


class WecomAppSide:
    """WeCom's side of a self-built app."""

    name = "wecom_app"
    _events: Mapping[str, str] = {"click": "click", "enter": "enter_agent"}

    def __init__(self, account: WecomApp) -> None:
        self._us = account.corp_id
        self._agent = {"AgentID": account.agent_id}
        self._cipher = Cipher(account.token, account.aes_key, account.corp_id)

    def seal(self, act: Act, now: float) -> Post:
        """A callback encrypted for the enterprise."""
        sealed, query = _sealed(self._cipher, _message(act, now, self._us, self._events, **self._agent), now)
        return Post(query, _xml({"ToUserName": self._us, **self._agent, "Encrypt": sealed}))

    def open(self, body: bytes) -> str:
        """The Content of the encrypted reply; an empty body shows nothing."""
        return _opened(self._cipher, body) if body else ""


class WecomAibotSide:
    """WeCom's side of a 智能机器人, which is asked in single chats and in groups."""

    name = "wecom_aibot"

    def __init__(self, account: WecomAibot) -> None:
        self._cipher = Cipher(account.token, account.aes_key, "")

    def seal(self, act: Act, now: float) -> Post:
        """A callback of encrypted JSON."""
        told: dict[str, Any] = {
            "msgid": act.number,
            "aibotid": "aib-page",
            "chattype": "group" if act.group else "single",
            "from": {"userid": act.person},
        }
        if act.group:
            told["chatid"] = act.group
        if act.kind == "text":
            told |= {"msgtype": "text", "text": {"content": typed(act.text)}}
        else:
            told |= {"msgtype": "event", "create_time": int(now), "event": {"eventtype": f"{act.kind}_chat"}}
        sealed, query = _sealed(self._cipher, json.dumps(told, ensure_ascii=False), now)
        return Post(query, json.dumps({"encrypt": sealed}).encode())

    def open(self, body: bytes) -> str:
        """The content of the finished stream, or of the welcome's text."""
        if not body:
            return ""
        reply = json.loads(body)
        query = {"msg_signature": reply["msgsignature"], "timestamp": str(reply["timestamp"]), "nonce": reply["nonce"]}
        shown = json.loads(self._cipher.open(query, reply["encrypt"]))
        return _cut(shown[shown["msgtype"]]["content"], JSON_BYTES)


def typed(text: str) -> str:
    """The text without what no phone could have typed."""
    return _UNTYPABLE.sub("", text)


def _sealed(cipher: Cipher, plain: str, now: float) -> tuple[str, dict[str, str]]:
    """The ciphertext of a callback, and its query."""
    timestamp, nonce = str(int(now)), secrets.token_hex(8)
    sealed, signed = cipher.seal(plain, timestamp, nonce)
    return sealed, {"timestamp": timestamp, "nonce": nonce, "msg_signature": signed}


def _message(act: Act, now: float, us: str, events: Mapping[str, str], **more: str) -> str:
    """The XML that 公众号 and WeCom apps share; only messages have a MsgId."""
    elements = {"ToUserName": us, "FromUserName": act.person, "CreateTime": str(int(now))}
    if act.kind == "text":
        elements |= {"MsgType": "text", "Content": typed(act.text), "MsgId": act.number}
    else:
        elements |= {"MsgType": "event", "Event": events[act.kind], "EventKey": typed(act.text)}
    return _xml(elements | more).decode()


def _xml(elements: Mapping[str, str]) -> bytes:
    root = ElementTree.Element("xml")
    for name, text in elements.items():
        ElementTree.SubElement(root, name).text = text
    return bytes(ElementTree.tostring(root, encoding="utf-8"))


def _opened(cipher: Cipher, body: bytes) -> str:
    sealed = read_xml(body)
    query = {
        "msg_signature": text_of(sealed, "MsgSignature"),
        "timestamp": text_of(sealed, "TimeStamp"),
        "nonce": text_of(sealed, "Nonce"),
    }
    reply = read_xml(cipher.open(query, text_of(sealed, "Encrypt")))
    if text_of(reply, "MsgType") != "text":
        raise Refused(400, "回复不是文字")
    return _cut(text_of(reply, "Content"), XML_BYTES)


def _cut(text: str, room: int) -> str:
    return text.encode()[:room].decode(errors="ignore")
