"""The official calendar of public holidays and 调休 days, from chinesecalendar."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

# The tables themselves: get_holiday_detail() searches all of them for their last year at every call, 40 us a day.
from chinese_calendar.constants import Holiday as Official
from chinese_calendar.constants import holidays, workdays

LAST_YEAR: int = max(holidays).year
ONE_DAY = timedelta(days=1)


class Holiday(StrEnum):
    """What an event does that falls on a day of an official public-holiday period."""

    SEND = "照发"
    SKIP = "跳过"
    LATER = "顺延"
    EARLIER = "提前"


def period(day: date) -> str | None:
    """The name of the public-holiday period `day` belongs to; None on an ordinary day or weekend."""
    official = holidays.get(day)
    return None if official is None else str(Official(official).chinese)


def working(day: date) -> bool:
    """Whether people work on `day`: 调休 weekends count, and a year not published yet has plain weekdays only."""
    return day in workdays or (day.weekday() < 5 and day not in holidays)


def shifted(day: date, count: int) -> date:
    """The working day that is `count` working days after `day`, before it when negative."""
    step = ONE_DAY if count > 0 else -ONE_DAY
    for _ in range(abs(count)):
        day += step
        while not working(day):
            day += step
    return day


def unpublished(day: date) -> int | None:
    """The year whose calendar decides about `day` and is not published yet, or None."""
    # 元旦 can reach back: 2018-12-29 was a working Saturday because of 2019-01-01.
    year = (day + 3 * ONE_DAY).year
    return year if year > LAST_YEAR else None
