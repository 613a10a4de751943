"""The lunar calendar and the solar terms, from lunar_python: the only place that knows that library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import lunar_python

from .words import DIGITS, chinese

# The library's list of a year starts with two terms of the year before and goes on into the next.
_OWN_TERMS = slice(2, 26)
TERMS: tuple[str, ...] = (*lunar_python.Lunar.JIE_QI_IN_USE[2:25], "冬至")


class LunarMonth(NamedTuple):
    """One month of the lunar calendar."""

    month: int
    leap: bool
    first: date
    length: int


@cache
def months(year: int) -> tuple[LunarMonth, ...]:
    """The twelve or thirteen months of a lunar year, in order."""
    return tuple(
        LunarMonth(abs(month.getMonth()), month.isLeap(), _date(month.getFirstJulianDay()), month.getDayCount())
        for month in lunar_python.LunarYear.fromYear(year).getMonthsInYear()
    )


@cache
def terms(year: int) -> dict[str, date]:
    """The dates of the 24 solar terms (清明, 冬至...) within a solar year."""
    days = lunar_python.LunarYear.fromYear(year).getJieQiJulianDays()[_OWN_TERMS]
    return {name: _date(day) for name, day in zip(TERMS, days, strict=True)}


def _date(julian_day: float) -> date:
    solar = lunar_python.Solar.fromJulianDay(julian_day)
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


@dataclass(frozen=True)
class Lunar:
    """Days of one lunar month, or of all of them when `month` is None; a leap month has no yearly days."""

    month: int | None
    days: tuple[int, ...]

    def between(self, first: date, last: date) -> Iterator[date]:
        # A lunar year begins in January or February, at the latest on day 52 of the solar year.
        for year in range((first - timedelta(days=52)).year, last.year + 1):
            for month in months(year):
                if self.month is None or (month.month == self.month and not month.leap):
                    for day in self.days:
                        found = month.first + timedelta(days=day - 1)
                        if day <= month.length and first <= found <= last:
                            yield found

    def __str__(self) -> str:
        head = "每" if self.month is None else "正二三四五六七八九十冬腊"[self.month - 1]
        return f"农历{head}月" + "、".join(map(_lunar_day, self.days))


def _lunar_day(day: int) -> str:
    if 20 < day < 30:
        return f"廿{DIGITS[day - 20]}"
    return chinese(day) if day > 10 else f"初{chinese(day)}"


@dataclass(frozen=True)
class Term:
    """A solar term of every year, such as 清明."""

    name: str

    def between(self, first: date, last: date) -> Iterator[date]:
        for year in range(first.year, last.year + 1):
            if first <= terms(year)[self.name] <= last:
                yield terms(year)[self.name]

    def __str__(self) -> str:
        return self.name
