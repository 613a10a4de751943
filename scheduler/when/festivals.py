"""The days that have a name, and the other names people use for them."""

from __future__ import annotations

from .days import Days, Festival, Shifted
from .lunar import TERMS, Lunar, Term
from .months import Monthly, Nth


def _solar(month: int, day: int) -> Days:
    return Monthly(frozenset({month}), (Nth(day, "日"),))


def _sunday(month: int, n: int) -> Days:
    return Monthly(frozenset({month}), (Nth(n, "周日"),))


_DAYS: dict[str, Days] = {
    "春节": Lunar(1, (1,)),
    "元宵节": Lunar(1, (15,)),
    "龙抬头": Lunar(2, (2,)),
    "端午节": Lunar(5, (5,)),
    "七夕": Lunar(7, (7,)),
    "中元节": Lunar(7, (15,)),
    "中秋节": Lunar(8, (15,)),
    "重阳节": Lunar(9, (9,)),
    "腊八节": Lunar(12, (8,)),
    # The last month has 29 days in some years, so the eve is counted from the other side.
    "除夕": Shifted(Lunar(1, (1,)), -1),
    **{name: Term(name) for name in TERMS if name != "清明"},
    "清明节": Term("清明"),
    "元旦": _solar(1, 1),
    "学雷锋日": _solar(3, 5),
    "妇女节": _solar(3, 8),
    "植树节": _solar(3, 12),
    "消费者权益日": _solar(3, 15),
    "国家安全教育日": _solar(4, 15),
    "劳动节": _solar(5, 1),
    "青年节": _solar(5, 4),
    "母亲节": _sunday(5, 2),
    "全国助残日": _sunday(5, 3),
    "儿童节": _solar(6, 1),
    "环境日": _solar(6, 5),
    "父亲节": _sunday(6, 3),
    "禁毒日": _solar(6, 26),
    "建党节": _solar(7, 1),
    "建军节": _solar(8, 1),
    "教师节": _solar(9, 10),
    "国庆节": _solar(10, 1),
    "消防日": _solar(11, 9),
    "国家宪法日": _solar(12, 4),
    "志愿者日": _solar(12, 5),
}

_ALSO = {
    "大年初一": "春节", "年初一": "春节", "元宵": "元宵节", "二月二": "龙抬头", "端午": "端午节", "七夕节": "七夕",
    "中元": "中元节", "中秋": "中秋节", "重阳": "重阳节", "老人节": "重阳节", "敬老节": "重阳节", "腊八": "腊八节",
    "除夕夜": "除夕", "大年三十": "除夕", "年三十": "除夕", "大年夜": "除夕", "清明": "清明节", "冬至节": "冬至",
    "元旦节": "元旦", "雷锋日": "学雷锋日", "学雷锋纪念日": "学雷锋日", "三八": "妇女节",
    "三八节": "妇女节", "三八妇女节": "妇女节", "三一五": "消费者权益日", "五一": "劳动节", "五一节": "劳动节",
    "五一劳动节": "劳动节", "五四": "青年节", "五四青年节": "青年节", "助残日": "全国助残日", "六一": "儿童节",
    "六一节": "儿童节", "六一儿童节": "儿童节", "世界环境日": "环境日", "国际禁毒日": "禁毒日", "七一": "建党节",
    "七一建党节": "建党节", "八一": "建军节", "八一建军节": "建军节", "国庆": "国庆节", "全国消防日": "消防日",
    "消防宣传日": "消防日", "宪法日": "国家宪法日", "国际志愿者日": "志愿者日",
}  # fmt: skip

FESTIVALS: dict[str, Festival] = {name: Festival(name, days) for name, days in _DAYS.items()}
BY_NAME: dict[str, Festival] = FESTIVALS | {also: FESTIVALS[name] for also, name in _ALSO.items()}


def named(days: Lunar) -> Days:
    """The festival a lunar date is, or the date itself."""
    return next((festival for festival in FESTIVALS.values() if festival.days == days), days)
