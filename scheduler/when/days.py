"""The kinds of days a rule can name; each knows its days between two dates and its own words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from . import holidays
from .words import WEEKDAYS, chinese

ONE_DAY = timedelta(days=1)


class Days(Protocol):
    """Days that can be listed, and written as an admin would."""

    def between(self, first: date, last: date) -> Iterator[date]:
        """The days from `first` to `last`, both included, in order."""

    def __str__(self) -> str: ...


@dataclass(frozen=True)
class Once:
    """A single date."""

    day: date

    def between(self, first: date, last: date) -> Iterator[date]:
        if first <= self.day <= last:
            yield self.day

    def __str__(self) -> str:
        return self.day.isoformat()


@dataclass(frozen=True)
class Weekly:
    """Weekdays of every week, or of every few weeks counted from the week of `since`."""

    weekdays: frozenset[int]
    every: int = 1
    since: date | None = None

    def between(self, first: date, last: date) -> Iterator[date]:
        first = max(first, self.since) if self.since else first
        monday = first - timedelta(days=first.weekday())
        if self.since:
            monday -= (monday - self.since + timedelta(days=self.since.weekday())) % timedelta(weeks=self.every)
        for week in range(0, (last - monday).days + 1, 7 * self.every):
            for weekday in sorted(self.weekdays):
                day = monday + timedelta(days=week + weekday)
                if first <= day <= last:
                    yield day

    def __str__(self) -> str:
        if len(self.weekdays) == 7 and self.every == 1:
            return "每天"
        head = {1: "每周", 2: "双周周"}.get(self.every, f"每{chinese(self.every)}周周")
        return head + "、".join(WEEKDAYS[weekday] for weekday in sorted(self.weekdays))


@dataclass(frozen=True)
class Workdays:
    """Every working day, or every day off, of the official calendar."""

    working: bool

    def between(self, first: date, last: date) -> Iterator[date]:
        for day in _every(first, last):
            if holidays.working(day) is self.working:
                yield day

    def __str__(self) -> str:
        return "工作日" if self.working else "休息日"


def _every(first: date, last: date) -> Iterator[date]:
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)


@dataclass(frozen=True)
class Festival:
    """Days known by a name: 重阳节, 国庆节, 母亲节."""

    name: str
    days: Days

    def between(self, first: date, last: date) -> Iterator[date]:
        return self.days.between(first, last)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Shifted:
    """So many days, or working days, after other days; before them when negative."""

    base: Days
    count: int
    unit: str = "天"

    def between(self, first: date, last: date) -> Iterator[date]:
        # Within twenty days there are ten working days at least, whatever the festival.
        reach = (abs(self.count) * 2 + 20) * ONE_DAY if self.unit == "个工作日" else abs(self.count) * ONE_DAY
        for day in self.base.between(first - reach, last + reach):
            moved = self._move(day)
            if first <= moved <= last:
                yield moved

    def _move(self, day: date) -> date:
        return holidays.shifted(day, self.count) if self.unit == "个工作日" else day + self.count * ONE_DAY

    def __str__(self) -> str:
        return f"{self.base}{'前' if self.count < 0 else '后'}{abs(self.count)}{self.unit}"
