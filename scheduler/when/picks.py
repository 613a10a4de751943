"""Days within a month: 7日, 第二个周四, 最后一天, 倒数第二个工作日."""

from __future__ import annotations

import re

from . import mistakes
from .errors import Unreadable
from .months import Nth
from .words import AND, NUMBER, WEEKDAY, WEEKDAYS, number, weekday

_KIND = rf"(?:个(?P<kind>工作日|周{WEEKDAY})|[天日])"
_DAYS = re.compile(rf"{NUMBER}日?(?:{AND}{NUMBER}日?)*(?<=日)")
_LAST = re.compile(rf"(?:最后[一1]|末(?=日)){_KIND}")
_FROM_END = re.compile(rf"倒数第?(?P<n>{NUMBER}){_KIND}")
_NTH = re.compile(rf"第(?P<ns>{NUMBER}(?:个?{AND}第?{NUMBER})*){_KIND}")
_MOST = {"日": 31, "工作日": 23}


def read(text: str, whole: str) -> tuple[Nth, ...]:
    """The days `text` names within a month, as part of the phrase `whole`; raises Unreadable."""
    if _DAYS.fullmatch(text):
        return tuple(_nth(number(day), "日", whole) for day in re.findall(NUMBER, text))
    if found := _LAST.fullmatch(text):
        return (Nth(-1, _kind(found)),)
    if found := _FROM_END.fullmatch(text):
        return (_nth(-number(found["n"]), _kind(found), whole),)
    if found := _NTH.fullmatch(text):
        ns = re.findall(NUMBER, found["ns"])
        return tuple(_nth(number(n), _kind(found), whole) for n in ns)
    parts = re.split(AND, text)
    if len(parts) == 1:
        raise mistakes.explain(whole)
    return tuple(pick for part in parts for pick in read(part, whole))


def _kind(found: re.Match[str]) -> str:
    kind = str(found["kind"] or "日")
    return f"周{WEEKDAYS[weekday(kind[1])]}" if kind.startswith("周") else kind


def _nth(n: int, kind: str, whole: str) -> Nth:
    if 1 <= abs(n) <= _MOST.get(kind, 5):
        return Nth(n, kind)
    wanted = f"{n}日" if kind == "日" and n > 0 else f"{'倒数' if n < 0 else ''}第{abs(n)}个{kind}"
    head = re.split(r"(?<=[月度])", whole)[0]
    last = "最后一天" if kind == "日" else f"最后一个{kind}"
    raise Unreadable(f"一个月里没有{wanted}", f"{head}{last}", f"{head}{Nth(1, kind)}")
