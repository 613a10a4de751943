"""A rule of a notice: on which days an event is, and at what time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import time
from typing import TypeVar

from . import clock, dates, grammar, mistakes
from .days import Days, Festival, Once, Shifted, Weekly
from .errors import Unreadable, WhenError
from .holidays import Holiday
from .lunar import Lunar
from .months import Monthly, Nth
from .words import tidy

_T = TypeVar("_T")
_DIGITS = set("0123456789")
_SOME_TIMES = ("09:00", "14:00", "19:00")


@dataclass(frozen=True)
class Rule:
    """When an event takes place: its days and its time of day."""

    days: Days
    time: time

    @property
    def text(self) -> str:
        """The rule as we would write it; parsing that gives the same rule."""
        return f"{self.days} {self.time:%H:%M}{_since(self.days)}"

    @property
    def needs_holiday(self) -> bool:
        """Whether the admin must say what a public holiday does to it: for all but festivals and single dates."""
        return not isinstance(self._named_days, Festival | Once)

    @property
    def note(self) -> str:
        """What an admin may not have thought of, in Chinese; mostly empty."""
        days = self._named_days
        if isinstance(days, Monthly):
            rare = [pick for pick in days.picks if any(pick.of(*month) is None for month in _some_months(days))]
            return _skips(days, rare) if rare else ""
        if isinstance(days, Lunar) and 30 in days.days:
            return "农历没有三十的月份不办" + ("（要年夜请写“除夕”）" if days.month == 12 else "")
        return ""

    @property
    def _named_days(self) -> Days:
        return self.days.base if isinstance(self.days, Shifted) else self.days


def parse(text: str) -> Rule:
    """The rule that `text` says; raises WhenError with the nearest readings."""
    try:
        return _parse(text)
    except Unreadable as error:
        likely = (f"{days} {_SOME_TIMES[0]}" for days in mistakes.nearest(tidy(text)))
        raise WhenError(text, error.reason, _complete(error.readings) or _complete(likely)) from None


def parse_holiday(text: str | None, rule: Rule) -> Holiday:
    """What `text` says of public holidays; only festivals and single dates may leave it unsaid, and are sent then."""
    if not text and not rule.needs_holiday:
        return Holiday.SEND
    if text in tuple(Holiday):
        return Holiday(text)
    reason = "逢法定节假日怎么办要写明：照发、跳过、顺延到下一个工作日、提前到上一个工作日"
    raise WhenError(text or "", reason, tuple(Holiday))


def _parse(text: str) -> Rule:
    phrase, since = dates.take_since(tidy(text))
    rules: list[Rule] = []
    refusals: list[tuple[bool, Unreadable]] = []
    for days_text, time_text in _splits(phrase):
        days, at = _attempt(grammar.read, days_text, since), _attempt(clock.read, time_text)
        if isinstance(days, Unreadable) or isinstance(at, Unreadable):
            refusals.append((isinstance(days, Unreadable), _both(days, at)))
        else:
            rules.append(Rule(days, at))
    if len(rules) == 1:
        return rules[0]
    if rules:
        raise Unreadable("有不止一种读法", *(rule.text for rule in rules))
    # The cut with readable days is what was meant; 2026.12.24 as a whole is a date, not 2026 at 12.24.
    _, refusal = min(refusals, key=lambda refusal: refusal[0], default=(True, None))
    days = _attempt(grammar.read, clock.without_period(phrase), since)
    if refusal and isinstance(days, Unreadable):
        raise refusal
    raise _both(days, Unreadable("没有写几点", *_SOME_TIMES))


def _splits(phrase: str) -> Iterator[tuple[str, str]]:
    """Every way to cut `phrase` into days and a time, never within a number in digits."""
    for index in range(len(phrase)):
        within = index > 0 and {phrase[index - 1], phrase[index]} <= _DIGITS
        if not within and clock.LIKE_TIME.fullmatch(phrase, index):
            yield phrase[:index].rstrip(" ,的"), phrase[index:]


def _attempt(read: Callable[..., _T], *args: object) -> _T | Unreadable:
    try:
        return read(*args)
    except Unreadable as error:
        return error


def _both(days: Days | Unreadable, at: time | Unreadable) -> Unreadable:
    """What is wrong with the days or the time, with readings of both."""
    wrong = [part.reason for part in (days, at) if isinstance(part, Unreadable)]
    all_days = days.readings if isinstance(days, Unreadable) else (str(days) + _since(days),)
    times = at.readings if isinstance(at, Unreadable) else (f"{at:%H:%M}",)
    return Unreadable("；".join(wrong), *(f"{one} {other}" for one in all_days for other in times))


def _since(days: Days) -> str:
    return f" 自{days.since}" if isinstance(days, Weekly) and days.since else ""


def _complete(readings: Iterable[str]) -> tuple[str, ...]:
    """The first three readings as canonical rules; one that cannot be read itself is not offered."""
    rules = (_attempt(_parse, reading) for reading in readings)
    texts = dict.fromkeys(rule.text for rule in rules if isinstance(rule, Rule))
    return tuple(texts)[:3]


def _skips(days: Monthly, rare: Sequence[Nth]) -> str:
    advice = "（要月底请写“最后一天”）" if any(pick.kind == "日" for pick in rare) else ""
    return f"没有{'、'.join(map(str, rare))}的{'年份' if len(days.months) == 1 else '月份'}不办{advice}"


def _some_months(days: Monthly) -> Iterator[tuple[int, int]]:
    return ((year, month) for year in range(2024, 2028) for month in days.months)
