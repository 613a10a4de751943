"""How the platforms word their answers."""

from __future__ import annotations

from typing import Any

IP = "203.0.113.7"
"""The address that the pretend platform sees (one of those reserved for examples)."""

_WORDS = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40003: "invalid openid",
    40013: "invalid appid",
    40014: "invalid access_token",
    40056: "invalid agentid",
    40125: "invalid appsecret",
    40164: f"invalid ip {IP} ipv6 ::ffff:{IP}, not in whitelist",
    41001: "access_token missing",
    42001: "access_token expired",
    43101: "user refuse to accept the msg",
    44004: "text content is empty",
    45002: "content size out of limit",
    45009: "reach max api daily quota limit",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    45065: "clientmsgid exist",
    47003: "argument invalid! data.thing1.value is too long",
    60020: "not allow to access from your ip",
    81013: "user & party & tag all invalid",
    93000: "invalid webhook url",
}


def refusal(code: int, wecom: bool, **fields: Any) -> dict[str, Any]:
    """An answer with this code, worded as the platform does."""
    words = _WORDS.get(code, "refused")
    if not wecom:
        return {"errcode": code, "errmsg": f"{words} rid: 5f3a2b1c-0d4e5f60-12345678", **fields}
    return {
        "errcode": code,
        "errmsg": f"{words}, hint: [1700000000123456789], from ip: {IP}, more info at ...",
        **fields,
    }


def fine(**fields: Any) -> dict[str, Any]:
    """An answer that all is well."""
    return {"errcode": 0, "errmsg": "ok", **fields}
