"""Notices: texts due at times, for audiences, read from notices.yaml."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, GetPydanticSchema, ValidationInfo, field_validator
from pydantic_core import core_schema

from scheduler.placeholders import Occasion, fill
from scheduler.preview import Timing
from scheduler.spans import parse_span
from scheduler.when import Holiday, Remind, Rule, Slot, next_slots, parse, parse_holiday, parse_remind
from scheduler.yamlfile import Document, Entry, read


def _words(value: Any) -> Any:
    """One text may stand where a list of them is expected."""
    return (value,) if isinstance(value, str) else value


def _yes(value: Any) -> Any:
    return {"是": True, "否": False}.get(value, value) if isinstance(value, str) else value


def _read_by(function: Callable[[Any], Any]) -> GetPydanticSchema:
    """The function alone decides; pydantic need not understand the type it returns."""
    return GetPydanticSchema(lambda _source, _handler: core_schema.no_info_plain_validator_function(function))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("应是一段文字")
    return value


def _as_is(value: Any) -> Any:
    return value


Texts = Annotated[tuple[str, ...], BeforeValidator(_words)]
Flag = Annotated[bool, BeforeValidator(_yes)]


class Signup(Entry):
    """That people can sign up for the events of a notice."""

    capacity: int | None = Field(default=None, ge=1)
    """Seats; who comes later waits. Without it there is room for all."""
    closes: str = "准时"
    """Until when, counted from the event as a remind is: 提前1天 18:00."""


class Notice(Entry):
    """A text due at times, for an audience."""

    notice: str = Field(min_length=1, max_length=64)
    when: Annotated[Rule, _read_by(lambda text: parse(_text(text)))]
    holiday: Annotated[Holiday, _read_by(_as_is)] = Field(default=None, validate_default=True)
    remind: Annotated[tuple[Remind, ...], _read_by(_as_is)] = ()
    until: Annotated[timedelta, _read_by(lambda text: parse_span(_text(text)))] = timedelta(hours=2)
    """How late it may still go out."""
    urgent: Flag = False
    """Ignores quiet hours and caps."""
    to: Texts = Field(min_length=1)
    """Names of audiences."""
    case: str | None = None
    place: str = ""
    signup: Signup | None = None
    markdown: Flag = False
    mentions: Texts = ()
    """Whom to call in a group: userids or @all."""
    text: str = Field(min_length=1)

    @field_validator("holiday", mode="after")
    @classmethod
    def _read_holiday(cls, text: Any, info: ValidationInfo) -> Holiday:
        rule = info.data.get("when")
        return parse_holiday(text if text is None else _text(text), rule) if rule else Holiday.SEND

    @field_validator("remind", mode="after")
    @classmethod
    def _read_reminds(cls, texts: Any, info: ValidationInfo) -> tuple[Remind, ...]:
        rule = info.data.get("when")
        return tuple(parse_remind(_text(text), rule) for text in _words(texts)) if rule else ()

    @field_validator("signup", mode="after")
    @classmethod
    def _read_closing(cls, signup: Signup | None, info: ValidationInfo) -> Signup | None:
        rule = info.data.get("when")
        if signup and rule:
            parse_remind(signup.closes, rule)
        return signup

    @property
    def timing(self) -> Timing:
        """What the calendar needs to know."""
        return Timing(self.notice, self.when, self.holiday, self.remind)

    def closes(self, event: datetime) -> datetime | None:
        """When signing up for this event ends; None when nobody signs up for it."""
        return parse_remind(self.signup.closes, self.when).of(event) if self.signup else None

    def render(self, slot: Slot, now: datetime) -> str:
        """The text as it goes out for this slot; raises ValueError when a placeholder stays unfilled."""
        return fill(self.text, Occasion(self.notice, self.place, slot, now, self.closes(slot.event)))


def read_notices(path: Path, name: str | None = None) -> Document[Notice]:
    """The notices of this file; raises Problems."""
    return read(path, "notices", Notice, name)


@dataclass(frozen=True)
class Upcoming:
    """The next event of a notice."""

    notice: Notice
    slot: Slot

    @property
    def event(self) -> int:
        """The event's key: seconds since the epoch."""
        return int(self.slot.event.timestamp())


def upcoming(
    notices: Iterable[Notice], now: datetime, zone: tzinfo, words: str = "", cancelled: Collection[tuple[str, int]] = ()
) -> list[Upcoming]:
    """The next event of every notice that `words` speak of, of all when they name none; soonest first."""
    found = [next_event(notice, now, zone, cancelled) for notice in about(tuple(notices), words)]
    return sorted((one for one in found if one), key=lambda one: one.slot.event)


def next_event(
    notice: Notice, now: datetime, zone: tzinfo, cancelled: Collection[tuple[str, int]] = ()
) -> Upcoming | None:
    """The next event of this notice that was not cancelled; None when there is none."""
    slots = next_slots(notice.when, notice.holiday, (), now, zone)
    found = (Upcoming(notice, slot) for slot in slots)
    return next((one for one in found if (notice.notice, one.event) not in cancelled), None)


def about(notices: Collection[Notice], words: str) -> Collection[Notice]:
    """The notices that `words` speak of, by the pairs of characters they share with the name, else with the text."""
    asked = _pairs(words)
    names = {notice.notice: len(asked & _pairs(notice.notice)) for notice in notices}
    texts = {notice.notice: len(asked & _pairs(notice.place + notice.text)) for notice in notices}
    # One pair in a name means it; in a long text it is chance.
    for hits, enough in ((names, 1), (texts, 2)):
        best = max(hits.values(), default=0)
        if best >= enough:
            return [notice for notice in notices if hits[notice.notice] == best]
    return notices


_SAID_OF_ALL = {
    "活动", "通知", "下次", "什么", "时候", "哪天", "几点", "最近", "报名", "参加", "我们", "小区", "社区", "居民", "哪里",
}  # fmt: skip


def _pairs(text: str) -> set[str]:
    return {text[index : index + 2] for index in range(len(text) - 1)} - _SAID_OF_ALL
