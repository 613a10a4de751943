"""The assistant: `answer` tells how a message becomes a reply, top to bottom."""

from __future__ import annotations

from dataclasses import replace

from bot import conversation, wording
from bot.act import ACTIONS
from bot.diary import Diary, EmptyDiary
from bot.find import about, answered, searched
from bot.fold import fold
from bot.followup import followed_up, is_bare
from bot.intents import Intent
from bot.knowledge import Knowledge
from bot.message import SILENCE, Deed, Memory, Message, Reply, Told
from bot.privacy import mask
from bot.question import Question
from bot.talk import chosen, talked

_UNREAD = {
    "voice": wording.PLEASE_TYPE, "image": wording.SEEN_PICTURE, "video": wording.SEEN_PICTURE,
    "file": wording.SEEN_PICTURE, "location": wording.SEEN_LOCATION, "link": wording.SEEN_LINK,
    "unknown": wording.CANNOT_READ,
}  # fmt: skip


def answer(
    message: Message,
    memory: Memory,
    knowledge: Knowledge,
    now: float,
    told: Told | None = None,
    diary: Diary | None = None,
) -> Reply:
    """The reply to a message.

    1. events and what cannot be read have replies of their own;
    2. an emergency comes before everything, and a group is left alone otherwise unless the bot is addressed;
    3. a running conversation: a choice, 更多, 换一个;
    4. intent rules in order of priority;
    5. a short follow-up about the case just shown, or case search, which abstains when it is not sure.
    """
    plain = fold(message.text)
    asked = Question(
        message, plain, knowledge.synonyms.rewrite(plain), memory, knowledge, diary or EmptyDiary(), now, told
    )
    for step in (_unread, _emergency, _unaddressed, _wordless, _conversation, _intent, _case):
        if reply := step(asked):
            return reply
    return _unknown(asked)


def _unread(asked: Question) -> Reply | None:
    """Events, pictures and whatever carries no words."""
    message = asked.message
    if message.kind == "event":
        return _event(message)
    if message.kind in _UNREAD and not message.text.strip():
        return Reply("unknown", _UNREAD[message.kind], memory=asked.memory)
    return None


def _event(message: Message) -> Reply:
    if message.event in ("subscribe", "enter"):
        return Reply("intent", wording.WELCOME, intent="help")
    if message.event == "unsubscribe":
        return Reply("silent", deed=Deed("erase"))
    if message.event == "feedback":
        return Reply(
            "silent", deed=Deed("feedback", dict(zip(("message", "verdict", "detail"), message.detail, strict=True)))
        )
    if message.detail:
        return Reply("silent", deed=Deed("report", {str(number): part for number, part in enumerate(message.detail)}))
    return SILENCE


def _emergency(asked: Question) -> Reply | None:
    found = asked.knowledge.rules.emergency(asked.plain, asked.text, asked.role)
    return _acted(asked, *found) if found else None


def _unaddressed(asked: Question) -> Reply | None:
    return None if asked.message.addressed else SILENCE


def _wordless(asked: Question) -> Reply | None:
    """Nothing but stickers, or the bot's name alone."""
    return None if asked.plain else Reply("unknown", wording.NOTHING_SAID, memory=asked.memory)


def _conversation(asked: Question) -> Reply | None:
    memory = asked.memory
    running = memory.question or memory.choices or memory.shown or memory.options or memory.rest or memory.said
    return talked(asked) if running else None


def _intent(asked: Question) -> Reply | None:
    found = asked.knowledge.rules.recognise(asked.plain, asked.text, asked.role)
    return _acted(asked, *found) if found else None


def _acted(asked: Question, intent: Intent, why: str) -> Reply:
    """What an intent answers: its text, its cases, or something the bot does."""
    reason = (f"意图 {intent.intent}：{why}",)
    if intent.cases is not None:
        hits = asked.knowledge.matcher.find(asked.plain, only=intent.cases)
        if hits:
            return replace(answered(asked, hits, asked.plain), intent=intent.intent, why=reason)
    if intent.action is not None:
        asked = replace(asked, reply=_written(asked, intent))
        return replace(ACTIONS[intent.action](asked), intent=intent.intent, why=reason)
    text, rest = wording.split(_written(asked, intent) or wording.unknown())
    # 谢谢 in between loses neither the menu nor what is still owed.
    memory = replace(asked.memory, rest=rest or asked.memory.rest)
    return Reply("intent", text, intent=intent.intent, memory=memory, why=reason)


def _written(asked: Question, intent: Intent) -> str:
    """What the admin wrote to be said, with where it comes from and, past its date, that it may be out of date."""
    if not intent.reply:
        return ""
    expired = intent.expires if intent.expired(asked.time.date()) else None
    return wording.vouched(intent.reply, intent.basis, intent.checked, expired)


def _case(asked: Question) -> Reply | None:
    """Case search: what a quote is about, a place that was named, the case just shown, else the question as it stands."""
    if asked.message.quote and len(asked.plain) <= 20:
        quoted = searched(asked, f"{fold(asked.message.quote)} {asked.plain}")
        if quoted:
            return quoted
    return _placed(asked) or followed_up(asked) or _searched(asked)


def _placed(asked: Question) -> Reply | None:
    """A place and pointing words: that place's answer to the question before, or all it did."""
    named, topic = asked.knowledge.matcher.named(asked.plain)
    if not named or not (conversation.is_pointer(topic) or is_bare(asked, topic)):
        return None
    pointer, memory = conversation.is_pointer(topic), asked.memory
    # 祥东那个 is what was shown or offered; 祥东 alone is the place, with all it did.
    offered = (
        (memory.shown, *memory.choices, *memory.others)
        if pointer and topic.strip()
        else (*memory.choices, *memory.others)
    )
    for choice in offered:
        if pointer and choice and choice.case in named and asked.knowledge.knows(choice):
            return chosen(asked, choice)
    if memory.shown is None or memory.shown.case not in named:
        place = asked.knowledge.cases[named[0]].place.name
        for before in dict.fromkeys(filter(None, (memory.said, memory.question))):
            subject = asked.knowledge.matcher.named(before)[1]
            if reply := searched(asked, f"{place} {subject} {'' if pointer else topic}", only=named):
                return reply
    return about(asked, asked.knowledge.cases[named[0]]) if pointer else None


def _searched(asked: Question) -> Reply | None:
    """The question as it stands; a short one more likely means the case just shown."""
    near = asked.memory.shown.case if asked.memory.shown and len(asked.plain) <= 12 else ""
    if reply := searched(asked, asked.plain, near=near):
        return reply
    # 那停车呢 is too short to be sure of; said as a question it is.
    subject = conversation.subject(asked.plain)
    return searched(asked, f"{subject}怎么办") if subject else None


def _unknown(asked: Question) -> Reply:
    """Nothing fits: say so, and keep the conversation, because a menu may still be on the screen."""
    memory = replace(asked.memory, said=mask(asked.message.text))
    if conversation.turn(asked.plain):
        return Reply("intent", wording.FORGOTTEN, intent="conversation", memory=memory)
    return Reply("unknown", wording.unknown(), memory=memory)
