"""The WeCom platform's side of an app and of a 智能机器人, for tests; encrypts with WeRoBot's implementation."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse
from werobot.crypto import MessageCrypt

from tests.wechat import AES_KEY, AGENT_ID, CORP_ID, NOW, TOKEN, _numbers, message_xml, sign, text_of


class _Encrypted:
    """What both have in common: every query is signed over its ciphertext."""

    path: str
    receive_id: str

    def __init__(self, app: Flask, now: float = NOW) -> None:
        self.client = app.test_client()
        self.now = now
        self.crypto = MessageCrypt(TOKEN, AES_KEY, self.receive_id)

    def seal(self, plain: str) -> str:
        """The ciphertext of a text."""
        return str(self.crypto.prp_crypto.encrypt(plain, self.crypto.app_id).decode())

    def query(self, ciphertext: str, nonce: str | None = None, **changes: str) -> dict[str, str]:
        """A query signed over this ciphertext, with a nonce of its own."""
        timestamp, nonce = str(int(self.now)), nonce or f"nonce{next(_numbers)}"
        signed = sign(TOKEN, timestamp, nonce, ciphertext)
        return {"msg_signature": signed, "timestamp": timestamp, "nonce": nonce, **changes}

    def verify(self, echo: str, **changes: str) -> TestResponse:
        """Ask for the echo of an encrypted text."""
        sealed = self.seal(echo)
        return self.client.get(self.path, query_string=self.query(sealed, echostr=sealed, **changes))

    def send(self, plain: str, query: dict[str, str] | None = None) -> TestResponse:
        """Post a message's plaintext, encrypted."""
        sealed = self.seal(plain)
        return self.client.post(self.path, query_string=query or self.query(sealed), data=self.envelope(sealed))

    def envelope(self, sealed: str) -> str:
        """The body around a ciphertext."""
        raise NotImplementedError

    def opened(self, ciphertext: str) -> str:
        """The plaintext of a reply."""
        return str(self.crypto.prp_crypto.decrypt(ciphertext, self.crypto.app_id).decode())


class WecomApp(_Encrypted):
    """A self-built app."""

    path = "/wechat/wecom_app"
    receive_id = CORP_ID

    def envelope(self, sealed: str) -> str:
        return f"<xml><ToUserName>{CORP_ID}</ToUserName><AgentID>{AGENT_ID}</AgentID><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"

    def message(self, content: str, person: str = "ZhangSan", **changes: str) -> str:
        """The plaintext of a message."""
        return message_xml(content, person, self.now, ToUserName=CORP_ID, AgentID=AGENT_ID, **changes)

    def read(self, response: TestResponse) -> str:
        """The text of a reply, its signature checked."""
        if not response.data:
            return ""
        parts = {element.tag: element.text or "" for element in ElementTree.fromstring(response.data)}
        assert parts["MsgSignature"] == sign(TOKEN, parts["TimeStamp"], parts["Nonce"], parts["Encrypt"])
        return text_of(self.opened(parts["Encrypt"]))

    def say(self, content: str, person: str = "ZhangSan", **changes: str) -> str:
        """Type a text and read the reply."""
        return self.read(self.send(self.message(content, person, **changes)))


class WecomAibot(_Encrypted):
    """A 智能机器人."""

    path = "/wechat/wecom_aibot"
    receive_id = ""

    def envelope(self, sealed: str) -> str:
        return json.dumps({"encrypt": sealed})

    def message(self, content: str, person: str = "ZhangSan", chat: str = "", **changes: Any) -> str:
        """The plaintext of a message."""
        data = {
            "msgid": f"id{next(_numbers)}",
            "aibotid": "bot",
            "chattype": "group" if chat else "single",
            "from": {"userid": person},
            "response_url": "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=x",
            "msgtype": "text",
            "text": {"content": content},
            **({"chatid": chat} if chat else {}),
            **changes,
        }
        return json.dumps(data, ensure_ascii=False)

    def reply(self, response: TestResponse) -> dict[str, Any]:
        """The plaintext of a reply, its signature checked; nothing for an empty body."""
        if not response.data:
            return {}
        parts = json.loads(response.data)
        assert parts["msgsignature"] == sign(TOKEN, str(parts["timestamp"]), parts["nonce"], parts["encrypt"])
        return dict(json.loads(self.opened(parts["encrypt"])))

    def read(self, response: TestResponse) -> str:
        """The text of a reply."""
        reply = self.reply(response)
        return str(reply[reply["msgtype"]]["content"]) if reply else ""

    def say(self, content: str, person: str = "ZhangSan", chat: str = "", **changes: Any) -> str:
        """Type a text and read the reply."""
        return self.read(self.send(self.message(content, person, chat, **changes)))
