"""The diary as notices and sign-ups have it at this moment."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy import Engine

from bot.message import Message, Role
from bot.privacy import pseudonym
from scheduler.board import Edition
from scheduler.notices import Notice, Upcoming, about, upcoming
from scheduler.signups import Seat, cancelled_events, seats_left, seats_of
from scheduler.when import slots


class StoreDiary:
    """Reads the notices in force, and the store for what was cancelled and who signed up."""

    def __init__(self, engine: Engine, edition: Callable[[], Edition], secret: str) -> None:
        self._reader = engine.execution_options(read_only=True)
        self._edition = edition
        self._secret = secret

    @property
    def zone(self) -> tzinfo:
        return self._edition().zone

    def coming(self, role: Role, now: datetime, words: str = "") -> list[Upcoming]:
        notices = self._notices(role)
        named = about(notices, words) if words else notices
        # `about` returns all of them when the words name none.
        if words and len(named) == len(notices) > 1:
            return []
        return upcoming(named, now, self.zone, "", self._cancelled())

    def within(self, role: Role, now: datetime, first: date, last: date) -> list[Upcoming]:
        start = max(now, datetime.combine(first, time(), self.zone))
        end = datetime.combine(last + timedelta(days=1), time(), self.zone)
        off = self._cancelled()
        found = [
            Upcoming(notice, slot)
            for notice in self._notices(role)
            for slot in slots(notice.when, notice.holiday, (), start, end, self.zone)
        ]
        return sorted(
            (one for one in found if (one.notice.notice, one.event) not in off), key=lambda one: one.slot.event
        )

    def left(self, event: Upcoming) -> int | None:
        with self._reader.connect() as connection:
            return seats_left(connection, event.notice, event.event)

    def seats(self, message: Message, now: float) -> Sequence[Seat]:
        with self._reader.connect() as connection:
            return seats_of(connection, message.channel, pseudonym(self._secret, message.channel, message.person), now)

    def topics(self, words: str = "") -> tuple[str, ...]:
        edition = self._edition()
        if not words:
            return tuple(edition.topics())
        named = {notice.notice for notice in about(tuple(edition.notices.values()), words)}
        if len(named) == len(edition.notices) > 1:
            named = set()
        return tuple(
            topic
            for topic in edition.topics()
            if topic in words or any(notice.notice in named for notice in edition.on_topic(topic))
        )

    def _notices(self, role: Role) -> Sequence[Notice]:
        """What this role may come to: what goes to members of the enterprise alone is no resident's business."""
        edition = self._edition()
        everybody = tuple(edition.notices.values())
        if role == "worker":
            return everybody
        return [notice for notice in everybody if _public(edition, notice)]

    def _cancelled(self) -> Collection[tuple[str, int]]:
        with self._reader.connect() as connection:
            return cancelled_events(connection)


def _public(edition: Edition, notice: Notice) -> bool:
    return any(audience.channel != "wecom_app" for audience in edition.audiences_of(notice))
