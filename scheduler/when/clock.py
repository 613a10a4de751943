"""The time of day as people write it: 09:00, 9点半, 下午2点, 晚上七点一刻."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, tzinfo

from .errors import Unreadable
from .words import NUMBER, ONES, number

# The hours a word can mean; an hour is read only when exactly one of h and h + 12 lies in them.
_PERIODS = {
    "凌晨": range(6), "清晨": range(4, 9), "早晨": range(5, 11), "早上": range(5, 12), "上午": range(5, 12),
    "中午": range(11, 15), "下午": range(12, 19), "傍晚": range(16, 20), "晚上": range(17, 24),
    "早": range(5, 11), "晚": range(17, 24),
}  # fmt: skip
_PERIOD = "|".join(_PERIODS)
# Without 分 the minutes have two digits: 9点5 may be 9:05 or 9:50.
_POINT = rf"(?P<hour>{NUMBER})(?:点|时)(?P<part>整|钟|半|一刻|三刻|{NUMBER}分|\d\d|[零〇]{ONES}|{ONES}?十{ONES}?)?"
_COLON = r"(?P<h>\d{1,2}):(?P<m>\d{2})"
_CLOCK = re.compile(rf"(?P<period>{_PERIOD})?(?:{_COLON}|{_POINT})")
_NOON = ("中午", "正午")
_PARTS = {"半": 30, "一刻": 15, "三刻": 45}

# What is meant as a time, readable or not, so that the days before it are judged on their own.
_LOOSE = rf"(?:{_PERIOD})?(?:\d{{1,2}}[:.]\d{{1,2}}|{NUMBER}[点时](?:整|钟|半|一刻|三刻|{NUMBER}分?)?|\d{{3,4}})"
_AM_PM = re.compile(r"(\d{1,2})(?::(\d{2}))?([ap])m", re.IGNORECASE)
LIKE_TIME = re.compile(rf"正午|中午|{_LOOSE}(?:[-~—至到、,和]{_LOOSE})*|\d{{1,2}}(?::\d{{2}})?[ap]m", re.IGNORECASE)


def read(text: str) -> time:
    """The time `text` says; raises Unreadable."""
    if text in _NOON:
        return time(12)
    found = _CLOCK.fullmatch(text)
    if not found:
        raise Unreadable(f"时间“{text}”要写成一个开始时间，如 09:00", *_first_of(text))
    hour, minute = _hour_and_minute(found)
    if hour == 24 or (hour == 12 and found["period"] in ("凌晨", "晚上", "晚")):
        raise Unreadable(f"“{text}”说不准算哪一天的零点", "00:00", "23:59")
    if hour > 23 or minute > 59:
        raise Unreadable(f"没有“{text}”这个时间，一天是 00:00 到 23:59", *_nearest(hour, minute))
    return time(_in_period(text, found, hour, minute), minute)


def _hour_and_minute(found: re.Match[str]) -> tuple[int, int]:
    if found["h"]:
        return int(found["h"]), int(found["m"])
    part = (found["part"] or "").rstrip("整钟分")
    return number(found["hour"]), _PARTS.get(part) or (number(part) if part else 0)


def _in_period(text: str, found: re.Match[str], hour: int, minute: int) -> int:
    if found["period"]:
        fits = [h for h in (hour, hour + 12) if h in _PERIODS[found["period"]]]
        offers = [h % 24 for h in (hour, hour + 12)]
    else:
        # 2点半 is said at noon and at night, 9点 is not: nobody invites neighbours before seven.
        spoken = found["hour"] is not None and 1 <= hour <= 6 and not found["hour"].startswith("0")
        fits, offers = [] if spoken else [hour], [hour + 12, hour]
    if len(fits) != 1:
        raise Unreadable(f"“{text}”说不准是几点，请用24小时制", *(f"{h:02}:{minute:02}" for h in dict.fromkeys(offers)))
    return fits[0]


def without_period(text: str) -> str:
    """`text` without the 上午, 晚上... it ends in."""
    return re.sub(f"(?:{_PERIOD})$", "", text)


def _first_of(text: str) -> Sequence[str]:
    """The start of 14:00-16:00, and what 9.30, 0930, 9:5 and 9pm mean."""
    if found := _AM_PM.fullmatch(text):
        return _nearest(int(found[1]) % 12 + (12 if found[3] in "pP" else 0), int(found[2] or 0))
    text = re.sub(r"^(\d{1,2})[.]?(\d{2})\b", r"\1:\2", text)
    start = _CLOCK.match(re.sub(r":(\d)$", r":0\1", text))
    try:
        return [f"{read(start.group()):%H:%M}"] if start else ["09:00"]
    except Unreadable as error:
        return error.readings


def _nearest(hour: int, minute: int) -> list[str]:
    """The time itself where there is one, else those that differ in one digit, by day before by night."""
    minute = minute if minute < 60 else 0
    hours = [hour] if hour < 24 else [h for h in (hour - 10, hour - 5, hour % 10, hour - 12) if 0 <= h < 24]
    return [f"{h:02}:{minute:02}" for h in dict.fromkeys(hours)]


def at(day: date, clock: time, zone: tzinfo) -> datetime:
    """`clock` on `day` in `zone`; an hour that the change to summer time leaves out becomes the next one."""
    return datetime.combine(day, clock, zone).astimezone(UTC).astimezone(zone)
