"""The words rules are made of: numbers, weekdays, and one spelling for what people write in many."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime

DIGITS = "零一二三四五六七八九"
WEEKDAYS = "一二三四五六日"

# Only well-formed numbers up to 99, so that the 一三五 of 每周一三五 is never taken for one number.
ONES = "[一二三四五六七八九]"
NUMBER = rf"(?:\d{{1,2}}|{ONES}?十{ONES}?|廿{ONES}?|[零〇]?{ONES}|两|零|〇)"
WEEKDAY = "[一二三四五六日1-7]"
AND = r"(?:、|,|/|和|与|以?及)"

_SPELLINGS = (
    ("週", "周"), ("星期", "周"), ("礼拜", "周"), ("周天", "周日"), ("號", "日"), ("号", "日"), ("點", "点"),
    ("個", "个"), ("每逢", "每"), ("每一个", "每"), ("每个", "每"), ("首个", "第一个"),
    ("天天", "每天"), ("每日", "每天"), ("農曆", "农历"), ("阴历", "农历"),
)  # fmt: skip
_NUMERAL = r"\d零〇一二两三四五六七八九十廿"


def tidy(text: str) -> str:
    """`text` in half width and one spelling, without the spaces that say nothing."""
    text = unicodedata.normalize("NFKC", text).strip(" 。.;,\t\n")
    for written, word in _SPELLINGS:
        text = text.replace(written, word)
    # A space between two numerals is the only one that matters: 每周一 二十点 is not 每周一二 十点.
    return re.sub(rf"(?<![{_NUMERAL}])\s+|\s+(?![{_NUMERAL}])", "", text)


def number(text: str) -> int:
    """The value of a NUMBER in digits or Chinese."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.replace("廿", "二十").replace("两", "二").replace("〇", "零").rpartition("十")
    return (_digit(tens, 1) * 10 if ten else 0) + _digit(ones[-1:], 0)


def _digit(text: str, empty: int) -> int:
    return DIGITS.index(text) if text else empty


def chinese(value: int) -> str:
    """A number below 100 in Chinese."""
    tens, ones = divmod(value, 10)
    head = {0: "", 1: "十"}.get(tens, f"{DIGITS[tens]}十")
    return head + (DIGITS[ones] if ones or not tens else "")


def weekday(char: str) -> int:
    """Monday is 0, as in `date.weekday()`."""
    return int(char) - 1 if char.isdigit() else WEEKDAYS.index(char)


def chinese_date(day: date) -> str:
    """A date with its weekday, for people: 10月1日（周四）."""
    return f"{day.month}月{day.day}日（周{WEEKDAYS[day.weekday()]}）"


def chinese_time(moment: datetime) -> str:
    """A time with its weekday, for people: 2026-10-01（周四）09:00."""
    return f"{moment:%Y-%m-%d}（周{WEEKDAYS[moment.weekday()]}）{moment:%H:%M}"
