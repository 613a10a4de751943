"""What is coming up: the seam between actions and the notices with their sign-ups."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Protocol

from bot.message import Message, Role
from scheduler.notices import Upcoming
from scheduler.signups import Seat


class Diary(Protocol):
    """Knows what is coming up, and what one person has signed up for."""

    @property
    def zone(self) -> tzinfo:
        """The zone of the neighbourhood."""
        ...

    def coming(self, role: Role, now: datetime, words: str = "") -> list[Upcoming]:
        """The next event of every notice that the words name, soonest first; of every notice without words."""
        ...

    def within(self, role: Role, now: datetime, first: date, last: date) -> list[Upcoming]:
        """Every event of these days, both included, that is still to come, in order of time."""
        ...

    def left(self, event: Upcoming) -> int | None:
        """The seats still free; None when there is room for all."""
        ...

    def seats(self, message: Message, now: float) -> Sequence[Seat]:
        """The seats that who sent this message has at coming events."""
        ...

    def topics(self, words: str = "") -> tuple[str, ...]:
        """The topics one can subscribe to; with words those that they speak of."""
        ...


class EmptyDiary:
    """Nothing is coming up."""

    zone: tzinfo = UTC

    def coming(self, role: Role, now: datetime, words: str = "") -> list[Upcoming]:
        return []

    def within(self, role: Role, now: datetime, first: date, last: date) -> list[Upcoming]:
        return []

    def left(self, event: Upcoming) -> int | None:
        return None

    def seats(self, message: Message, now: float) -> Sequence[Seat]:
        return ()

    def topics(self, words: str = "") -> tuple[str, ...]:
        return ()


_DAY = timedelta(days=1)
_WEEK = r"(?:个?周|个?星期|个?礼拜)"
_NEXT_WEEK, _THIS_WEEK = re.compile(f"下{_WEEK}"), re.compile(f"(?:这|本){_WEEK}")
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
_NEAR = {"后天": (2, 2), "明天": (1, 1), "明朝": (1, 1), "明晚": (1, 1), "今天": (0, 0), "今朝": (0, 0), "今晚": (0, 0), "这两天": (0, 3), "这几天": (0, 5)}  # fmt: skip
"""Words for days, as days from today."""


def days_named(words: str, today: date) -> tuple[date, date] | None:
    """The first and last day that words like 周六, 明天, 下周, 这个月 mean; None when they name no day."""
    for name, (first, last) in _NEAR.items():
        if name in words:
            return today + first * _DAY, today + last * _DAY
    monday = today - today.weekday() * _DAY + (7 * _DAY if _NEXT_WEEK.search(words) else 0 * _DAY)
    if weekday := _WEEKDAY.search(words):
        day = monday + "一二三四五六日".index(weekday[1].replace("天", "日")) * _DAY
        day += 7 * _DAY if day < today else 0 * _DAY
        return day, day
    if "周末" in words:
        return max(today, monday + 5 * _DAY), monday + 6 * _DAY
    if _NEXT_WEEK.search(words) or _THIS_WEEK.search(words):
        return max(today, monday), monday + 6 * _DAY
    return _month_named(words, today)


def _month_named(words: str, today: date) -> tuple[date, date] | None:
    following = (today.replace(day=1) + 32 * _DAY).replace(day=1)
    if re.search("下个?月", words):
        return following, (following + 32 * _DAY).replace(day=1) - _DAY
    if re.search("(?:这个?|本)月", words):
        return today, following - _DAY
    return None
