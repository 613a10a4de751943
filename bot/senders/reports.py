"""What the platform reports later of messages it had accepted: the events that close a mass send or a notice."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from xml.etree.ElementTree import Element


@dataclass(frozen=True)
class Report:
    """What became of the message with this receipt."""

    receipt: str
    state: Literal["sent", "failed"]
    reason: str
    code: int | None = None


_REFUSED = {
    10001: "涉嫌广告",
    20001: "涉嫌政治",
    20002: "涉嫌色情",
    20004: "涉嫌社会问题",
    20006: "涉嫌违法犯罪",
    20008: "涉嫌欺诈",
    20013: "涉嫌侵权",
    21000: "涉嫌其他违规",
    22000: "涉嫌互推",
    30001: "原创校验出错",
    30002: "原创校验不通过",
    30003: "原创校验判为转载",
    40001: "管理员拒绝",
    40002: "管理员没有回应",
}
_TEMPLATE_FAILURES = {
    "user block": "对方拒收公众号消息：请社工另行通知",
    "system failed": "平台内部失败：请管理员补发",
    "freq limit": "对方短时间收到太多通知，被平台拦下：请管理员过些时候补发",
}
_REWRITE = "请管理员改写后重发，或到公众号后台申诉"


def read_reports(elements: Element) -> list[Report]:
    """The reports in an event's elements; none when it is another event."""
    read = _READERS.get(_word(elements, "Event").upper())
    return read(elements) if read else []


def _mass(elements: Element) -> list[Report]:
    status, sent = _word(elements, "Status"), _number(elements, "SentCount")
    counts = f"应发 {_number(elements, 'TotalCount')} 人，送达 {sent} 人，失败 {_number(elements, 'ErrorCount')} 人"
    receipt = _receipt(elements)
    if status == "send success" and sent:
        return [Report(receipt, "sent", f"群发完成：{counts}")]
    if status == "send success":
        return [
            Report(receipt, "failed", f"群发一个人也没有送到（{counts}）：请管理员核对标签里有没有人、本月次数是否用完")
        ]
    refused = re.fullmatch(r"err\((\d+)\)", status)
    code = int(refused[1]) if refused else None
    why = _REFUSED.get(code or 0, f"平台没有说明，状态 {status[:40] or '空'}")
    return [Report(receipt, "failed", f"群发被平台拒绝（{why}）：{_REWRITE}", code)]


def _template(elements: Element) -> list[Report]:
    status = _word(elements, "Status")
    if status == "success":
        return [Report(_receipt(elements), "sent", "通知已送达")]
    why = status.removeprefix("failed:").strip()
    return [
        Report(_receipt(elements), "failed", _TEMPLATE_FAILURES.get(why, f"通知没有送达（{why[:40]}）：请社工另行通知"))
    ]


def _subscription(elements: Element) -> list[Report]:
    return [_subscribed(one) for one in elements.iterfind("SubscribeMsgSentEvent/List")]


def _subscribed(one: Element) -> Report:
    code = _number(one, "ErrorCode")
    if _word(one, "ErrorCode") == "0":
        return Report(_receipt(one), "sent", "通知已送达", 0)
    return Report(_receipt(one), "failed", f"通知没有送达（{_word(one, 'ErrorStatus')[:40]}）：请社工另行通知", code)


_READERS: dict[str, Callable[[Element], list[Report]]] = {
    "MASSSENDJOBFINISH": _mass,
    "TEMPLATESENDJOBFINISH": _template,
    "SUBSCRIBE_MSG_SENT_EVENT": _subscription,
}


def _receipt(elements: Element) -> str:
    return _word(elements, "MsgID") or _word(elements, "MsgId")


def _word(elements: Element, name: str) -> str:
    return elements.findtext(name, "").strip()


def _number(elements: Element, name: str) -> int:
    word = _word(elements, name)
    return int(word) if re.fullmatch(r"-?\d{1,18}", word) else 0
