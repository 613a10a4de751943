"""The next sendings of every notice, for programs and for people: pure functions, no clock and no files."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from .when import Holiday, Remind, Rule, Slot, events, next_slots, slots
from .when.clock import at
from .when.words import chinese_time

_HEAD = ("发送时间", "通知", "活动时间", "提醒", "说明")


@dataclass(frozen=True)
class Timing:
    """What the file says of the times of one notice."""

    notice: str
    rule: Rule
    holiday: Holiday
    reminds: Sequence[Remind] = ()


@dataclass(frozen=True)
class Row:
    """One sending of a notice."""

    notice: str
    slot: Slot


def rows(timings: Iterable[Timing], start: datetime, end: datetime, zone: tzinfo) -> list[Row]:
    """Every sending with start <= at < end in order of time, those of one time in the order of the notices."""
    found = [
        Row(timing.notice, slot)
        for timing in timings
        for slot in slots(timing.rule, timing.holiday, timing.reminds, start, end, zone)
    ]
    return sorted(found, key=lambda row: row.slot.at.astimezone(UTC))


def as_json(row: Row) -> dict[str, str | None]:
    """The row as `preview --json` promises it."""
    slot = row.slot
    return {
        "notice": row.notice,
        "at": slot.at.isoformat(),
        "event": slot.event.isoformat(),
        "remind": slot.remind,
        "moved_from": slot.moved_from.isoformat() if slot.moved_from else None,
    }


def table(timings: Sequence[Timing], start: datetime, end: datetime, zone: tzinfo) -> str:
    """The sendings for people, with what a holiday moves or cancels and why; what needs attention stands first."""
    found = rows(timings, start, end, zone)
    lines = [(row.slot.at, _cells(row)) for row in found] + list(_cancelled(timings, start, end, zone))
    lines.sort(key=lambda line: line[0].astimezone(UTC))
    body = aligned([_HEAD, *(cells for _, cells in lines)]) if lines else ["这段时间没有要发的通知"]
    return "\n".join([*(f"注意：{warning}" for warning in warnings(timings, found)), *body])


def warnings(timings: Iterable[Timing], found: Iterable[Row]) -> list[str]:
    """What has to be said loudly: rules that skip months, and years without an official calendar."""
    said = [(timing.rule.note, timing.notice) for timing in timings] + [(row.slot.note, row.notice) for row in found]
    notices: dict[str, list[str]] = {}
    for note, notice in dict.fromkeys(said):
        notices.setdefault(note, []).append(notice)
    return [f"{note}（{'、'.join(names)}）" for note, names in notices.items() if note]


def upcoming(timing: Timing, after: datetime, zone: tzinfo, n: int = 6) -> list[str]:
    """The next `n` sendings of one notice, a line each, to be shown wherever its rule is."""
    found = next_slots(timing.rule, timing.holiday, timing.reminds, after, zone, n)
    return ["  ".join(filter(None, (*_cells(Row("", slot)), slot.note))) for slot in found]


def _cells(row: Row) -> tuple[str, ...]:
    slot = row.slot
    return (chinese_time(slot.at), row.notice, chinese_time(slot.event), slot.remind or "", slot.reason)


def _cancelled(
    timings: Iterable[Timing], start: datetime, end: datetime, zone: tzinfo
) -> Iterator[tuple[datetime, tuple[str, ...]]]:
    """The events between start and end that a holiday cancels."""
    for timing in timings:
        first, last = (moment.astimezone(zone).date() for moment in (start, end - timedelta(microseconds=1)))
        for event in events(timing.rule, timing.holiday, first, last):
            time = at(event.planned, timing.rule.time, zone)
            if event.day is None and start <= time < end:
                yield time, ("不发", timing.notice, chinese_time(time), "", event.reason)


def aligned(lines: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows as lines of even columns."""
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    return ["  ".join(map(_padded, line, widths)).rstrip() for line in lines]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """The columns `text` takes in a terminal, where a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
