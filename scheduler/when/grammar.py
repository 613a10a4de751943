"""Phrases that name days (每月第二个周四, 重阳节前1天) read into `Days`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from . import dates, mistakes, picks
from .days import Days, Festival, Once, Shifted, Weekly, Workdays
from .errors import Unreadable
from .festivals import BY_NAME, named
from .lunar import Lunar
from .months import EVERY_MONTH, QUARTERS, Monthly, Nth
from .words import AND, NUMBER, WEEKDAY, WEEKDAYS, number, weekday


def read(text: str, since: date | None = None) -> Days:
    """The days `text` names, those every few weeks counted from `since`; raises Unreadable."""
    for pattern, build in _PHRASES:
        if found := pattern.fullmatch(text):
            return _anchored(build(found), since)
    raise mistakes.explain(text)


def _anchored(days: Days, since: date | None) -> Days:
    if not isinstance(days, Weekly) or days.every == 1:
        if since:
            raise Unreadable("“自某日起”只用于双周这样隔几周一次的日子", str(days))
        return days
    if not since:
        example = mistakes.first_after(min(days.weekdays))
        raise Unreadable(f"“{days}”要写明从哪一天数起，例如 自{example}", f"{days} 自{example}")
    if since.weekday() not in days.weekdays:
        offers = (f"{days} 自{day}" for day in dates.near(since, days.weekdays))
        raise Unreadable(f"{since} 是周{WEEKDAYS[since.weekday()]}，不在“{days}”里", *offers)
    return Weekly(days.weekdays, days.every, since)


def _once(found: re.Match[str]) -> Days:
    return Once(dates.read(found))


def _every_day(found: re.Match[str]) -> Days:
    return Weekly(frozenset(range(7)))


def _workdays(found: re.Match[str]) -> Days:
    return Workdays("工作" in found.group())


def _weekly(found: re.Match[str]) -> Weekly:
    days = [weekday(char) for char in re.findall(WEEKDAY, found["days"])]
    if len(set(days)) < len(days):
        raise Unreadable("同一个周几写了两遍", str(Weekly(frozenset(days))))
    if re.search("[至到~-]", found["days"]):
        return Weekly(frozenset((days[0] + n) % 7 for n in range((days[1] - days[0]) % 7 + 1)))
    return Weekly(frozenset(days))


def _fortnightly(found: re.Match[str]) -> Days:
    return Weekly(_weekly(found).weekdays, number(found["every"]) if found["every"] else 2)


def _monthly(found: re.Match[str]) -> Days:
    return _within(EVERY_MONTH, found)


def _quarterly(found: re.Match[str]) -> Days:
    nth = {"首": 1, "末": 3, "最后一": 3}.get(found["nth"]) or number(found["nth"].removeprefix("第"))
    if not 1 <= nth <= 3:
        raise Unreadable("一个季度只有三个月", *(f"{name}{found['picks']}" for name in QUARTERS.values()))
    return _within(list(QUARTERS)[nth - 1], found)


def _quarter_edge(found: re.Match[str]) -> Days:
    return _within(list(QUARTERS)[2 if found["picks"].startswith("最后") else 0], found)


def _yearly(found: re.Match[str]) -> Days:
    months = frozenset(number(month) for month in re.findall(NUMBER, found["months"]))
    if not months <= EVERY_MONTH:
        raise Unreadable("一年只有1到12月", *(f"每年{month}月{found['picks']}" for month in (1, 12)))
    return _within(months, found)


def _year_edge(found: re.Match[str]) -> Days:
    return _within(frozenset({12 if found["picks"].startswith("最后") else 1}), found)


def _within(months: frozenset[int], found: re.Match[str]) -> Days:
    days = Monthly(months, tuple(dict.fromkeys(picks.read(found["picks"], found.string))))
    # Eight years hold a leap day and every weekday on every date.
    if next(days.between(date(2024, 1, 1), date(2031, 12, 31)), None) is None:
        last = Monthly(months, (Nth(-1, "日"),))
        raise Unreadable(f"没有“{days}”这样的日子", str(last))
    return days


def _lunar(found: re.Match[str]) -> Days:
    days = tuple(sorted({_lunar_day(day) for day in re.findall(f"初?{NUMBER}", found["days"])}))
    if found["month"] in ("每", ""):
        return Lunar(None, days)
    month = {"正": 1, "冬": 11, "腊": 12}.get(found["month"]) or number(found["month"])
    if not 1 <= month <= 12:
        raise Unreadable("农历一年只有正月到腊月", *(f"农历{name}月{found['days']}" for name in "正腊"))
    return named(Lunar(month, days))


def _lunar_day(text: str) -> int:
    day = number(text.removeprefix("初"))
    if not 1 <= day <= (10 if text.startswith("初") else 30):
        raise Unreadable(f"农历没有“{text}”这一天，只有初一到三十", "农历每月初一", "农历每月十五")
    return day


def _festival(found: re.Match[str]) -> Days:
    return BY_NAME[found["name"]]


def _shifted(found: re.Match[str]) -> Days:
    base = read(found["base"])
    if not isinstance(base, Festival | Lunar | Monthly):
        raise Unreadable("“前几天、后几天”只用于节日和某月某日", str(base))
    count = number(found["count"]) * (7 if found["unit"].endswith("周") else 1)
    if not count:
        raise Unreadable("“前0天”就是当天", str(base))
    sign = -1 if found["side"].endswith("前") else 1
    return Shifted(base, sign * count, "个工作日" if "工" in found["unit"] else "天")


_UNIT = r"(?P<unit>[天日]|个?工作日|个?周)"
# Run together they are characters, 一三五; and 每周四日 may be four days a week.
_DAYS = (
    rf"(?P<days>{WEEKDAY}[至到~-]周?{WEEKDAY}|{WEEKDAY}(?:(?:{AND}|{AND}?每?周){WEEKDAY})*"
    rf"|(?![一二三四五]日$)[{WEEKDAYS}]{{2,7}})"
)
_LUNAR_DAY = rf"(?:初?{NUMBER}日?)"
_LUNAR_DAYS = rf"(?P<days>{_LUNAR_DAY}(?:{AND}{_LUNAR_DAY})*)"
_NAMES = "|".join(sorted(BY_NAME, key=len, reverse=True))

_Build = Callable[[re.Match[str]], Days]
_PHRASES: tuple[tuple[re.Pattern[str], _Build], ...] = tuple(
    (re.compile(pattern), build)
    for pattern, build in (
        (rf"(?:每年)?的?(?P<name>{_NAMES})(?:当天|当日)?", _festival),
        # 最后一天 is the last day, not one day after 最.
        (rf"(?P<base>.+?)的?(?P<side>提?前|(?<!最)后)第?(?P<count>{NUMBER}){_UNIT}", _shifted),
        (rf"(?P<base>.+?)的?(?P<count>{NUMBER}){_UNIT}[之以]?(?P<side>前|后)", _shifted),
        (dates.DATE, _once),
        (r"每天", _every_day),
        (r"每?(?:工作日|休息日|放假日)", _workdays),
        (rf"每?周(?:的?周)?{_DAYS}", _weekly),
        (rf"(?:(?:双|每?隔一?个?)周的?周?|每(?P<every>{NUMBER})个?周的?周){_DAYS}", _fortnightly),
        (rf"(?:每年)?农历的?(?:每年)?(?P<month>[每正冬腊]|{NUMBER})月的?{_LUNAR_DAYS}", _lunar),
        (rf"(?:每年)?(?P<month>[正冬腊])月{_LUNAR_DAYS}", _lunar),
        (rf"(?:每年)?(?P<month>{NUMBER})月(?P<days>[初廿].+)", _lunar),
        (rf"每月农历(?P<month>)(?P<days>{_LUNAR_DAY})", _lunar),
        (r"每月的?(?P<picks>.+)", _monthly),
        (rf"每季度?的?(?P<nth>首|末|最后一|第?{NUMBER})个?月的?(?P<picks>.+)", _quarterly),
        (r"每季度?的?(?P<picks>(?:第一|最后一).+)", _quarter_edge),
        (rf"每年的?(?P<months>{NUMBER}月?(?:{AND}{NUMBER}月?)*)(?<=月)的?(?P<picks>.+)", _yearly),
        (r"每年的?(?P<picks>(?:第一|最后一).+)", _year_edge),
    )
)
