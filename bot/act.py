"""What intents make the bot do. Whatever must be written becomes a deed, carried out when the reply is settled."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot import wording
from bot.diary import days_named
from bot.message import Deed, Memory, Reply
from bot.privacy import mask
from bot.question import Question
from scheduler.notices import Upcoming

_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
_SHOWN = 5
"""Events in one list."""
_BRINGS = re.compile(
    "老伴|老婆|老公|爱人|妈|爸|奶奶|爷爷|外婆|外公|儿子|女儿|孙|孩子|邻居|朋友|老人|再报|再加|也报一个|加一个|加个|一起|给他|给她|帮他|帮她"
)
_SAID_OF_EVENTS = re.compile(
    "请问|想问|问一下|告诉|下?个?(?:周|星期|礼拜)[一二三四五六日天末]|下个?(?:周|星期|礼拜|月)|(?:这|本)个?(?:周|星期|礼拜|月)|今天|今朝|明天|明朝|后天|这两天|这几天|上午|下午|晚上|今晚|"
    "下一?[次场期回趟]|什么时候|啥时候|啥辰光|几时|何时|哪一?天|几月几号|几号|几点|周几|星期几|礼拜几|最近|近期|有没有|有啥|有什么|哪些|什么|活动|通知|安排|日程|预告|时间表|时间|参加|报名|取消|报个名|登记|"
    "社区|小区|居委会?|我们|阿拉|你们|这里|这边|街道|看看|好玩|可以|能|好|要|会|还|是|在|有|开|来|办|搞|举行|开始|的|啊|呀|呢|吗|伐|么|吧|了|个|我|就|那|再|去|帮|给|一下|一|次|啥|多少|免费|公益|老年人?"
)


def _list_cases(asked: Question) -> Reply:
    text, rest = wording.split(wording.catalogue(asked.knowledge.cases.values()))
    return Reply("intent", text, memory=replace(asked.memory, rest=rest))


def _emergency(asked: Question) -> Reply:
    return Reply("intent", wording.EMERGENCY, memory=asked.memory)


def _help(asked: Question) -> Reply:
    return Reply("intent", wording.WELCOME, memory=asked.memory)


def _human(asked: Question) -> Reply:
    return _noted(asked, "human", asked.reply or wording.HANDED_OVER)


def _complaint(asked: Question) -> Reply:
    return _noted(asked, "complaint", asked.reply or wording.COMPLAINT_NOTED)


def _noted(asked: Question, deed: str, say: str) -> Reply:
    """A hand-over that takes the question before along, so that nobody has to tell it twice."""
    memory = asked.memory
    detail = {"question": mask(asked.message.text), "context": memory.said or memory.question, "say": say}
    return Reply("intent", say, memory=memory, deed=Deed(deed, detail))


def _erase(asked: Question) -> Reply:
    return Reply("intent", deed=Deed("erase"))


def _invite(asked: Question) -> Reply:
    code = _CODE.search(asked.plain.replace(" ", ""))
    if code is None:
        return Reply("intent", wording.ASK_CODE, memory=asked.memory)
    return Reply("intent", memory=asked.memory, deed=Deed("invite", {"code": code.group()}))


# --- events


def _schedule(asked: Question) -> Reply:
    """When the named event is; what is on in the named days; what comes next."""
    now = asked.time
    words = _words(asked)
    named = asked.diary.coming(asked.role, now, words) if len(words) > 1 else []
    days = days_named(asked.plain, now.date())
    if len(named) == 1:
        return _event(asked, named[0])
    if days and (on := _named_in(asked.diary.within(asked.role, now, *days), named, words)):
        return _events(asked, wording.ON_THESE_DAYS, on)
    if named:
        return _events(asked, wording.NEXT_EVENTS, named)
    nothing = wording.nothing_on(days) if days else wording.unknown_event(words) if len(words) > 1 else ""
    return _events(asked, nothing or wording.NEXT_EVENTS, asked.diary.coming(asked.role, now))


def _named_in(events: Sequence[Upcoming], named: Sequence[Upcoming], words: str) -> list[Upcoming]:
    """The events of the notices that were named; all when only days were."""
    names = {one.notice.notice for one in named}
    return [one for one in events if one.notice.notice in names] if len(words) > 1 else list(events)


def _event(asked: Question, event: Upcoming) -> Reply:
    text = wording.event(event, asked.time, asked.diary.left(event) if event.notice.signup else None)
    return Reply("intent", text, memory=replace(_settled(asked), notice=event.notice.notice))


def _events(asked: Question, head: str, events: Sequence[Upcoming]) -> Reply:
    if not events:
        return Reply("intent", wording.NO_EVENTS, memory=asked.memory)
    shown = events[:_SHOWN]
    return _offer(asked, "schedule", tuple(one.notice.notice for one in shown), wording.events(head, shown))


def _schedule_chosen(asked: Question, names: Sequence[str]) -> Reply:
    found = [one for one in asked.diary.coming(asked.role, asked.time) if one.notice.notice == names[0]]
    return _event(asked, found[0]) if found else Reply("intent", wording.NO_EVENTS, memory=asked.memory)


def _signup(asked: Question) -> Reply:
    """Sign up for the event that was named, or the one last spoken of; ask when several are possible."""
    now, words = asked.time, _words(asked)
    coming = asked.diary.coming(asked.role, now)
    named = asked.diary.coming(asked.role, now, words) if len(words) > 1 else []
    meant = named or [one for one in coming if one.notice.notice == asked.memory.notice]
    if len(meant) == 1:
        return _signed_up(asked, _on_day(asked, meant[0]))
    open_ones = [one for one in meant or coming if wording.is_open(one, now)]
    if not open_ones:
        return Reply("intent", wording.NOTHING_OPEN, memory=asked.memory)
    if len(open_ones) == 1 and meant:
        return _signed_up(asked, open_ones[0])
    shown = open_ones[:_SHOWN]
    return _offer(
        asked, "signup", tuple(one.notice.notice for one in shown), wording.events(wording.WHICH_SIGNUP, shown)
    )


def _on_day(asked: Question, event: Upcoming) -> Upcoming:
    """The event on the day that was named, when there is one: 下周六的清洁家园."""
    days = days_named(asked.plain, asked.time.date())
    on = asked.diary.within(asked.role, asked.time, *days) if days else []
    return next((one for one in on if one.notice.notice == event.notice.notice), event)


def _signed_up(asked: Question, event: Upcoming) -> Reply:
    memory = replace(_settled(asked), notice=event.notice.notice)
    if not event.notice.signup:
        return Reply("intent", wording.no_signup(event), memory=memory)
    both = "和" in asked.plain or "两个人" in asked.plain or "两个" in asked.plain
    detail = {
        "notice": event.notice.notice,
        "event": str(event.event),
        "more": "2" if both else "1" if _BRINGS.search(asked.plain) else "",
    }
    return Reply("intent", memory=memory, deed=Deed("signup", detail))


def _signup_chosen(asked: Question, names: Sequence[str]) -> Reply:
    found = [one for one in asked.diary.coming(asked.role, asked.time) if one.notice.notice == names[0]]
    return _signed_up(asked, found[0]) if found else Reply("intent", wording.NOTHING_OPEN, memory=asked.memory)


def _cancel(asked: Question) -> Reply:
    """Give back the seat at the event that was named or last spoken of, or the only one; ask when there are several."""
    mine = list(dict.fromkeys(seat.notice for seat in asked.diary.seats(asked.message, asked.now)))
    if not mine:
        return Reply("intent", wording.NOT_SIGNED_UP, memory=asked.memory)
    words = _words(asked)
    named = {one.notice.notice for one in asked.diary.coming("worker", asked.time, words)} if len(words) > 1 else set()
    meant = [name for name in mine if name in named] or [name for name in mine if name == asked.memory.notice] or mine
    if len(meant) == 1:
        return _cancel_chosen(asked, meant)
    return _offer(asked, "cancel_signup", tuple(meant), wording.listed(wording.WHICH_CANCEL, meant))


def _cancel_chosen(asked: Question, names: Sequence[str]) -> Reply:
    return Reply("intent", memory=_settled(asked), deed=Deed("cancel_signup", {"notices": ",".join(names)}))


# --- topics


def _subscribe(asked: Question) -> Reply:
    topics = asked.diary.topics()
    if not topics:
        return Reply("intent", wording.NO_TOPICS, memory=asked.memory)
    named = _topics_named(asked)
    if named or len(topics) == 1 or _EVERYTHING.search(asked.plain):
        return _subscribe_chosen(asked, named or topics)
    return _offer(asked, "subscribe", topics, wording.listed(wording.WHICH_TOPIC, topics, wording.OR_ALL))


def _subscribe_chosen(asked: Question, topics: Sequence[str]) -> Reply:
    return Reply("intent", memory=_settled(asked), deed=Deed("subscribe", {"topics": ",".join(topics)}))


def _unsubscribe(asked: Question) -> Reply:
    """Without a topic everything ends: who writes 退订 wants silence."""
    return Reply("intent", memory=_settled(asked), deed=Deed("unsubscribe", {"topics": ",".join(_topics_named(asked))}))


def _topics_named(asked: Question) -> tuple[str, ...]:
    """The topics whose name is said, else those of the notices that are spoken of."""
    said = [topic for topic in asked.diary.topics() if topic in asked.plain]
    # 志愿活动 says 活动 as well, but means only the one.
    said = [topic for topic in said if not any(topic != other and topic in other for other in said)]
    words = _words(asked, _SAID_OF_TOPICS)
    return tuple(said) or (asked.diary.topics(words) if words else ())


_SAID_OF_TOPICS = re.compile(
    "取消|退订|推订|订阅|定阅|订|退|通知|提醒|消息|推送|活动|以后|每次|提前|告诉|一声|叫|喊|发|收到?|不要|不想|别|我|要|给|帮|想|的|了|吧|啊|呀|好伐|好吗|请|再|一下|社区|小区|有|都|也|怎么|老|是|时候|开通|关掉|停"
)
_EVERYTHING = re.compile("全部|所有|都要|都订|全订")


# ---


def _offer(asked: Question, wish: str, options: tuple[str, ...], text: str) -> Reply:
    """A numbered list; the number picked goes to `CHOSEN[wish]`."""
    memory = replace(asked.memory, wish=wish, options=options, choices=(), rest="")
    return Reply("intent", text, memory=memory)


def _settled(asked: Question) -> Memory:
    """The memory without the list that was picked from."""
    return replace(asked.memory, wish="", options=())


def _words(asked: Question, empty: re.Pattern[str] = _SAID_OF_EVENTS) -> str:
    """What a message says besides the words that every such message says."""
    return empty.sub("", asked.plain.replace(" ", ""))


ACTIONS: dict[str, Callable[[Question], Reply]] = {
    "list_cases": _list_cases,
    "emergency": _emergency,
    "help": _help,
    "human": _human,
    "complaint": _complaint,
    "erase": _erase,
    "invite": _invite,
    "schedule": _schedule,
    "signup": _signup,
    "cancel_signup": _cancel,
    "subscribe": _subscribe,
    "unsubscribe": _unsubscribe,
}

CHOSEN: dict[str, Callable[[Question, Sequence[str]], Reply]] = {
    "schedule": _schedule_chosen,
    "signup": _signup_chosen,
    "cancel_signup": _cancel_chosen,
    "subscribe": _subscribe_chosen,
}
"""What is done with those of the options that were picked."""
