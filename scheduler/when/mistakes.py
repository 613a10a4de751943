"""What admins write by mistake: why it cannot be read with certainty, and what they may have meant."""

from __future__ import annotations

import re
from datetime import date, timedelta

from rapidfuzz import fuzz, process

from .errors import Unreadable
from .festivals import FESTIVALS
from .months import QUARTERS
from .words import NUMBER, WEEKDAY, WEEKDAYS, chinese, weekday

_WEEKDAY = rf"周({WEEKDAY})"

# In readings, {1} is the first group of the pattern.
_KNOWN: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (r"每?", "没有写哪一天", ("每天", "每周一", "每月1日")),
    (r"每?周", "没有写周几", ("每周一", "每周六")),
    (r"每月", "没有写每月哪一天", ("每月1日", "每月第一个周一", "每月最后一天")),
    (r"每季度?", "没有写每季度哪一天", ("每季度首月1日", "每季度最后一天")),
    (r"每年", "没有写每年哪一天", ("每年1月1日", "每年最后一天")),
    (r"农历", "没有写农历哪一天", ("农历每月初一", "农历九月初九")),
    (r".*周[八九089].*", "一周只有周一到周日", ("每周日", "每周一")),
    (r"每?周([一二三四五])日", "说不准是哪两天，还是一周几天", ("每周{1}、日", "每周{1}")),
    (r"每?个?周末", "“周末”说不准是周六、周日还是两天都办", ("每周六、日", "每周六", "每周日")),
    (r"(?:每月)?的?(?:月底|月末|底|末)", "“月底”说不准是哪一天", ("每月最后一天", "每月最后一个工作日")),
    (r"(?:每月)?的?(?:月初|初)", "“月初”说不准是哪一天", ("每月1日", "每月第一个工作日")),
    (r"每月的?[上中下]旬|每?月中", "“旬”和“月中”说不准是哪一天", ("每月1日", "每月15日", "每月最后一天")),
    (rf"每月初({NUMBER})日?", "“初几”是农历，“几日”是公历", ("农历每月初{1}", "每月{1}日")),
    (r"每月(初.+)", "“初几”是农历", ("农历每月{1}",)),
    (rf"每月({NUMBER})", "没有写“日”，说不准是公历还是农历", ("每月{1}日", "农历每月{1}")),
    (rf"({NUMBER})日", "没有写哪个月", ("每月{1}日",)),
    (rf"每月的?{_WEEKDAY}", "没有写第几个周几", ("每周{1}", "每月第一个周{1}")),
    (rf"(每月|每年.+月|每季度.+月)?的?第({NUMBER})周的?{_WEEKDAY}", "第几周说不准从哪天数起", ("每月第{2}个周{3}",)),
    (rf"(每月第{NUMBER}个)周末", "“周末”说不准是周六还是周日", ("{1}周六", "{1}周日")),
    (r".*小年.*", "小年北方是腊月廿三，南方是腊月廿四", ("农历腊月廿四", "农历腊月廿三")),
    (r".*(?:法定)?(?:节假日|假期|节日|放假).*", "说不准是哪些天", ("休息日", "国庆节", "春节")),
    (rf"[本这下上]个?周({WEEKDAY})", "要写出日期，相对的日子过几天就变了", ("每周{1}",)),
    (r"(?:今|明|后|大后)[天日].*|[本这下]个?[周月].*", "要写出日期，相对的日子过几天就变了", ("2026-12-24",)),
    (rf"单双?周的?{_WEEKDAY}", "单周、双周要写明从哪一天数起", ("双周周{1} 自{since:1}",)),
    (rf"每?隔{NUMBER}个?周的?{_WEEKDAY}", "隔几周说不准", ("双周周{1} 自{since:1}", "每三周周{1} 自{since:1}")),
    (r"每?半年.*|每隔?半年.*", "没有写哪个月哪一天", ("每年1、7月1日", "每年6、12月1日")),
    (rf"(?:每隔?{NUMBER}个?|[单双])月.*", "隔几个月要写明是哪几个月", ("每年1、3、5、7、9、11月1日", "每季度首月1日")),
    (rf"每?隔?{NUMBER}天.*|隔[天日]|隔一?天", "隔几天一次没有固定的周几", ("每天", "每周一、三、五", "每周二、四、六")),
    (rf"(?:每年)?农历的?闰({NUMBER})月(.+)", "闰月不是年年有", ("农历{1}月{2}",)),
    (r"每季度?的?(.+日)", "没有写是季度里的哪个月", tuple(f"{name}{{1}}" for name in QUARTERS.values())),
    (rf"({NUMBER})月({NUMBER})", "说不准是公历还是农历", ("每年{1}月{2}日", "农历{1}月{2}")),
    (rf"(?:农历)?({NUMBER})月({NUMBER})日", "只办一次要写年份，每年都办要写“每年”", ("每年{1}月{2}日",)),
    (r"(.+?\d日?)[至到~].+", "只能写一天，多天的活动请分开写或只写第一天", ("{1}",)),
)  # fmt: skip


def explain(text: str) -> Unreadable:
    """Why the days of `text` cannot be read: a mistake we know, else what looks most like it."""
    for pattern, reason, readings in _KNOWN:
        if found := re.fullmatch(pattern, text):
            return Unreadable(reason, *(_fill(reading, found) for reading in readings))
    return Unreadable(f"不认识“{text}”这样的日子", *nearest(text))


def nearest(text: str) -> list[str]:
    """The three rules for days that look most like `text`."""
    return [days for days, _, _ in process.extract(text, _SAMPLES, scorer=fuzz.ratio, limit=3)]


def _fill(reading: str, found: re.Match[str]) -> str:
    reading = re.sub(r"\{(\d)\}", lambda group: found[int(group[1])] or "", reading)
    return re.sub(r"\{since:(\d)\}", lambda group: str(first_after(weekday(found[int(group[1])]))), reading)


def first_after(weekday: int) -> date:
    """A date on `weekday` for examples; a fixed one, because reading a rule does not depend on today."""
    return date(2026, 11, 30) + timedelta(days=weekday)


_WEEK = [f"周{char}" for char in WEEKDAYS]
_ORDINALS = [f"第{chinese(n)}个" for n in range(1, 5)] + ["最后一个"]
_SAMPLES = [
    "每天", "工作日", "休息日", "每月最后一天", "每季度最后一天",
    *(f"每{day}" for day in _WEEK),
    *(f"每月{n}日" for n in range(1, 32)),
    *(f"每月{nth}{day}" for nth in _ORDINALS for day in _WEEK),
    *(f"{name}15日" for name in QUARTERS.values()),
    *(f"每年{n}月1日" for n in range(1, 13)),
    "农历每月初一", "农历每月十五", "2026-12-24",
    *FESTIVALS, *(f"{name}前1天" for name in FESTIVALS),
]  # fmt: skip
