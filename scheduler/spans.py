"""A length of time as people write it: 2小时, 半小时, 1小时30分钟, 1天."""

from __future__ import annotations

import re
from datetime import timedelta

from .when.words import NUMBER, number, tidy

_COUNT = rf"(?:\d{{1,3}}|{NUMBER})"
_SPAN = re.compile(
    rf"(?:(?P<days>{_COUNT})[天日])?(?:(?P<half>半)个?小时|(?:(?P<hours>{_COUNT})(?:个(?P<more>半))?个?小时)?(?:(?P<minutes>{_COUNT})分钟?)?)"
)


def parse_span(text: str) -> timedelta:
    """The length of time that `text` says; raises ValueError."""
    found = _SPAN.fullmatch(tidy(text))
    span = _value(found) if found else timedelta()
    if not span:
        raise ValueError(f"“{text}”读不懂，请写多久，例如“2小时”“30分钟”“1天”")
    return span


def chinese_span(span: timedelta) -> str:
    """A length of time for people: 1天2小时30分钟."""
    minutes = int(span.total_seconds()) // 60
    parts = ((minutes // 1440, "天"), (minutes // 60 % 24, "小时"), (minutes % 60, "分钟"))
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0分钟"


def _value(found: re.Match[str]) -> timedelta:
    half = 30 if found["half"] or found["more"] else 0
    days, hours, minutes = (number(found[unit] or "0") for unit in ("days", "hours", "minutes"))
    return timedelta(days=days, hours=hours, minutes=minutes + half)
