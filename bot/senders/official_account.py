"""A 公众号 that sends: to a person within the 48 hours after a message, by subscription notice, or to many by tag."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from bot.privacy import pseudonym
from bot.senders.api import Answer, Undelivered
from bot.senders.errors import MASS, OFFICIAL_ACCOUNT, Meanings, outcome
from bot.senders.limits import Limits
from bot.senders.parts import send_in_parts, split
from bot.senders.results import settled
from bot.senders.tokens import TokenApi
from bot.settings import NoticeTemplate
from bot.store.contacts import Contacts
from bot.store.sent_parts import SentParts
from scheduler.sender import Outcome, Parcel

_CLOSED, _USED_UP = 45015, 45047
_THING = 20
"""Characters in a `thing` of a subscription notice."""
EVERYBODY = "all"
_MASS_LANE = "official_account:mass:"
_ACCEPTED = "平台已受理群发，结果以平台的群发回执为准"
_BAD_TAG = Outcome("failed", "标签要写公众号后台的编号，例如 tag:101：请管理员核对 audiences.yaml")


class OfficialAccount:
    """Sends as one 公众号."""

    channel = "official_account"
    batch = 1

    def __init__(
        self, api: TokenApi, contacts: Contacts, parts: SentParts, limits: Limits,
        secret: str, template: NoticeTemplate | None,
    ) -> None:  # fmt: skip
        self._api = api
        self._contacts = contacts
        self._parts = parts
        self._limits = limits
        self._secret = secret
        self._template = template

    def lane(self, address: str) -> str:
        """Messages to persons share a lane; each tag has its own, because a follower's monthly quota is counted there."""
        return f"{_MASS_LANE}{address}" if _is_mass(address) else self.channel

    def pace(self, lane: str) -> tuple[int, float]:
        """Calls of a lane."""
        return self._limits.mass if lane.startswith(_MASS_LANE) else self._limits.custom

    def keyed(self, lane: str) -> bool:
        """A mass send carries its key, so a repeated one is recognised."""
        return lane.startswith(_MASS_LANE)

    async def send(self, parcels: Sequence[Parcel], now: float) -> Sequence[Outcome]:
        """Send each parcel to its person or tag."""
        return [await (self._mass if _is_mass(parcel.address) else self._person)(parcel, now) for parcel in parcels]

    async def _person(self, parcel: Parcel, now: float) -> Outcome:
        """A customer-service message; when its window is closed a subscription notice, should one be set up."""
        texts = split(parcel.text, self._limits.custom_text)
        send = partial(self._custom, now=now)
        found = (await send_in_parts(self._parts, [parcel], texts, now, send))[0]
        if found.code in (_CLOSED, _USED_UP) and self._template:
            return await self._subscription(parcel, self._template, now)
        return found

    async def _custom(self, parcels: Sequence[Parcel], text: str, last: bool, *, now: float) -> list[Outcome]:
        openid = _openid(parcels[0].address)
        person = pseudonym(self._secret, self.channel, openid)
        grant = await asyncio.to_thread(self._contacts.take, person, now)
        if grant is None:
            code = _USED_UP if await asyncio.to_thread(self._contacts.is_open, person, now) else _CLOSED
            return [outcome(OFFICIAL_ACCOUNT, code, "", now)]
        body = {"touser": openid, "msgtype": "text", "text": {"content": text}}
        found = await self._post("message/custom/send", body, now)
        if found.code in (_CLOSED, _USED_UP):
            await asyncio.to_thread(self._contacts.close, person, now)
        elif found.state not in ("sent", "unknown"):
            await asyncio.to_thread(self._contacts.give_back, person, grant)
        return [found]

    async def _subscription(self, parcel: Parcel, template: NoticeTemplate, now: float) -> Outcome:
        words = {"标题": parcel.title or parcel.text, "正文": parcel.text}
        data = {name: {"value": _shorten(words[word])} for name, word in template.fields.items()}
        return await self._post(
            "message/subscribe/bizsend",
            {"touser": _openid(parcel.address), "template_id": template.id, "data": data},
            now,
        )

    async def _post(
        self, path: str, body: dict[str, Any], now: float, meanings: Meanings = OFFICIAL_ACCOUNT
    ) -> Outcome:
        try:
            answer = await self._api.post(path, body, now)
        except Undelivered as error:
            return error.outcome
        return settled(answer, meanings, now, _receipt(answer))

    async def _mass(self, parcel: Parcel, now: float) -> Outcome:
        everybody = parcel.address == EVERYBODY
        tag = parcel.address.removeprefix("tag:")
        if not everybody and not tag.isdecimal():
            return _BAD_TAG
        whom = {"is_to_all": True} if everybody else {"is_to_all": False, "tag_id": int(tag)}
        body = {"filter": whom, "msgtype": "text", "text": {"content": parcel.text}, "clientmsgid": parcel.key}
        found = await self._post("message/mass/sendall", body, now, MASS)
        return replace(found, reason=_ACCEPTED) if found.code == 0 else found


def _is_mass(address: str) -> bool:
    return address == EVERYBODY or address.startswith("tag:")


def _openid(address: str) -> str:
    return address.removeprefix("openid:")


def _receipt(answer: Answer) -> str:
    """The number under which the platform reports later; it is spelled in two ways."""
    return str(answer.body.get("msg_id") or answer.body.get("msgid") or "")


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _THING else f"{line[: _THING - 1]}…"
