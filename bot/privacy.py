"""What is hidden before anything is stored."""

from __future__ import annotations

import hmac
import re
from functools import lru_cache

# PostgreSQL cannot store a null character.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x00: None}
_DIGIT = re.compile(r"\d")
_GAP = r"[ \-]?"
_MASKS = (
    # 18 or 15 digits of an identity card; the birthday inside is masked with the rest.
    (re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)|(?<!\d)\d{15}(?!\d)"), "[身份证号]"),
    (re.compile(rf"(?<!\d)(?:\+?86{_GAP})?1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}(?!\d)"), "[手机号]"),
    (re.compile(r"(?<!\d)0\d{2,3}[ \-]?\d{7,8}(?!\d)"), "[电话]"),
    (
        re.compile(
            r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][ ·.\-]?(?=[A-Z0-9]*\d)[A-Z0-9]{5,6}(?![A-Z0-9])",
            re.IGNORECASE,
        ),
        "[车牌]",
    ),
)


def mask(text: str) -> str:
    """The text with phone, identity-card and plate numbers replaced by what they are."""
    text = text.translate(_HALF_WIDTH)
    if not _DIGIT.search(text):
        # Every number below has one; most messages have none.
        return text
    for pattern, name in _MASKS:
        text = pattern.sub(name, text)
    return text


# Asked for when a message comes in and again when its reply is settled.
@lru_cache(256)
def pseudonym(secret: str, channel: str, person: str) -> str:
    """A stable stand-in for an openid or userid, which cannot be turned back without the secret."""
    # WeCom writes the same userid in different case in different places.
    person = person.lower() if channel.startswith("wecom") else person
    return hmac.digest(secret.encode(), f"{channel}|{person}".encode(), "sha256").hex()[:32]
