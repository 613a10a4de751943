"""Long texts: cut at sentence ends into parts that fit, and sent part by part."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from bot.store.sent_parts import SentParts
from scheduler.sender import Outcome, Parcel

_ENDS = ("\n", "。！？!?；;…", "，、,：: ")
"""Where to cut, the best places first."""
_FENCE = "```"
_FENCE_ROOM = 2 * len(_FENCE) + 2

SendPart = Callable[[Sequence[Parcel], str, bool], Awaitable[Sequence[Outcome]]]
"""Sends one part to all; True with the last one."""


def split(text: str, limit: int) -> list[str]:
    """The text in parts of at most `limit` bytes of UTF-8; joined they are the text again."""
    parts = []
    while len(text.encode()) > limit:
        cut = _cut(text, limit)
        parts.append(text[:cut])
        text = text[cut:]
    return [*parts, text]


def split_markdown(text: str, limit: int) -> list[str]:
    """As `split`, with a code block that is cut in two closed and opened again."""
    if _FENCE not in text:
        return split(text, limit)
    parts, opened = [], False
    for part in split(text, limit - _FENCE_ROOM):
        start = f"{_FENCE}\n" if opened else ""
        opened ^= part.count(_FENCE) % 2 == 1
        parts.append(f"{start}{part}" + (f"\n{_FENCE}" if opened else ""))
    return parts


def _cut(text: str, limit: int) -> int:
    """After how many characters to cut: at the best place in the last two thirds, else at the last character that fits."""
    fitting = len(text.encode()[:limit].decode(errors="ignore"))
    for marks in _ENDS:
        cut = max(text.rfind(mark, 0, fitting) for mark in marks) + 1
        if cut > fitting // 3:
            return cut
    return fitting


async def send_in_parts(
    store: SentParts, parcels: Sequence[Parcel], texts: Sequence[str], now: float, send: SendPart
) -> list[Outcome]:
    """Send the parts one after another to all for whom the ones before arrived; a second try goes on where the first stopped."""
    if len(texts) == 1:
        return list(await send(parcels, texts[0], True))
    keys = {parcel: _progress_key(parcel) for parcel in parcels}
    before = await asyncio.to_thread(store.read, list(keys.values()))
    outcomes: dict[Parcel, Outcome] = {}
    for number, text in enumerate(texts):
        due = [
            parcel
            for parcel in parcels
            if before.get(keys[parcel], 0) <= number and (parcel not in outcomes or outcomes[parcel].state == "sent")
        ]
        for parcel, outcome in zip(due, await send(due, text, number == len(texts) - 1) if due else (), strict=True):
            outcomes[parcel] = _counted(outcome, number, len(texts))
        sent = [keys[parcel] for parcel in due if outcomes[parcel].state == "sent"]
        if number < len(texts) - 1:
            await asyncio.to_thread(store.write, sent, number + 1, now)
    done = [keys[parcel] for parcel in parcels if outcomes[parcel].state == "sent"]
    await asyncio.to_thread(store.forget, done, now)
    return [outcomes[parcel] for parcel in parcels]


def _progress_key(parcel: Parcel) -> str:
    """A notice whose text was changed begins anew."""
    return hashlib.sha256(f"{parcel.key}|{parcel.text}".encode()).hexdigest()


def _counted(outcome: Outcome, number: int, total: int) -> Outcome:
    if outcome.state == "sent":
        return replace(outcome, reason=f"{outcome.reason}（共 {total} 段）")
    return replace(outcome, reason=f"{outcome.reason}（共 {total} 段，前 {number} 段已发）")
