"""Thousands of generated rules against a calendar that looks at every single day.

Nothing here uses the program's own dates: each generated rule comes with a question asked of one day ("is it the second
Thursday?"), holidays come from chinesecalendar's public functions, and lunar months from the table below.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

import chinese_calendar
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scheduler.when import Slot, WhenError, parse, parse_holiday, parse_remind, slots

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
WEEK = "一二三四五六日"
COUNT = ["", "一", "二", "三", "四", "五"]
Is = Callable[[date], bool]

# First days of the lunar months, 正月 to 腊月, as published; the seventh of 2025 is the leap sixth month.
LUNAR = {
    2025: "01-29 02-28 03-29 04-28 05-27 06-25 07-25 08-23 09-22 10-21 11-20 12-20 01-19",
    2026: "02-17 03-19 04-17 05-17 06-15 07-14 08-13 09-11 10-10 11-09 12-09 01-08",
    2027: "02-06 03-08 04-07 05-06 06-05 07-04 08-02 09-01 09-30 10-29 11-28 12-28",
}
FIRST, LAST = date(2025, 5, 1), date(2027, 9, 30)


def _lunar_days() -> dict[date, tuple[int, int]]:
    """Lunar (month, day) of every day; the leap month has number 0."""
    firsts: list[tuple[date, int]] = []
    for year, text in LUNAR.items():
        names = [1, 2, 3, 4, 5, 6, 0, 7, 8, 9, 10, 11, 12] if year == 2025 else list(range(1, 13))
        for index, (first, name) in enumerate(zip(text.split(), names, strict=True)):
            late = index > 9 and first.startswith("01")
            firsts.append((date.fromisoformat(f"{year + late}-{first}"), name))
    days = {}
    for (begin, name), (end, _) in pairwise([*firsts, (date(2028, 1, 26), 1)]):
        for n in range((end - begin).days):
            days[begin + n * DAY] = (name, n + 1)
    return days


LUNAR_DAYS = _lunar_days()


# --- the official calendar, a day at a time


def holiday_name(day: date) -> str | None:
    try:
        off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return None
    return name if off else None


def works(day: date) -> bool:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def walk(day: date, count: int) -> date:
    while count:
        day += DAY if count > 0 else -DAY
        if works(day):
            count -= 1 if count > 0 else -1
    return day


CALENDAR = {FIRST + n * DAY: 0 for n in range(-100, (LAST - FIRST).days + 200)}
HOLIDAY = {day: holiday_name(day) for day in CALENDAR}
WORKS = {day: works(day) for day in CALENDAR}


# --- rules and the question each asks of a day


def weekly(weekdays: frozenset[int], style: int) -> tuple[str, Is]:
    chars = [WEEK[n] for n in sorted(weekdays)]
    # 每周四日 may be four days a week, and is refused.
    together = "、".join(chars) if len(chars) == 2 and chars[1] == "日" else "".join(chars)
    text = ["每周" + "、".join(chars), "每星期" + together, "、".join(f"周{char}" for char in chars)][style]
    return text, lambda day: day.weekday() in weekdays


def fortnightly(anchor: date, every: int) -> tuple[str, Is]:
    head = {2: "双周"}.get(every, f"每{COUNT[every]}周")
    text = f"{head}周{WEEK[anchor.weekday()]} 自{anchor}"
    return text, lambda day: day >= anchor and (day - anchor).days % (7 * every) == 0


def in_months(months: tuple[str, Is], pick: tuple[str, Is]) -> tuple[str, Is]:
    return months[0] + pick[0], lambda day: months[1](day) and pick[1](day)


def day_of_month(days: frozenset[int]) -> tuple[str, Is]:
    return "、".join(f"{n}日" for n in sorted(days)), lambda day: day.day in days


def nth_weekday(n: int, weekday: int) -> tuple[str, Is]:
    return f"第{COUNT[n]}个周{WEEK[weekday]}", lambda day: day.weekday() == weekday and (day.day + 6) // 7 == n


def last_weekday(weekday: int) -> tuple[str, Is]:
    return (
        f"最后一个周{WEEK[weekday]}",
        lambda day: day.weekday() == weekday and (day + 7 * DAY).month != day.month,
    )


def last_workday(day: date) -> bool:
    after = walk(day, 1)
    return WORKS[day] and (after.year, after.month) != (day.year, day.month)


PICKS = st.one_of(
    st.frozensets(st.integers(1, 28), min_size=1, max_size=3).map(day_of_month),
    st.integers(29, 31).map(lambda n: day_of_month(frozenset({n}))),
    st.builds(nth_weekday, st.integers(1, 5), st.integers(0, 6)),
    st.builds(last_weekday, st.integers(0, 6)),
    st.just(("最后一天", lambda day: (day + DAY).month != day.month)),
    st.just(("第一个工作日", lambda day: WORKS[day] and walk(day, -1).month != day.month)),
    st.just(("最后一个工作日", last_workday)),
)
MONTHS = st.one_of(
    st.just(("每月", lambda day: True)),
    st.sampled_from([("首", 1), ("第二个", 2), ("末", 0)]).map(
        lambda word: (f"每季度{word[0]}月", lambda day: day.month % 3 == word[1])
    ),
    st.integers(1, 12).map(lambda month: (f"每年{month}月", lambda day: day.month == month)),
)
MONTHLY = st.builds(in_months, MONTHS, PICKS).filter(
    lambda rule: not any(f"每年{text}" in rule[0] for text in ("2月30", "2月31", "4月31", "6月31", "9月31", "11月31"))
)

LUNAR_NAMES = ["", *"正二三四五六七八九十冬腊"]
FESTIVALS: dict[str, tuple[int, int]] = {
    "春节": (1, 1), "元宵节": (1, 15), "端午节": (5, 5), "七夕": (7, 7), "中秋节": (8, 15), "重阳节": (9, 9), "腊八节": (12, 8),
}  # fmt: skip
SOLAR = {"元旦": (1, 1), "妇女节": (3, 8), "劳动节": (5, 1), "儿童节": (6, 1), "国庆节": (10, 1), "志愿者日": (12, 5)}


def lunar_day(day: int) -> str:
    ones = [*WEEK[:6], "七", "八", "九", "十"]
    return (
        f"初{ones[day - 1]}"
        if day <= 10
        else f"十{ones[day - 11]}"
        if day < 20
        else "二十"
        if day == 20
        else f"廿{ones[day - 21]}"
    )


NAMED: st.SearchStrategy[tuple[str, Is]] = st.one_of(
    st.sampled_from(list(FESTIVALS)).map(lambda name: (name, lambda day: LUNAR_DAYS.get(day) == FESTIVALS[name])),
    st.sampled_from(list(SOLAR)).map(lambda name: (name, lambda day: (day.month, day.day) == SOLAR[name])),
    st.just(("除夕", lambda day: LUNAR_DAYS.get(day + DAY) == (1, 1))),
    st.builds(
        lambda month, n: (f"农历{LUNAR_NAMES[month]}月{lunar_day(n)}", lambda day: LUNAR_DAYS.get(day) == (month, n)),
        st.integers(1, 12),
        st.integers(1, 29),
    ),
)


def shifted(base: tuple[str, Is], count: int) -> tuple[str, Is]:
    return f"{base[0]}{'前' if count < 0 else '后'}{abs(count)}天", lambda day: base[1](day - count * DAY)


def before_workdays(base: tuple[str, Is], count: int) -> tuple[str, Is]:
    def question(day: date) -> bool:
        return WORKS[day] and any(base[1](day + n * DAY) and walk(day + n * DAY, -count) == day for n in range(1, 30))

    return f"{base[0]}前{count}个工作日", question


DAYS: st.SearchStrategy[tuple[str, Is]] = st.one_of(
    st.builds(weekly, st.frozensets(st.integers(0, 6), min_size=1, max_size=6), st.integers(0, 2)),
    st.builds(fortnightly, st.dates(FIRST, LAST), st.integers(2, 5)),
    st.sampled_from(["每天", "每日"]).map(lambda text: (text, lambda day: True)),
    st.just(("工作日", lambda day: WORKS[day])),
    st.just(("休息日", lambda day: not WORKS[day])),
    MONTHLY,
    MONTHLY,
    st.integers(1, 30).map(
        lambda n: (f"农历每月{lunar_day(n) if n < 30 else '三十'}", lambda day: LUNAR_DAYS.get(day, (0, 0))[1] == n)
    ),
    NAMED,
    st.builds(shifted, NAMED, st.integers(-20, 20).filter(bool)),
    st.builds(before_workdays, NAMED, st.integers(1, 5)),
    st.dates(FIRST, LAST).map(lambda once: (f"{once.year}年{once.month}月{once.day}日", lambda day: day == once)),
    st.dates(FIRST, LAST).map(lambda once: (f"{once}（周{WEEK[once.weekday()]}）", lambda day: day == once)),
)


def spoken(at: time, style: int) -> str:
    part = {0: "", 30: "半"}.get(at.minute, f"{at.minute}分")
    word, hour = (
        ("上午", at.hour) if at.hour < 12 else ("下午", at.hour - 12) if at.hour < 19 else ("晚上", at.hour - 12)
    )
    if style == 3 and at.hour >= 7:
        return f"{at.hour}点{part}"
    if style == 4 and at.hour >= 7 and at.hour != 12:
        return f"{word}{hour}点{part}"
    return [f"{at:%H:%M}", f"{at.hour}:{at:%M}", f"{at:%H}：{at:%M}"][style % 3]


TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 5, 30, 59]))


class Line(NamedTuple):
    """A remind, and when it is due for an event."""

    text: str
    due: Callable[[datetime], datetime]


def on_day(day: date, at: time) -> datetime:
    return datetime.combine(day, at, SHANGHAI)


LINES = st.one_of(
    st.builds(
        lambda n, at: Line(f"提前{n}天 {at:%H:%M}", lambda event: on_day(event.date() - n * DAY, at)),
        st.integers(1, 15),
        TIMES,
    ),
    st.integers(1, 72).map(lambda n: Line(f"提前{n}小时", lambda event: event - timedelta(hours=n))),
    st.integers(1, 600).map(lambda n: Line(f"提前{n}分钟", lambda event: event - timedelta(minutes=n))),
    st.builds(
        lambda n, at: Line(f"提前{n}个工作日 {at:%H:%M}", lambda event: on_day(walk(event.date(), -n), at)),
        st.integers(1, 4),
        TIMES,
    ),
    st.just(Line("当天 00:00", lambda event: on_day(event.date(), time(0)))),
    st.just(Line("准时", lambda event: event)),
)


class Case(NamedTuple):
    days: tuple[str, Is]
    at: time
    style: int
    holiday: str
    lines: list[Line]
    start: date
    length: int

    @property
    def when(self) -> str:
        days, _, since = self.days[0].partition(" 自")
        return f"{days} {spoken(self.at, self.style)}" + (f" 自{since}" if since else "")


CASES = st.builds(
    Case,
    DAYS,
    TIMES,
    st.integers(0, 4),
    st.sampled_from(["照发", "跳过", "顺延", "提前"]),
    st.lists(LINES, max_size=2),
    st.dates(FIRST, LAST - 120 * DAY),
    st.integers(1, 90),
)


def brute_force(case: Case) -> list[tuple[datetime, datetime, str | None, date | None]]:
    """Every slot, by looking at every day around the window."""
    held: dict[date, date] = {}
    for n in range(-15, case.length + 40):
        planned = case.start + n * DAY
        if not case.days[1](planned):
            continue
        day: date | None = planned
        if HOLIDAY[planned]:
            day = {"照发": planned, "顺延": walk(planned, 1), "提前": walk(planned, -1)}.get(case.holiday)
        if day and (day not in held or day == planned):
            held[day] = planned
    found: dict[tuple[datetime, datetime], tuple[str | None, date | None]] = {}
    start, end = on_day(case.start, time(0)), on_day(case.start + case.length * DAY, time(0))
    for day, planned in held.items():
        event = on_day(day, case.at)
        moved_from = planned if planned != day else None
        sendings: list[tuple[datetime, str | None]] = [(line.due(event), line.text) for line in case.lines]
        for at, words in sendings or [(event, None)]:
            if start <= at < end:
                found.setdefault((at, event), (words, moved_from))
    return sorted((at, event, *rest) for (at, event), rest in found.items())


def as_tuple(slot: Slot) -> tuple[datetime, datetime, str | None, date | None]:
    return slot.at, slot.event, slot.remind, slot.moved_from


NATIONAL_DAY = Case(weekly(frozenset({3}), 0), time(9), 0, "顺延", [], date(2026, 9, 20), 30)


@settings(max_examples=2500, deadline=None, database=None)
@given(CASES)
@example(NATIONAL_DAY)
@example(NATIONAL_DAY._replace(holiday="提前"))
@example(NATIONAL_DAY._replace(holiday="跳过"))
def test_a_rule_gives_what_a_look_at_every_day_gives(case: Case) -> None:
    rule = parse(case.when)
    reminds = [parse_remind(line.text, rule) for line in case.lines]
    holiday = parse_holiday(case.holiday, rule)
    start = on_day(case.start, time(0))
    found = list(slots(rule, holiday, reminds, start, start + case.length * DAY, SHANGHAI))
    assert [as_tuple(slot) for slot in found] == brute_force(case)
    assert parse(rule.text) == rule
    assert all(bool(slot.note) == ((slot.event.date() + 3 * DAY).year > 2026) for slot in found if not slot.moved_from)


@settings(max_examples=300, deadline=None, database=None)
@given(CASES, st.integers(1, 89))
def test_windows_side_by_side_give_every_slot_once(case: Case, cut: int) -> None:
    rule = parse(case.when)
    reminds = [parse_remind(line.text, rule) for line in case.lines]
    holiday = parse_holiday(case.holiday, rule)
    days = [on_day(case.start + n * DAY, time(0)) for n in (0, cut, 90)]
    whole = list(slots(rule, holiday, reminds, days[0], days[2], SHANGHAI))
    parts = [slot for a, b in pairwise(days) for slot in slots(rule, holiday, reminds, a, b, SHANGHAI)]
    assert parts == whole


TYPED = st.builds(
    lambda case, at, typed: case.when[:at] + typed + case.when[at + len(typed) // 2 :],
    CASES,
    st.integers(0, 12),
    st.text("每周月日年季度首末第一二三十天个最后倒数工休息农历正初廿前自0123-:点半上下午晚、到?的双隔节 ", max_size=3),
)


@settings(max_examples=800, deadline=None, database=None)
@given(TYPED)
def test_whatever_is_typed_is_read_or_refused_with_readings(text: str) -> None:
    try:
        rule = parse(text)
    except WhenError as refused:
        assert refused.readings
        assert all(parse(reading).text == reading for reading in refused.readings)
    else:
        assert parse(rule.text) == rule
