"""When a notice goes out before its event: 提前3天 18:00, 提前2小时, 当天 08:00."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from rapidfuzz import fuzz, process

from . import clock, holidays
from .errors import Unreadable, WhenError
from .rule import Rule
from .words import NUMBER, number, tidy


@dataclass(frozen=True)
class Remind:
    """How long before its event a notice goes out; `text` are the admin's words."""

    text: str
    days: int | None = None
    working: bool = False
    time: time | None = None
    before: timedelta = timedelta()

    def of(self, event: datetime) -> datetime:
        """The time this remind is due for `event`."""
        assert event.tzinfo
        if self.days is None:
            return (event.astimezone(UTC) - self.before).astimezone(event.tzinfo)
        day = event.date()
        day = holidays.shifted(day, -self.days) if self.working else day - timedelta(days=self.days)
        return clock.at(day, self.time or event.time(), event.tzinfo)

    @property
    def lead(self) -> timedelta:
        """The longest it can go out before an event."""
        if self.days is None:
            return self.before
        # Within twenty days there are ten working days at least, whatever the festival.
        return timedelta(days=self.days * 2 + 20 if self.working else self.days + 1)


def parse_remind(text: str, rule: Rule) -> Remind:
    """The remind that `text` says for events of `rule`; raises WhenError with the nearest readings."""
    try:
        return _in_time(_parse(text), rule)
    except Unreadable as error:
        readings = tuple(reading for reading in error.readings if _readable(reading, rule)) or ("提前1天 18:00",)
        raise WhenError(text, error.reason, readings[:3]) from None


def _in_time(remind: Remind, rule: Rule) -> Remind:
    if remind.days == 0 and remind.time and remind.time > rule.time:
        raise Unreadable(f"活动 {rule.time:%H:%M} 就开始了，提醒不能更晚", "准时", "提前1小时", "提前1天 18:00")
    return remind


def _readable(text: str, rule: Rule) -> bool:
    try:
        return bool(_in_time(_parse(text), rule))
    except Unreadable:
        return False


_COUNT = rf"(?:\d{{1,4}}|{NUMBER})"
_UNITS = rf"天|日|个?周|个?工作日|个?半?小时|分钟?|个?小时{_COUNT}分钟?"
_TURNED = re.compile(rf"^(半个?小时|{_COUNT}(?:{_UNITS}))[之以]?前|^前(?=半|{NUMBER})")
_DURATION = re.compile(
    rf"提前(?:(?P<half>半)个?小时|(?:(?P<hours>{_COUNT})(?:个(?P<more>半))?个?小时)?(?:(?P<minutes>{_COUNT})分钟?)?)"
)
_DAYS = re.compile(rf"提前(?P<count>{_COUNT})(?P<unit>天|日|(?=晚)|个?周|个?工作日)的?(?P<clock>.*)")
_SAME_DAY = re.compile(r"(?:活动)?当[天日](?P<clock>.*)")
_LONGEST = timedelta(days=366)
_SAMPLES = [
    *(f"提前{n}天 18:00" for n in (1, 2, 3, 5, 7)), "当天 08:00", "提前1个工作日 18:00", "准时",
    *(f"提前{n}小时" for n in (1, 2, 3)), *(f"提前{n}分钟" for n in (10, 15, 30)),
]  # fmt: skip


def _parse(text: str) -> Remind:
    said = text.strip()
    # 前一天 and 3天前 say the same as 提前一天 and 提前3天.
    words = _TURNED.sub(lambda found: f"提前{found[1] or ''}", tidy(text).replace("提前", "前"))
    if words in ("准时", "到点"):
        return Remind(said)
    if (found := _DURATION.fullmatch(words)) and words != "提前":
        return _sensible(Remind(said, before=_duration(found)), "提前1小时", "提前30分钟")
    if found := _DAYS.fullmatch(words):
        return _sensible(_days(said, found), "当天 08:00", "提前1天 18:00", "提前7天 18:00")
    if found := _SAME_DAY.fullmatch(words):
        return Remind(said, days=0, time=_clock(found["clock"], "当天"))
    raise _unknown(words)


def _duration(found: re.Match[str]) -> timedelta:
    if found["half"]:
        return timedelta(minutes=30)
    minutes = number(found["minutes"] or "0") + (30 if found["more"] else 0)
    return timedelta(hours=number(found["hours"] or "0"), minutes=minutes)


def _days(said: str, found: re.Match[str]) -> Remind:
    count = number(found["count"]) * (7 if found["unit"].endswith("周") else 1)
    working = found["unit"].endswith("工作日")
    at = _clock(found["clock"], f"提前{count}{'个工作日' if working else '天'}") if found["clock"] else None
    return Remind(said, days=count, working=working, time=at)


def _clock(text: str, head: str) -> time:
    if not text:
        raise Unreadable("没有写几点", f"{head} 08:00", "准时")
    try:
        return clock.read(text.strip())
    except Unreadable as error:
        raise Unreadable(error.reason, *(f"{head} {reading}" for reading in error.readings)) from None


def _sensible(remind: Remind, *readings: str) -> Remind:
    """`remind`, unless it is at the event's own time or more than a year ahead."""
    if not (remind.days or remind.before):
        raise Unreadable("提前的时间不能是0", *readings)
    if timedelta(days=remind.days or 0) + remind.before > _LONGEST:
        raise Unreadable("提前得太久，最多一年", *readings)
    return remind


def _unknown(words: str) -> Unreadable:
    if clock.LIKE_TIME.fullmatch(words):
        return Unreadable("没有写是当天还是提前几天", f"当天 {words}", f"提前1天 {words}")
    samples = process.extract(words, _SAMPLES, scorer=fuzz.ratio, limit=3)
    return Unreadable("不认识这样的提醒", *(sample for sample, _, _ in samples))
