"""The 公众号 channel: plain, compatible and safe mode."""

from __future__ import annotations

from bot.channels import Answer, Callback, Incoming, Refused
from bot.channels.envelope import Cipher, check_signature, check_time, read_xml, text_of
from bot.channels.replies import sealed_xml, text_xml
from bot.channels.xml_message import to_message
from bot.settings import OfficialAccount

NOTHING = b"success"
"""What the platform wants to hear when there is nothing to say; an XML without text would show a fault."""


class OfficialAccountChannel:
    """Listens to one 公众号."""

    name = "official_account"

    def __init__(self, account: OfficialAccount, window: int) -> None:
        self._account = account
        self._window = window
        self._cipher = Cipher(account.token, account.aes_key, account.app_id) if account.aes_key else None

    def verify(self, callback: Callback) -> str:
        """The echostr, which a 公众号 sends in the clear in every mode."""
        self._check(callback)
        return callback.query.get("echostr", "")

    def receive(self, callback: Callback) -> Incoming:
        """The message in a callback, decrypted when the query says so."""
        self._check(callback)
        query = callback.query
        nonce = f"{query['timestamp']}|{query.get('nonce', '')}"[:160]
        encrypted = query.get("encrypt_type") == "aes"
        xml: str | bytes = self._open(callback) if encrypted else callback.body
        if not encrypted and self._account.mode == "safe":
            raise Refused(403, "安全模式下收到了明文消息：请核对公众号后台的消息加解密方式")
        elements = read_xml(xml)
        text = xml if isinstance(xml, str) else xml.decode("utf-8", "replace")
        message = to_message(text, elements, self.name, nonce, "resident")
        recipient = text_of(elements, "ToUserName")
        return Incoming(message, encrypted, query.get("nonce", ""), sender=message.person, recipient=recipient)

    def respond(self, incoming: Incoming, text: str, now: float) -> Answer:
        """The passive reply, encrypted when the message was; `success` when there is nothing to say."""
        if not text:
            return Answer(NOTHING, "text/plain")
        xml = text_xml(incoming.recipient, incoming.sender, text, now)
        if incoming.encrypted and self._cipher:
            timestamp = str(int(now))
            xml = sealed_xml(*self._cipher.seal(xml, timestamp, incoming.nonce), timestamp, incoming.nonce)
        return Answer(xml.encode(), "application/xml")

    def _check(self, callback: Callback) -> None:
        """Every callback, encrypted or not, carries the signature of token, timestamp and nonce."""
        query = callback.query
        signed = (self._account.token, query.get("timestamp", ""), query.get("nonce", ""))
        check_signature(query.get("signature", ""), *signed)
        check_time(query, callback.now, self._window)

    def _open(self, callback: Callback) -> str:
        if self._cipher is None:
            raise Refused(403, "收到加密消息，但没有设 WECHAT_AES_KEY 和 WECHAT_APP_ID")
        return self._cipher.open(callback.query, text_of(read_xml(callback.body), "Encrypt"))
