"""The slots of a rule: the times at which a notice is due, in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

from . import clock, holidays
from .days import ONE_DAY
from .holidays import Holiday
from .reminds import Remind
from .rule import Rule
from .words import chinese_date

# A public holiday with the weekends around it never moves an event further.
_REACH = 20 * ONE_DAY
# Six leap days, and the gap around 2100.
_HORIZON = 30 * 366 * ONE_DAY


@dataclass(frozen=True)
class Event:
    """The day an event was planned for and the day it takes place; None when a holiday leaves no event of its own."""

    planned: date
    day: date | None
    reason: str = ""


@dataclass(frozen=True)
class Slot:
    """One time at which a notice is due: `at` it goes out, `event` is what it is about."""

    at: datetime
    event: datetime
    remind: str | None = None
    moved_from: date | None = None
    reason: str = ""
    note: str = ""


def slots(
    rule: Rule, holiday: Holiday, reminds: Sequence[Remind], start: datetime, end: datetime, zone: tzinfo
) -> Iterator[Slot]:
    """The slots with start <= at < end in order of time, no event twice at the same time."""
    # As UTC, because two times of one zone compare by the clock on the wall.
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    lead = max((remind.lead for remind in reminds), default=ONE_DAY)
    first, last = start.astimezone(zone).date() - ONE_DAY, (end + lead).astimezone(zone).date()
    found: dict[tuple[datetime, datetime], Slot] = {}
    for event in events(rule, holiday, first, last):
        for slot in _of(event, rule, reminds, zone):
            key = slot.at.astimezone(UTC), slot.event.astimezone(UTC)
            if start <= key[0] < end:
                found.setdefault(key, slot)
    yield from (found[key] for key in sorted(found))


def next_slots(
    rule: Rule, holiday: Holiday, reminds: Sequence[Remind], after: datetime, zone: tzinfo, n: int = 6
) -> list[Slot]:
    """The next `n` slots from `after` on; fewer when there are no more."""
    found: list[Slot] = []
    start, span = after, 60 * ONE_DAY
    while len(found) < n and start < after + _HORIZON:
        found += slots(rule, holiday, reminds, start, start + span, zone)
        start, span = start + span, span * 2
    return found[:n]


def events(rule: Rule, holiday: Holiday, first: date, last: date) -> Iterator[Event]:
    """The events from `first` to `last`, both included, in order, one a day; also those that a holiday takes away."""
    by_day: dict[date, list[Event]] = {}
    for planned in rule.days.between(first - _REACH, last + _REACH):
        event = _event(planned, holiday)
        day = event.day or planned
        if first <= day <= last:
            by_day.setdefault(day, []).append(event)
    for day in sorted(by_day):
        # The event that stays is the day's own; those moved onto it are not held a second time.
        own, *moved = sorted(by_day[day], key=lambda event: event.planned != day)
        yield own
        yield from (Event(event.planned, None, f"{event.reason}，与那天的合为一次") for event in moved)


def _event(planned: date, holiday: Holiday) -> Event:
    period = holidays.period(planned)
    if not period:
        return Event(planned, planned)
    if holiday is Holiday.SEND:
        return Event(planned, planned, f"逢{period}假期，照发")
    if holiday is Holiday.SKIP:
        return Event(planned, None, f"逢{period}假期，跳过")
    day = holidays.shifted(planned, 1 if holiday is Holiday.LATER else -1)
    return Event(planned, day, f"原定{chinese_date(planned)}，逢{period}假期，{holiday}到{chinese_date(day)}")


def _of(event: Event, rule: Rule, reminds: Sequence[Remind], zone: tzinfo) -> Iterator[Slot]:
    """The slots of one event, in the order of its reminds."""
    if event.day is None:
        return
    time = clock.at(event.day, rule.time, zone)
    moved_from = event.planned if event.planned != event.day else None
    note = _note(event, rule, time)
    for remind in reminds or (None,):
        at, words = (remind.of(time), remind.text) if remind else (time, None)
        yield Slot(at, time, words, moved_from, event.reason, note)


def _note(event: Event, rule: Rule, time: datetime) -> str:
    notes = []
    if year := holidays.unpublished(event.planned):
        notes.append(f"{year}年放假安排尚未公布，按平日计")
    if time.time() != rule.time:
        notes.append(f"当地这天没有{rule.time:%H:%M}，改为{time:%H:%M}")
    return "；".join(notes)
