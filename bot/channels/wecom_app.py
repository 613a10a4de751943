"""The channel of a self-built WeCom app: always encrypted, single chats only, members are workers."""

from __future__ import annotations

from bot.channels import Answer, Callback, Incoming, Refused
from bot.channels.envelope import Cipher, check_time, read_xml, text_of
from bot.channels.replies import sealed_xml, text_xml
from bot.channels.xml_message import to_message
from bot.settings import WecomApp


class WecomAppChannel:
    """Listens to one app of one enterprise."""

    name = "wecom_app"

    def __init__(self, account: WecomApp, window: int) -> None:
        self._window = window
        self._corp_id = account.corp_id
        self._cipher = Cipher(account.token, account.aes_key, account.corp_id)

    def verify(self, callback: Callback) -> str:
        """The decrypted echostr."""
        check_time(callback.query, callback.now, self._window)
        return self._cipher.open(callback.query, callback.query.get("echostr", ""))

    def receive(self, callback: Callback) -> Incoming:
        """The message in a callback."""
        query = callback.query
        check_time(query, callback.now, self._window)
        xml = self._cipher.open(query, text_of(read_xml(callback.body), "Encrypt"))
        elements = read_xml(xml)
        if text_of(elements, "ToUserName") != self._corp_id:
            raise Refused(403, "ToUserName 不是本企业的 CorpID")
        nonce = f"{query['timestamp']}|{query.get('nonce', '')}"[:160]
        message = to_message(xml, elements, self.name, nonce, "worker")
        return Incoming(message, True, query.get("nonce", ""), sender=message.person, recipient=self._corp_id)

    def respond(self, incoming: Incoming, text: str, now: float) -> Answer:
        """The encrypted passive reply; an empty body when there is nothing to say."""
        if not text:
            return Answer(b"", "text/plain")
        xml = text_xml(incoming.recipient, incoming.sender, text, now)
        timestamp = str(int(now))
        sealed = self._cipher.seal(xml, timestamp, incoming.nonce)
        return Answer(sealed_xml(*sealed, timestamp, incoming.nonce).encode(), "application/xml")
