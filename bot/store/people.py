"""What workers and admins do with the store from the command line: invites, hand-overs, questions without an answer."""

from __future__ import annotations

import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, delete, insert, select, update

from bot.fold import fold
from bot.store.deeds import invite_key
from bot.store.tables import handovers, invites, messages

_KINDS = {"human": "转人工", "complaint": "投诉"}


def make_invite(engine: Engine, now: float, days: int, uses: int) -> str:
    """A new six-digit code; only its hash is kept."""
    code = f"{secrets.randbelow(1_000_000):06d}"
    row = {"code": invite_key(code), "made_at": now, "expires_at": now + days * 86400, "uses_left": uses}
    with engine.begin() as connection:
        connection.execute(delete(invites).where((invites.c.expires_at < now) | (invites.c.uses_left < 1)))
        connection.execute(insert(invites), row)
    return code


def open_handovers(engine: Engine, zone: ZoneInfo) -> list[str]:
    """A line for everybody who waits for a person, the longest wait first."""
    query = select(handovers).where(handovers.c.done.is_(False)).order_by(handovers.c.at)
    with engine.connect() as connection:
        rows = connection.execute(query).mappings().all()
    lines = []
    for row in rows:
        before = f"（之前在问：{row['context']}）" if row["context"] else ""
        lines.append(
            f"{row['id']}\t{_moment(row['at'], zone)}\t{_KINDS[row['kind']]}\t{row['channel']}\t{row['question']}{before}"
        )
    return lines or ["没有等着处理的登记"]


def close_handover(engine: Engine, number: int, now: float) -> bool:
    """Mark a hand-over as done; False when there is no open one of this number."""
    with engine.begin() as connection:
        open_one = (handovers.c.id == number) & handovers.c.done.is_(False)
        return connection.execute(update(handovers).where(open_one).values(done=True)).rowcount == 1


def unanswered(engine: Engine, zone: ZoneInfo, since: float) -> list[str]:
    """A line for every question that got no answer since then: how often, when last, in the words of the last who asked."""
    query = select(messages.c.text, messages.c.at).where(
        messages.c.kind == "unknown", messages.c.text != "", messages.c.at >= since
    )
    asked: dict[str, list[tuple[float, str]]] = {}
    with engine.connect() as connection:
        for text, at in connection.execute(query):
            asked.setdefault(fold(text).replace(" ", ""), []).append((at, text))
    asked.pop("", None)
    often = sorted(((len(times), *max(times)) for times in asked.values()), reverse=True)
    return [f"{count} 次\t{_moment(at, zone)}\t{' '.join(text.split())}" for count, at, text in often] or [
        "这段时间没有答不上的问题"
    ]


def forget_old(engine: Engine, now: float, keep_days: int) -> int:
    """Delete messages older than the days they are kept; returns how many."""
    with engine.begin() as connection:
        return connection.execute(delete(messages).where(messages.c.at < now - keep_days * 86400)).rowcount


def _moment(at: float, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at, zone).strftime("%m-%d %H:%M")
