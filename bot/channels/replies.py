"""XML replies, safe whatever the text holds."""

from __future__ import annotations

import re

from wechatpy.replies import TextReply

# XML 1.0 has no way to carry these, not even escaped; one of them makes the whole reply unreadable.
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_SEALED = (
    "<xml>\n<Encrypt><![CDATA[{ciphertext}]]></Encrypt>\n<MsgSignature><![CDATA[{signature}]]></MsgSignature>\n"
    "<TimeStamp>{timestamp}</TimeStamp>\n<Nonce><![CDATA[{nonce}]]></Nonce>\n</xml>"
)


def text_xml(sender: str, recipient: str, text: str, now: float) -> str:
    """A text reply; wechatpy does not escape CDATA, so `]]>` is split over two sections."""
    reply = TextReply(source=_safe(sender), target=_safe(recipient), content=_safe(text), time=int(now))
    return str(reply.render())


def sealed_xml(ciphertext: str, signature: str, timestamp: str, nonce: str) -> str:
    """The envelope of an encrypted reply."""
    return _SEALED.format(ciphertext=ciphertext, signature=signature, timestamp=timestamp, nonce=_safe(nonce))


def _safe(text: str) -> str:
    return _UNSPEAKABLE.sub("", text).replace("]]>", "]]]]><![CDATA[>")
