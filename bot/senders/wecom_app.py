"""A self-built WeCom app: one call reaches up to a thousand members, and says who could not be reached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Literal

from bot.senders.api import Answer, Undelivered
from bot.senders.errors import WECOM_APP, Pause, pause_until
from bot.senders.limits import Limits
from bot.senders.parts import send_in_parts, split
from bot.senders.results import settled
from bot.senders.tokens import TokenApi
from bot.store.sent_parts import SentParts
from scheduler.sender import Outcome, Parcel

Kind = Literal["touser", "toparty", "totag"]

EVERYBODY = "all"
_KINDS: dict[str, Kind] = {"user": "touser", "party": "toparty", "tag": "totag"}
_DEAD_RECEIVER = frozenset({40003, 60011, 60111})
"""Codes about some receiver, which do not say about whom."""
_LIMITED = 45009
_PAUSES: tuple[Pause, ...] = (60.0, 3600.0, "midnight")
"""The answer does not say which limit was hit: that of the minute, the hour or the day."""
_DUPLICATE_SECONDS = 1800
_BAD_ADDRESS = Outcome("failed", "收件人写得不对：请管理员核对 audiences.yaml，账号里不能有“|”，部门和标签要写编号")
_INVALID = "企业微信里没有这个收件人，或不在应用的可见范围：请管理员核对 audiences.yaml 和应用的可见范围"
_UNLICENSED = "这位成员没有接口许可：请管理员到企业微信后台给他分配许可"


class WecomApp:
    """Sends messages of one app to members, departments and tags."""

    channel = "wecom_app"

    def __init__(self, api: TokenApi, agent_id: int, parts: SentParts, limits: Limits) -> None:
        self._api = api
        self._agent_id = agent_id
        self._parts = parts
        self._limits = limits
        self._pauses = _Pauses()
        self.batch = limits.app_users

    def lane(self, address: str) -> str:
        """The platform counts the calls of the app together."""
        return self.channel

    def pace(self, lane: str) -> tuple[int, float]:
        """Calls of the app."""
        return self._limits.app

    def keyed(self, lane: str) -> bool:
        """The platform's duplicate check looks at content, not at a key."""
        return False

    async def send(self, parcels: Sequence[Parcel], now: float) -> Sequence[Outcome]:
        """Send one text to all these addresses."""
        good = [parcel for parcel in parcels if _is_address(parcel.address)]
        texts = split(parcels[0].text, self._limits.app_text)
        outcomes = await send_in_parts(self._parts, good, texts, now, partial(self._part, now=now)) if good else []
        found = dict(zip(good, outcomes, strict=True))
        return [found.get(parcel, _BAD_ADDRESS) for parcel in parcels]

    async def _part(self, parcels: Sequence[Parcel], text: str, last: bool, *, now: float) -> list[Outcome]:
        found: dict[Parcel, Outcome] = {}
        held: Outcome | None = None
        for together in self._calls(parcels):
            outcomes = [held] * len(together) if held else await self._call(together, text, now)
            found |= zip(together, outcomes, strict=True)
            # Nobody else gets through either: the others stay for the next try.
            held = next((outcome for outcome in outcomes if outcome.state in ("wait", "retry")), None)
        return [found[parcel] for parcel in parcels]

    def _calls(self, parcels: Sequence[Parcel]) -> Iterator[list[Parcel]]:
        """Groups that fit into one call; everybody is a call of its own, because the platform then ignores the rest."""
        room = {"touser": self._limits.app_users, "toparty": self._limits.app_groups, "totag": self._limits.app_groups}
        group: list[Parcel] = []
        used: Counter[Kind] = Counter()
        for parcel in parcels:
            kind, _ = _read(parcel.address)
            if parcel.address == EVERYBODY:
                yield [parcel]
                continue
            if used[kind] == room[kind]:
                yield group
                group, used = [], Counter()
            group.append(parcel)
            used[kind] += 1
        if group:
            yield group

    async def _call(self, parcels: Sequence[Parcel], text: str, now: float) -> list[Outcome]:
        try:
            answer = await self._api.post("message/send", self._body(parcels, text), now)
        except Undelivered as error:
            return [error.outcome] * len(parcels)
        if answer.code in _DEAD_RECEIVER and len(parcels) > 1:
            return await self._halves(parcels, text, now)
        result = self._pauses.stretch(settled(answer, WECOM_APP, now, str(answer.body.get("msgid", ""))), now)
        if result.state != "sent":
            return [result] * len(parcels)
        return [_for_one(parcel.address, answer, result) for parcel in parcels]

    async def _halves(self, parcels: Sequence[Parcel], text: str, now: float) -> list[Outcome]:
        """Somebody among them is dead and the platform sent to nobody: find out who, and reach the others."""
        middle = len(parcels) // 2
        first = await self._call(parcels[:middle], text, now)
        return [*first, *await self._call(parcels[middle:], text, now)]

    def _body(self, parcels: Sequence[Parcel], text: str) -> dict[str, Any]:
        kind = "markdown" if parcels[0].markdown else "text"
        receivers: dict[Kind, list[str]] = {}
        for parcel in parcels:
            field, name = _read(parcel.address)
            receivers.setdefault(field, []).append(name)
        return {
            **{field: "|".join(names) for field, names in receivers.items()},
            "msgtype": kind,
            "agentid": self._agent_id,
            kind: {"content": text},
            # Should an admin send an unknown one again, those who have it already are spared.
            "enable_duplicate_check": 1,
            "duplicate_check_interval": _DUPLICATE_SECONDS,
        }


class _Pauses:
    """Longer pauses when the limit is still hit after a pause."""

    def __init__(self) -> None:
        self._hits = 0
        self._until = 0.0

    def stretch(self, outcome: Outcome, now: float) -> Outcome:
        if outcome.state == "sent":
            self._hits = 0
        if outcome.code != _LIMITED:
            return outcome
        # Calls that were on their way together hit the same limit.
        if now >= self._until:
            self._until = pause_until(_PAUSES[min(self._hits, len(_PAUSES) - 1)], now)
            self._hits += 1
        return replace(outcome, until=self._until)


def _read(address: str) -> tuple[Kind, str]:
    """The field of the call that an address goes into, and what it says there."""
    if address == EVERYBODY:
        return "touser", "@all"
    kind, _, name = address.partition(":")
    return _KINDS[kind], name


def _is_address(address: str) -> bool:
    kind, _, name = address.partition(":")
    if kind == "user":
        return bool(name) and "|" not in name
    return address == EVERYBODY or (kind in _KINDS and name.isdecimal())


def _for_one(address: str, answer: Answer, result: Outcome) -> Outcome:
    """errcode 0 still names receivers that were left out; the platform writes them in lower case."""
    field, name = _read(address)
    if name.lower() in _names(answer, field.replace("to", "invalid", 1)):
        return Outcome("failed", _INVALID, 0)
    if field == "touser" and name.lower() in _names(answer, "unlicenseduser"):
        return Outcome("failed", _UNLICENSED, 0)
    return result


def _names(answer: Answer, field: str) -> set[str]:
    return set(str(answer.body.get(field) or "").lower().split("|"))
