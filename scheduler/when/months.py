"""Days counted within months: 每月7日, 每季度首月15日, 每年5月第二个周日."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from . import holidays
from .words import WEEKDAYS, chinese

EVERY_MONTH = frozenset(range(1, 13))
QUARTERS = {
    frozenset({n, n + 3, n + 6, n + 9}): f"每季度{word}" for n, word in ((1, "首月"), (2, "第二个月"), (3, "末月"))
}


@dataclass(frozen=True)
class Nth:
    """The n-th day of a kind (日, 工作日, 周四) in a month, counted from its end when negative."""

    n: int
    kind: str

    def of(self, year: int, month: int) -> date | None:
        days = _of_kind(self.kind, year, month)
        index = self.n - 1 if self.n > 0 else self.n
        return days[index] if -len(days) <= index < len(days) else None

    def __str__(self) -> str:
        if self.kind == "日" and self.n > 0:
            return f"{self.n}日"
        head = "最后一" if self.n == -1 else f"倒数第{chinese(-self.n)}" if self.n < 0 else f"第{chinese(self.n)}"
        return head + ("天" if self.kind == "日" else f"个{self.kind}")


@cache
def _of_kind(kind: str, year: int, month: int) -> tuple[date, ...]:
    every = (date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1))
    if kind == "工作日":
        return tuple(filter(holidays.working, every))
    return tuple(day for day in every if kind in ("日", f"周{WEEKDAYS[day.weekday()]}"))


@dataclass(frozen=True)
class Monthly:
    """Days counted within certain months: 每月, 每季度首月, 每年6月."""

    months: frozenset[int]
    picks: tuple[Nth, ...]

    def between(self, first: date, last: date) -> Iterator[date]:
        for index in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
            year, month = index // 12, index % 12 + 1
            if month in self.months:
                days = {pick.of(year, month) for pick in self.picks}
                yield from sorted(day for day in days if day and first <= day <= last)

    def __str__(self) -> str:
        return self._head() + "、".join(map(str, self.picks))

    def _head(self) -> str:
        if self.months == EVERY_MONTH:
            return "每月"
        head = QUARTERS.get(self.months, f"每年{'、'.join(map(str, sorted(self.months)))}月")
        # The end of the last month is the end of the quarter.
        return "每季度" if head == "每季度末月" and all(pick.n < 0 for pick in self.picks) else head
