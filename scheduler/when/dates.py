"""Single dates as people write them, with or without their weekday."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta

from .errors import Unreadable
from .words import DIGITS, NUMBER, WEEKDAY, WEEKDAYS, number, weekday

DATE = (
    rf"(?P<year>\d{{4}}|[{DIGITS}〇]{{4}})(?:(?P<dash>[-/.])(?P<month>\d{{1,2}})(?P=dash)(?P<day>\d{{1,2}})"
    rf"|年(?P<month2>{NUMBER})月(?P<day2>{NUMBER})日)(?:\(?周(?P<weekday>{WEEKDAY})\)?)?"
)
_SINCE = re.compile(rf"\s*[自从]{DATE}(?:起|开始)?\s*")


def read(found: re.Match[str]) -> date:
    """The date a match of DATE says; raises Unreadable when there is none, or its weekday is another."""
    year = int("".join(str(number(char)) for char in found["year"]))
    month, day = number(found["month"] or found["month2"]), number(found["day"] or found["day2"])
    try:
        result = date(year, month, day)
    except ValueError:
        raise _no_such_date(year, month, day) from None
    if found["weekday"] and result.weekday() != weekday(found["weekday"]):
        raise _wrong_weekday(result, weekday(found["weekday"]))
    return result


def take_since(text: str) -> tuple[str, date | None]:
    """`text` without its 自2026-12-02, and that date."""
    found = _SINCE.search(text)
    if not found:
        return text, None
    rest = f"{text[: found.start()]} {text[found.end() :]}".strip()
    try:
        return rest, read(found)
    except Unreadable as error:
        raise Unreadable(error.reason, *(f"{rest} 自{day}" for day in error.readings)) from None


def near(day: date, weekdays: frozenset[int]) -> list[date]:
    """The last day before and the first after `day` on one of `weekdays`."""
    around = (day + timedelta(days=sign * n) for sign in (-1, 1) for n in range(1, 8))
    fitting = [other for other in around if other.weekday() in weekdays]
    return [max(other for other in fitting if other < day), min(other for other in fitting if other > day)]


def _no_such_date(year: int, month: int, day: int) -> Unreadable:
    if not (1 <= year <= 9998 and 1 <= month <= 12):
        return Unreadable(f"没有{month}月，一年只有1到12月", f"{year:04}-12-{min(max(day, 1), 31):02}")
    length = monthrange(year, month)[1]
    last = date(year, month, length)
    return Unreadable(f"{year}年{month}月只有{length}天，没有{day}日", f"{last}", f"{last + timedelta(days=1)}")


def _wrong_weekday(day: date, wanted: int) -> Unreadable:
    reason = f"{day} 是周{WEEKDAYS[day.weekday()]}，不是周{WEEKDAYS[wanted]}"
    return Unreadable(reason, f"{day}", *map(str, near(day, frozenset({wanted}))))
