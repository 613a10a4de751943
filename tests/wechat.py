"""A pretend WeChat platform for tests; encrypts with WeRoBot's implementation, which shares no code with ours."""

from __future__ import annotations

import hashlib
import itertools
import xml.etree.ElementTree as ElementTree
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse
from werobot.crypto import MessageCrypt

TOKEN = "pamtest"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APP_ID = "wxb11529c136998cb6"
CORP_ID = "ww1234567890abcdef"
AGENT_ID = "1000002"
NOW = 1_795_000_000.0

_numbers = itertools.count(1)


def sign(*parts: str) -> str:
    """SHA-1 of the sorted parts."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def message_xml(content: str = "你好", person: str = "openid-1", at: float = NOW, **changes: str) -> str:
    """The XML of a text message; changes replace or add elements, an empty text takes one away."""
    elements = {
        "ToUserName": "gh_account",
        "FromUserName": person,
        "CreateTime": str(int(at)),
        "MsgType": "text",
        "Content": content,
        "MsgId": str(7_000_000_000_000_000 + next(_numbers)),
        **changes,
    }
    return "<xml>" + "".join(f"<{k}><![CDATA[{v}]]></{k}>" for k, v in elements.items() if v) + "</xml>"


def event_xml(event: str, person: str = "openid-1", at: float = NOW, **changes: str) -> str:
    """The XML of an event."""
    return message_xml("", person, at, MsgType="event", Event=event, MsgId="", **changes)


class OfficialAccount:
    """The platform's side of one 公众号."""

    path = "/wechat/official_account"

    def __init__(self, app: Flask, now: float = NOW) -> None:
        self.client = app.test_client()
        self.now = now
        self.crypto = MessageCrypt(TOKEN, AES_KEY, APP_ID)

    def query(self, nonce: str | None = None, **changes: str) -> dict[str, str]:
        """A signed query with a nonce of its own."""
        timestamp, nonce = str(int(self.now)), nonce or f"nonce{next(_numbers)}"
        return {"signature": sign(TOKEN, timestamp, nonce), "timestamp": timestamp, "nonce": nonce, **changes}

    def post(self, body: str | bytes, query: dict[str, str] | None = None) -> TestResponse:
        """Post a body in plain mode."""
        return self.client.post(self.path, query_string=query or self.query(), data=body)

    def post_encrypted(self, xml: str, query: dict[str, str] | None = None) -> TestResponse:
        """Post a message in safe mode."""
        query = query or self.query()
        sealed = ElementTree.fromstring(self.crypto.encrypt_message(xml, query["timestamp"], query["nonce"]))
        ciphertext = sealed.findtext("Encrypt") or ""
        signed = sign(TOKEN, query["timestamp"], query["nonce"], ciphertext)
        body = f"<xml><ToUserName>gh_account</ToUserName><Encrypt><![CDATA[{ciphertext}]]></Encrypt></xml>"
        return self.post(body, {**query, "encrypt_type": "aes", "msg_signature": signed})

    def decrypt(self, response: TestResponse) -> str:
        """The reply's XML, opened with the other implementation."""
        sealed = ElementTree.fromstring(response.data)
        parts = {element.tag: element.text or "" for element in sealed}
        plain = self.crypto.decrypt_message(parts["TimeStamp"], parts["Nonce"], parts["MsgSignature"], parts["Encrypt"])
        return plain.decode() if isinstance(plain, bytes) else str(plain)

    def say(self, content: str, person: str = "openid-1", **changes: str) -> str:
        """Type a text and read the reply."""
        response = self.post(message_xml(content, person, self.now, **changes))
        assert response.status_code == 200, response.status_code
        return text_of(response.data)


def text_of(xml: bytes | str) -> str:
    """The text a reply shows; empty for the platform's `success`."""
    if xml in (b"success", b"", "success", ""):
        return ""
    return ElementTree.fromstring(xml).findtext("Content") or ""


def elements_of(xml: bytes | str) -> list[Any]:
    """The names of a reply's elements."""
    return [element.tag for element in ElementTree.fromstring(xml)]
