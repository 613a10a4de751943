"""Signature and encryption, the same for every kind of account; only the receiveid differs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser, fromstring

from wechatpy.crypto import PrpCrypto
from wechatpy.exceptions import InvalidAppIdException

from bot.channels import Refused


def signature(*parts: str) -> str:
    """The SHA-1 of the sorted parts, as the platforms sign."""
    return hashlib.sha1("".join(sorted(parts)).encode("utf-8", "replace")).hexdigest()


def check_signature(given: str, *parts: str) -> None:
    """Refuse when the signature is not that of the parts; the comparison takes the same time for every mistake."""
    if not hmac.compare_digest(signature(*parts).encode(), given.encode("utf-8", "replace")):
        raise Refused(403, "签名不对：请核对 Token")


def check_time(query: Mapping[str, str], now: float, window: int) -> None:
    """Refuse a callback whose timestamp is further than `window` seconds from now."""
    timestamp = query.get("timestamp", "")
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        raise Refused(400, "timestamp 不是数字")
    if abs(now - int(timestamp)) > window:
        raise Refused(403, f"timestamp 与本机时间相差超过 {window} 秒：请核对时钟")


class Cipher:
    """Token and key of one account: encrypts, decrypts and signs."""

    def __init__(self, token: str, aes_key: str, receive_id: str, crypto: type[PrpCrypto] | None = None) -> None:
        self._token = token
        self._receive_id = receive_id
        self._crypto = (crypto or _Crypto)(base64.b64decode(aes_key + "="))

    def open(self, query: Mapping[str, str], ciphertext: str) -> str:
        """The plaintext; raises Refused naming the step that failed: signature, decryption or receiveid."""
        given = query.get("msg_signature", "")
        check_signature(given, self._token, query.get("timestamp", ""), query.get("nonce", ""), ciphertext)
        try:
            return str(self._crypto.decrypt(ciphertext, self._receive_id))
        except InvalidAppIdException:
            raise Refused(403, "receiveid 不对：消息不是发给这个账号的，请核对 AppID 或 CorpID") from None
        # wechatpy raises whatever its parser stumbles over (IndexError, struct.error, ...); all of it means the same.
        except Exception:
            raise Refused(403, "解密失败：请核对 EncodingAESKey") from None

    def seal(self, plain: str, timestamp: str, nonce: str) -> tuple[str, str]:
        """The ciphertext of a text, and its signature."""
        ciphertext = self._crypto.encrypt(plain, self._receive_id).decode()
        return ciphertext, signature(self._token, timestamp, nonce, ciphertext)


class _Crypto(PrpCrypto):  # type: ignore[misc]
    """wechatpy's cipher with a random prefix that cannot be guessed."""

    def get_random_string(self) -> bytes:
        return secrets.token_bytes(16)


class _Builder(TreeBuilder):
    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        """Entities, which may open files or grow without end, can only be declared behind one."""
        raise Refused(400, "XML 里有 DOCTYPE")


def read_xml(text: str | bytes) -> Element:
    """The root of a message's XML; raises Refused for anything else, and for whatever could declare an entity."""
    try:
        root: Element = fromstring(text, XMLParser(target=_Builder()))
    # Damage has several exceptions: of the parser, of the encoding it names.
    except (ParseError, LookupError, ValueError) as error:
        raise Refused(400, f"不是能读的 XML（{type(error).__name__}）") from None
    if root.tag != "xml":
        raise Refused(400, "XML 的根不是 <xml>")
    return root


def text_of(elements: Element, name: str) -> str:
    """The text of an element, empty when absent; raises Refused when it stands twice or holds elements."""
    found = elements.findall(name)
    if not found:
        return ""
    if len(found) > 1 or len(found[0]):
        raise Refused(400, f"XML 里的 {name} 不是一段文字")
    return (found[0].text or "").strip()
