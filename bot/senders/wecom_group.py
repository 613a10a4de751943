"""The robot of a WeCom group: its key is the whole credential, and it can only speak."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bot.senders.api import Api, Undelivered
from bot.senders.errors import WECOM_GROUP
from bot.senders.limits import Limits
from bot.senders.parts import send_in_parts, split, split_markdown
from bot.senders.results import settled
from bot.store.sent_parts import SentParts
from scheduler.sender import Outcome, Parcel

SecretOf = Callable[[str], str]
"""The key or whole URL of a robot's address; empty when it is not set."""

_NO_KEY = "没有设这个群机器人的地址：请管理员在环境变量里填上机器人的 Webhook 地址或 key"
_PHONE = re.compile(r"1\d{10}")
_PLAIN_ONLY = "markdown 消息只能 @ 成员账号，不能 @ 手机号：请管理员改成账号，或去掉 markdown"


class WecomGroup:
    """Sends to group robots."""

    channel = "wecom_group"
    batch = 1

    def __init__(self, api: Api, secret_of: SecretOf, parts: SentParts, limits: Limits) -> None:
        self._api = api
        self._secret_of = secret_of
        self._parts = parts
        self._limits = limits

    def lane(self, address: str) -> str:
        """Each robot is paced for itself."""
        return f"{self.channel}:{address}"

    def pace(self, lane: str) -> tuple[int, float]:
        """Messages a robot may send."""
        return self._limits.robot

    def keyed(self, lane: str) -> bool:
        """A robot would say the same thing twice."""
        return False

    async def send(self, parcels: Sequence[Parcel], now: float) -> Sequence[Outcome]:
        """Send each parcel to its group."""
        return [await self._send(parcel, now) for parcel in parcels]

    async def _send(self, parcel: Parcel, now: float) -> Outcome:
        key = robot_key(self._secret_of(parcel.address))
        if not key:
            return Outcome("failed", _NO_KEY)
        if parcel.markdown and any(map(_PHONE.fullmatch, parcel.mentions)):
            return Outcome("failed", _PLAIN_ONLY)
        texts = self._texts(parcel)
        send = partial(self._post, key=key, now=now)
        return (await send_in_parts(self._parts, [parcel], texts, now, send))[0]

    def _texts(self, parcel: Parcel) -> list[str]:
        if not parcel.markdown:
            return split(parcel.text, self._limits.robot_text)
        calls = "".join(f"<@{name.removeprefix('@')}>" for name in parcel.mentions)
        return split_markdown(f"{parcel.text}\n{calls}" if calls else parcel.text, self._limits.robot_markdown)

    async def _post(self, parcels: Sequence[Parcel], text: str, last: bool, *, key: str, now: float) -> list[Outcome]:
        # Only the last part calls people: one notice, one ring.
        mentions = parcels[0].mentions if last else ()
        body = _markdown(text) if parcels[0].markdown else _text(text, mentions)
        try:
            answer = await self._api.post("webhook/send", {"key": key}, body)
        except Undelivered as error:
            return [error.outcome]
        return [settled(answer, WECOM_GROUP, now)]


def robot_key(secret: str) -> str:
    """The key in a robot's whole URL, or the key itself; empty when there is none."""
    if "/" not in secret:
        return secret.strip()
    return parse_qs(urlsplit(secret.strip()).query).get("key", [""])[0]


def _markdown(text: str) -> dict[str, Any]:
    return {"msgtype": "markdown", "markdown": {"content": text}}


def _text(text: str, mentions: Sequence[str]) -> dict[str, Any]:
    phones = [name for name in mentions if _PHONE.fullmatch(name)]
    names = [name for name in mentions if name not in phones]
    content: dict[str, Any] = {"content": text}
    if names:
        content["mentioned_list"] = names
    if phones:
        content["mentioned_mobile_list"] = phones
    return {"msgtype": "text", "text": content}
