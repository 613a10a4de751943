"""Every sentence of the scheduler that people read, in the ledger or as a message."""

from __future__ import annotations

from datetime import datetime, timedelta

from scheduler.spans import chinese_span
from scheduler.when.words import chinese_date, chinese_time

INTERRUPTED = "发送途中程序中断，不知道有没有送到，没有再发；请问一问收的人，没收到再用 resend --unknown 补发"
KEYED_AGAIN = "发送途中程序中断；平台认得出重复的消息，再发一次"
TOO_SLOW = "平台一直没有回答，不知道有没有送到，没有再发；请问一问收的人，没收到再用 resend --unknown 补发"
BROKEN_SENDER = "发送程序出错，不知道有没有送到；请把日志交给开发人员"

REMOVED = "通知已从 notices.yaml 删去，没有发"
MOVED = "通知已改时间，这个时间不再发"
NOT_ADDRESSED = "已不在接收范围里，没有发"
RESTORED = "通知已改回来，照发"
CHANGED = "内容已改，按新内容发"
EVENT_CANCELLED = "活动已取消，没有发"
RESENT = "管理员要求补发"
BY_HAND = "管理员取消"
FORGOTTEN = "本人要求删除记录，没有发"

TOO_LATE = "已过最晚发送时间"
MEANINGS = {
    "planned": "等待发送",
    "sending": "正在发送",
    "sent": "已送达",
    "failed": "没发成",
    "unknown": "不确定",
    "missed": "错过",
    "cancelled": "已取消",
}


def missed(late: timedelta, until: timedelta) -> str:
    """A slot that came up while no process was running."""
    return f"程序没有运行，晚了{chinese_span(late)}，超过最多晚{chinese_span(until)}的规定，没有发"


def no_sender(channel: str) -> str:
    """An address in a channel that is not set up."""
    names = {"wecom_app": "企业微信应用", "official_account": "公众号", "wecom_group": "群机器人"}
    return f"{names.get(channel, channel)}的账号没有设置好，发不出去；请管理员设好环境变量后用 resend 补发"


def quiet(free: datetime) -> str:
    """Held back over the quiet hours."""
    return f"安静时段不打扰，{chinese_time(free)}再发"


def over_quota(quota: str, count: int, free: datetime) -> str:
    """Held back until a quota has room again."""
    return f"{quota}已满 {count} 条，{chinese_time(free)}再发"


def again(reason: str, tries: int, pause: float) -> str:
    """Nothing went out; it is tried again."""
    return f"{reason}；已试{tries}次，{pause:.0f}秒后再试"


def gave_up(reason: str, tries: int) -> str:
    """The platform was busy too often."""
    return f"{reason}；试了{tries}次都不行，请稍后用 resend 补发"


def event_cancelled(notice: str, place: str, event: datetime, reason: str) -> str:
    """What those hear who were told of an event that does not take place."""
    where = f"（{place}）" if place else ""
    why = f"原因：{reason}。" if reason else ""
    return f"【取消通知】原定{chinese_date(event.date())}{event:%H:%M}的“{notice}”{where}取消了，请不要白跑一趟，也请转告一起来的人。{why}"


def promoted(notice: str, place: str, event: datetime) -> str:
    """What somebody hears who waited for a seat and has one now."""
    where = f"，地点{place}" if place else ""
    return (
        f"【有名额了】您候补的“{notice}”轮到您了：{chinese_date(event.date())}{event:%H:%M}{where}。"
        "来不了请回复“取消报名”，好让给后面的人。"
    )
