"""The noticeboard: the notices and audiences in force, reloaded when an admin saves them, all or nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from scheduler.audiences import Audience, addresses, read_audiences, robots
from scheduler.checks import mistakes, oversights
from scheduler.notices import Notice, read_notices
from scheduler.when import Slot, next_slots, slots
from scheduler.yamlfile import Problem, Problems

log = logging.getLogger(__name__)

_INSTANT = timedelta(microseconds=1)
_NEVER = datetime.max.replace(tzinfo=UTC)


class Edition:
    """Everything read from the two files at one moment."""

    def __init__(self, notices: Collection[Notice], audiences: Collection[Audience], zone: tzinfo) -> None:
        self.notices = {notice.notice: notice for notice in notices}
        self.audiences = {audience.audience: audience for audience in audiences}
        self.zone = zone
        self._next: dict[str, tuple[datetime, datetime]] = {}
        """For each notice a time and the first slot after it."""
        self._known: dict[tuple[str, datetime], Slot | None] = {}

    def due(self, after: datetime, now: datetime) -> list[tuple[Notice, Slot]]:
        """The slots with after < at <= now in order of time; of two at one time for a notice the nearer event's."""
        found: dict[tuple[str, datetime], tuple[Notice, Slot]] = {}
        for notice in self.notices.values():
            if self._first_after(notice, after) > now:
                continue
            for slot in self._slots(notice, after + _INSTANT, now + _INSTANT):
                found.setdefault((notice.notice, slot.at), (notice, slot))
        return sorted(found.values(), key=lambda pair: pair[1].at.astimezone(UTC))

    def next_after(self, moment: datetime) -> datetime | None:
        """The first time after `moment` at which any notice is due."""
        return min(self._first_after(notice, moment) for notice in self.notices.values()) if self.notices else None

    def _first_after(self, notice: Notice, moment: datetime) -> datetime:
        """Remembered, because most ticks find nothing due and the calendar is slow to ask."""
        since, first = self._next.get(notice.notice, (_NEVER, _NEVER))
        if since > moment or first <= moment:
            coming = next_slots(notice.when, notice.holiday, notice.remind, moment + _INSTANT, self.zone, 1)
            first = coming[0].at if coming else _NEVER
            self._next[notice.notice] = moment, first
        return first

    def slot(self, notice: Notice, due: datetime) -> Slot | None:
        """The slot of this notice at this time; None when its rule has none there any more."""
        key = notice.notice, due
        if key not in self._known:
            self._known[key] = next(iter(self._slots(notice, due, due + _INSTANT)), None)
        return self._known[key]

    def takes_place(self, notice: str, event: int) -> bool:
        """Whether this notice has an event at this time."""
        entry, time = self.notices.get(notice), datetime.fromtimestamp(event, self.zone)
        return entry is not None and any(slots(entry.when, entry.holiday, (), time, time + _INSTANT, self.zone))

    def audiences_of(self, notice: Notice) -> list[Audience]:
        """The audiences this notice goes to."""
        return [self.audiences[name] for name in notice.to]

    def topics(self) -> list[str]:
        """The topics that people can subscribe to."""
        return list(dict.fromkeys(audience.topic for audience in self.audiences.values() if audience.topic))

    def on_topic(self, topic: str) -> list[Notice]:
        """The notices that subscribers of this topic get."""
        names = {audience.audience for audience in self.audiences.values() if audience.topic == topic}
        return [notice for notice in self.notices.values() if names & set(notice.to)]

    def _slots(self, notice: Notice, start: datetime, end: datetime) -> list[Slot]:
        return list(slots(notice.when, notice.holiday, notice.remind, start, end, self.zone))


def read_edition(
    home: Path, now: datetime, zone: tzinfo, cases: Collection[str] | None = None
) -> tuple[Edition, list[Problem]]:
    """The edition in this folder, with what will not do what was meant; raises Problems naming every mistake."""
    problems: list[Problem] = []
    files = {"notices": notices_file(home), "audiences": audiences_file(home)}
    notices = audiences = None
    try:
        notices = read_notices(files["notices"], _name(files["notices"]))
    except Problems as error:
        problems += error.problems
    try:
        audiences = read_audiences(files["audiences"], _name(files["audiences"]))
    except Problems as error:
        problems += error.problems
    if notices and audiences:
        problems += mistakes(notices, audiences, now, zone, cases)
    if problems or not notices or not audiences:
        raise Problems(problems)
    return Edition(notices.entries, audiences.entries, zone), oversights(notices, now, zone)


def check_files(home: Path, now: datetime, zone: tzinfo, cases: Collection[str] | None = None) -> list[Problem]:
    """Everything an admin should change in the two files."""
    try:
        return read_edition(home, now, zone, cases)[1]
    except Problems as error:
        return list(error.problems)


def notices_file(home: Path) -> Path:
    """Where the notices stand."""
    return home / "scheduler" / "notices.yaml"


def audiences_file(home: Path) -> Path:
    """Where the audiences stand."""
    return home / "scheduler" / "audiences.yaml"


class Noticeboard:
    """Holds the edition in force, and keeps the last good one when a file is broken."""

    def __init__(self, home: Path, environment: Mapping[str, str], zone: tzinfo, clock: Callable[[], float]) -> None:
        """Read the files; raises Problems, because a process must not start without notices."""
        self._home, self._environment, self._zone, self._clock = home, environment, zone, clock
        self._seen = self._state()
        self.current, oversights = self._read()
        self.problems: tuple[Problem, ...] = ()
        for problem in oversights:
            log.warning("%s", problem)

    def changed(self) -> bool:
        """True when a file was saved since it was read."""
        return self._state() != self._seen

    def refresh(self) -> bool:
        """Read the files again if one was saved; True when a new edition is in force."""
        state = self._state()
        if state == self._seen:
            return False
        self._seen = state
        try:
            self.current, oversights = self._read()
        except Problems as error:
            self.problems = error.problems
            for problem in error.problems:
                log.error("没有采用改动，仍用上一版：%s", problem)
            return False
        self.problems = ()
        for problem in oversights:
            log.warning("%s", problem)
        log.info("通知的改动已生效，共 %d 条", len(self.current.notices))
        return True

    def addresses(self, audience: Audience) -> list[str]:
        """Where to send for this audience, subscribers apart."""
        return addresses(audience, self._environment)

    def secret_of(self, address: str) -> str:
        """The key or URL of a group's robot; empty when its variable is not set."""
        return robots(self.current.audiences.values(), self._environment).get(address, "")

    def _read(self) -> tuple[Edition, list[Problem]]:
        return read_edition(self._home, datetime.fromtimestamp(self._clock(), self._zone), self._zone)

    def _state(self) -> tuple[tuple[int, int, int] | None, ...]:
        return tuple(_stamp(file) for file in (notices_file(self._home), audiences_file(self._home)))


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _name(file: Path) -> str:
    return f"scheduler/{file.name}"
