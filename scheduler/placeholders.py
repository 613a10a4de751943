"""The text of a notice for one slot: placeholders become dates, weekdays and places."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from rapidfuzz import process

from scheduler.when import Slot
from scheduler.when.words import WEEKDAYS, chinese_date

_PLACEHOLDER = re.compile(r"[{｛]([^{}｛｝\n]*)[}｝]")
_BRACE = re.compile(r"[{}｛｝]")


@dataclass(frozen=True)
class Occasion:
    """What placeholders are filled from."""

    notice: str
    place: str
    slot: Slot
    now: datetime
    closes: datetime | None
    """When signing up ends, where one can."""


def fill(text: str, occasion: Occasion) -> str:
    """The text with every placeholder filled; raises ValueError for one that cannot be."""

    def value(found: re.Match[str]) -> str:
        words = found[1].strip()
        if words not in _VALUES:
            raise ValueError(f"不认识“{{{words}}}”{_nearest(words)}")
        filled = _VALUES[words](occasion)
        if filled is None:
            raise ValueError(f"“{{{words}}}”没有内容可填，请写上{_MISSING[words]}")
        return filled

    # What was filled in may hold braces itself, so they are looked for in the text as written.
    if _BRACE.search(_PLACEHOLDER.sub("", text)):
        raise ValueError("有一个大括号不成对，占位要写成 {日期} 这样")
    return _PLACEHOLDER.sub(value, text).strip()


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M}"


def _day_word(occasion: Occasion) -> str:
    """今天, 明天, 后天 or the date, as of now: a notice that was held back over night says 今天."""
    event = occasion.slot.event
    days = (event.date() - occasion.now.astimezone(event.tzinfo).date()).days
    words = ("今天", "明天", "后天")
    return words[days] if 0 <= days < len(words) else chinese_date(event.date())


def _moved(occasion: Occasion) -> str:
    return f"（{occasion.slot.reason}）" if occasion.slot.moved_from else ""


def _closing(occasion: Occasion) -> str | None:
    return f"{chinese_date(occasion.closes.date())}{_clock(occasion.closes)}" if occasion.closes else None


_VALUES: dict[str, Callable[[Occasion], str | None]] = {
    "通知": lambda occasion: occasion.notice,
    "日期": lambda occasion: f"{occasion.slot.event.month}月{occasion.slot.event.day}日",
    "星期": lambda occasion: f"周{WEEKDAYS[occasion.slot.event.weekday()]}",
    "时间": lambda occasion: _clock(occasion.slot.event),
    "哪天": _day_word,
    "地点": lambda occasion: occasion.place or None,
    "报名截止": _closing,
    "改期": _moved,
}
_MISSING = {"地点": "“place: 地点”", "报名截止": "“signup:”"}


def _nearest(words: str) -> str:
    best = process.extractOne(words, list(_VALUES), score_cutoff=40)
    offer = f"，是不是想写“{{{best[0]}}}”？" if best else "，"
    return offer + "可用的有：" + "、".join(f"{{{name}}}" for name in _VALUES)
