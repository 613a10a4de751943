"""What is wrong with notices.yaml and audiences.yaml, beyond the form of each entry."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import pairwise

from rapidfuzz import process

from scheduler.audiences import Audience
from scheduler.notices import Notice
from scheduler.quiet import quiet_until
from scheduler.spans import chinese_span
from scheduler.when import Holiday, Slot, events, next_slots
from scheduler.when.holidays import LAST_YEAR
from scheduler.when.words import chinese_time
from scheduler.yamlfile import Document, Problem

TEXT_BYTES = 2048
"""The longest text of every channel (wechat-facts B.3, C.5, D); WeChat cuts or refuses what is longer."""
MARKDOWN_BYTES = {"wecom_group": 4096, "wecom_app": 2048}

_SAMPLES = 6


def mistakes(
    notices: Document[Notice],
    audiences: Document[Audience],
    now: datetime,
    zone: tzinfo,
    cases: Collection[str] | None = None,
) -> list[Problem]:
    """What keeps these files from being used."""
    found = [*_duplicates(notices, "notice"), *_duplicates(audiences, "audience")]
    by_name = {audience.audience: audience for audience in audiences.entries}
    for index, notice in enumerate(notices.entries):
        found += [notices.problem(index, ["to"], what) for what in _unknown_audiences(notice, by_name)]
        found += [notices.problem(index, ["text"], what) for what in _text_troubles(notice, by_name, now, zone)]
        if cases is not None and notice.case is not None and notice.case not in cases:
            found.append(
                notices.problem(index, ["case"], f"cases.yaml 里没有案例“{notice.case}”{_nearest(notice.case, cases)}")
            )
    return found


def oversights(notices: Document[Notice], now: datetime, zone: tzinfo) -> list[Problem]:
    """What can be used but will not do what was meant: these come and go with time, so they stop nobody."""
    found = []
    for index, notice in enumerate(notices.entries):
        slots = next_slots(notice.when, notice.holiday, notice.remind, now, zone, 4 * _SAMPLES)
        if what := _never(notice, slots, zone):
            found.append(notices.problem(index, ["when"], what))
        found += [notices.problem(index, ["remind"], what) for what in _held_for_good(notice, slots)]
        found += [notices.problem(index, ["remind"], what) for what in _collisions(slots)]
    return found


def _duplicates(document: Document[Notice] | Document[Audience], key: str) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for index, entry in enumerate(document.entries):
        name = str(getattr(entry, key))
        if name in seen:
            first = document.problem(seen[name], [key], "").line
            yield document.problem(index, [key], f"“{name}”和第{first}行重名，请改一个名字")
        seen.setdefault(name, index)


def _unknown_audiences(notice: Notice, known: Collection[str]) -> Iterator[str]:
    for name in notice.to:
        if name not in known:
            yield f"audiences.yaml 里没有“{name}”{_nearest(name, known)}"


def _nearest(word: str, known: Collection[str]) -> str:
    best = process.extractOne(word, list(known), score_cutoff=50)
    return f"，是不是想写“{best[0]}”？" if best else "，可用的有：" + "、".join(known)


def _text_troubles(notice: Notice, known: dict[str, Audience], now: datetime, zone: tzinfo) -> Iterator[str]:
    slots = next_slots(notice.when, notice.holiday, notice.remind, now, zone, _SAMPLES)
    try:
        longest = max((notice.render(slot, now) for slot in slots or [_some_slot(now, zone)]), key=_bytes)
    except ValueError as error:
        yield f"“text”：{error}"
        return
    for channel in dict.fromkeys(known[name].channel for name in notice.to if name in known):
        limit = MARKDOWN_BYTES.get(channel, TEXT_BYTES) if notice.markdown else TEXT_BYTES
        if _bytes(longest) > limit:
            yield (
                f"“text”太长：{channel} 最多 {limit} 字节（约 {limit // 3} 个汉字），"
                f"填好日期后有 {_bytes(longest)} 字节，请删短或分成两条通知"
            )


def _some_slot(now: datetime, zone: tzinfo) -> Slot:
    return Slot(now.astimezone(zone), now.astimezone(zone))


def _bytes(text: str) -> int:
    return len(text.encode())


def _never(notice: Notice, slots: list[Slot], zone: tzinfo) -> str:
    """Why this rule fires no more, or never did."""
    if not slots:
        return f"“{notice.when.text}”已经过去，不会再发，请删掉这条或改日期"
    # Years without an official calendar count as ordinary, so whether a holiday swallows all is seen in the others.
    first, last = date(LAST_YEAR - 4, 1, 1), date(LAST_YEAR, 12, 31)
    past = list(events(notice.when, notice.holiday, first, last))
    if past and notice.holiday is Holiday.SKIP and not any(event.day for event in past):
        return f"“{notice.when.text}”总在法定假期里，写了“跳过”就永远不发；请改成照发、顺延或提前"
    return ""


def _held_for_good(notice: Notice, slots: list[Slot]) -> Iterator[str]:
    """Slots in the quiet hours that are over before the notice may go out."""
    for slot in slots:
        free = quiet_until(slot.at)
        if free and not notice.urgent and slot.at + notice.until < free:
            need = chinese_span(free.astimezone(UTC) - slot.at.astimezone(UTC) + timedelta(minutes=30))
            yield (
                f"{chinese_time(slot.at)} 在安静时段里，要等到 {free:%H:%M}，而 until 只有{chinese_span(notice.until)}，会发不出去；"
                f"请改提醒时间，或写 until: {need}，真的紧急才写 urgent: true"
            )
            return


def _collisions(slots: list[Slot]) -> Iterator[str]:
    """Two events that would be spoken of at one time; only the nearer one is."""
    for one, other in pairwise(slots):
        if one.at == other.at:
            yield (
                f"“{one.remind}”和“{other.remind}”会在同一时间（{chinese_time(one.at)}）各说一次活动，到时只发最近的那次；"
                "请把两个提醒错开"
            )
            return
