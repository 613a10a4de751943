"""The assistant: `answer` tells how a message becomes a reply, top to bottom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from bot import conversation, wording
from bot.act import ACTIONS
from bot.cases import Case, Fact, Practice
from bot.fold import fold
from bot.intents import Intent
from bot.knowledge import Knowledge
from bot.message import SILENCE, Choice, Deed, Memory, Message, Reply, Told
from bot.privacy import mask
from bot.question import Question
from bot.search import Hit

SURE = 0.5
"""A hit below this score is no answer; chosen on the questions, see `make eval`."""
CLOSE = 0.015
"""Two cases whose scores differ by less are offered as a choice."""
OTHERS = 3
"""Further cases under an answer."""


Step = Callable[[Question], Reply | None]
Pair = tuple[Case, Practice]


def answer(message: Message, memory: Memory, knowledge: Knowledge, now: float, told: Told | None = None) -> Reply:
    """The reply to a message.

    1. events and what cannot be read have replies of their own, and a group is left alone unless the bot is addressed;
    2. an emergency comes before everything;
    3. a running conversation: a choice, 更多, 换一个, a short follow-up;
    4. intent rules in order of priority;
    5. case search, which abstains when it is not sure.
    """
    plain = fold(message.text)
    asked = Question(message, plain, knowledge.synonyms.rewrite(plain), memory, knowledge, now, told)
    for step in (_unread, _emergency, _unaddressed, _conversation, _intent, _case):
        if reply := step(asked):
            return reply
    return Reply("unknown", wording.unknown(), memory=Memory(question=mask(message.text)))


def _unread(asked: Question) -> Reply | None:
    """Events, pictures and whatever carries no words."""
    message = asked.message
    if message.kind == "event":
        return _event(message)
    texts = {
        "voice": wording.PLEASE_TYPE, "image": wording.SEEN_PICTURE, "video": wording.SEEN_PICTURE,
        "file": wording.SEEN_PICTURE, "location": wording.SEEN_LOCATION, "link": wording.SEEN_LINK,
        "unknown": wording.CANNOT_READ,
    }  # fmt: skip
    if message.kind in texts and not message.text.strip():
        return Reply("unknown", texts[message.kind], memory=asked.memory)
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
    return SILENCE


def _emergency(asked: Question) -> Reply | None:
    found = asked.knowledge.rules.emergency(asked.plain, asked.text, asked.role)
    return _acted(asked, *found) if found else None


def _unaddressed(asked: Question) -> Reply | None:
    return None if asked.message.addressed else SILENCE


def _conversation(asked: Question) -> Reply | None:
    """A move in the running conversation."""
    memory = asked.memory
    move = conversation.turn(asked.text, memory)
    if move is None:
        return None
    if move.move == "more":
        text, rest = wording.split(memory.rest)
        return _said(text, replace(memory, rest=rest))
    if move.move == "choose":
        return _chosen(asked, move.number)
    if move.move == "detail":
        return _detail(asked)
    if move.move == "none":
        return _said(wording.none_of_them(), replace(memory, choices=()))
    if move.move == "back":
        return _offer(asked, memory.choices, wording.unsure)
    if move.move == "kind":
        ids = [case.id for case in asked.knowledge.cases.values() if case.place.kind == move.kind]
        return _searched(asked, memory.question, only=ids)
    return _other(asked)


def _said(text: str, memory: Memory) -> Reply:
    return Reply("intent", text, intent="conversation", memory=memory)


def _chosen(asked: Question, number: int) -> Reply:
    choices = [choice for choice in asked.memory.choices if asked.knowledge.knows(choice)]
    if number > len(choices):
        return _said(wording.out_of_range(len(choices)), asked.memory)
    return _shown(asked, choices[number - 1])


def _shown(asked: Question, choice: Choice) -> Reply:
    """The answer for a practice that was picked from a menu; the menu stays for a second pick."""
    case, practice = asked.knowledge.find(choice)
    body = wording.face(practice, asked.role, _fact_for(asked, practice))
    text, rest = wording.compose(body, wording.source(case))
    memory = replace(asked.memory, shown=choice, rest=rest, seen=conversation.remember(choice, asked.memory))
    return Reply("case", text, cases=(case.id,), memory=memory, why=("选了菜单里的一项",))


def _fact_for(asked: Question, practice: Practice) -> Fact | None:
    """The fact the question before the menu asked for, when this practice has it."""
    hits = asked.knowledge.matcher.find(asked.memory.question) if asked.memory.question else []
    return next((hit.fact for hit in hits if hit.practice is practice), None)


def _detail(asked: Question) -> Reply:
    """What was not said yet of the practice just shown: the rest of the reply, then its facts and what it leaves open."""
    memory = asked.memory
    if memory.rest:
        text, rest = wording.split(memory.rest)
        return _said(text, replace(memory, rest=rest))
    if memory.shown is None or not asked.knowledge.knows(memory.shown):
        return _said(wording.EMPTY_MORE, memory)
    case, practice = asked.knowledge.find(memory.shown)
    text, rest = wording.compose(wording.detail(practice, asked.role), wording.source(case))
    return Reply("case", text, cases=(case.id,), memory=replace(memory, rest=rest), why=("要详细的",))


def _other(asked: Question) -> Reply:
    """Other cases for the same question, none of them seen before."""
    memory, knowledge = asked.memory, asked.knowledge
    seen = {choice.case for choice in memory.seen}
    left = [
        choice for choice in (*memory.choices, *memory.others) if knowledge.knows(choice) and choice.case not in seen
    ]
    fresh = _one_a_case(left)
    if not fresh:
        return _said(wording.no_others(), memory)
    hit = fresh[0]
    case, practice = knowledge.find(hit)
    pairs = [knowledge.find(choice) for choice in fresh[1 : OTHERS + 1]]
    text, rest = wording.compose(wording.face(practice, asked.role, None), wording.source(case), wording.others(pairs))
    memory = replace(
        memory,
        shown=hit,
        rest=rest,
        choices=tuple(fresh[1 : OTHERS + 1]),
        others=tuple(fresh[OTHERS + 1 :]),
        seen=conversation.remember(hit, memory),
    )
    return Reply("case", text, cases=tuple(choice.case for choice in fresh[:5]), memory=memory, why=("换一个",))


def _offer(asked: Question, choices: tuple[Choice, ...], words: Callable[[Sequence[Pair]], str]) -> Reply:
    pairs = [asked.knowledge.find(choice) for choice in choices if asked.knowledge.knows(choice)]
    cases = tuple(case.id for case, _ in pairs)
    return Reply("choice", words(pairs), cases=cases, memory=asked.memory, why=("给出选择",))


def _intent(asked: Question) -> Reply | None:
    found = asked.knowledge.rules.recognise(asked.plain, asked.text, asked.role)
    return _acted(asked, *found) if found else None


def _acted(asked: Question, intent: Intent, why: str) -> Reply:
    """What an intent answers: its text, its cases, or something the bot does."""
    reason = (f"意图 {intent.intent}：{why}",)
    if intent.cases is not None:
        hits = asked.knowledge.matcher.find(asked.plain, only=intent.cases)
        if hits:
            return replace(_answered(asked, hits, asked.plain), intent=intent.intent, why=reason)
    if intent.action is not None:
        return replace(ACTIONS[intent.action](asked), intent=intent.intent, why=reason)
    text, rest = wording.split(intent.reply or wording.unknown())
    return Reply("intent", text, intent=intent.intent, memory=replace(asked.memory, rest=rest), why=reason)


def _case(asked: Question) -> Reply | None:
    """Case search: with the case just shown in mind, with the question before when only a place is named."""
    memory, matcher = asked.memory, asked.knowledge.matcher
    if asked.message.quote and conversation.leans_on_context(asked.text):
        quoted = asked.knowledge.synonyms.fold(asked.message.quote)
        return _searched(asked, f"{quoted} {asked.plain}")
    named, topic = matcher.named(asked.plain)
    if named and conversation.is_pointer(topic):
        return _searched(asked, memory.question, only=named) if memory.question else _about(asked, named[0])
    return _searched(asked, asked.plain)


def _searched(asked: Question, question: str, only: Sequence[str] | None = None) -> Reply | None:
    memory, matcher = asked.memory, asked.knowledge.matcher
    near = memory.shown.case if memory.shown and conversation.leans_on_context(asked.text) else ""
    hits = matcher.find(question, limit=12, near=near, only=only)
    if only and hits and not _sure(hits[0]):
        return _about(asked, hits[0].case.id)
    if not hits or not _sure(hits[0]):
        if memory.shown and conversation.asks_for_detail_of(asked.text, memory) and asked.knowledge.knows(memory.shown):
            case, _ = asked.knowledge.find(memory.shown)
            text = wording.not_in_material(case)
            return Reply("case", text, cases=(case.id,), memory=memory, why=("问的是刚才的案例，材料里没有",))
        return None
    return _answered(asked, hits, question)


def _about(asked: Question, case_id: str) -> Reply:
    """A place was named and nothing else: what that community did, as choices."""
    case = asked.knowledge.cases[case_id]
    choices = tuple(Choice(case.id, practice.id) for practice in case.practices[:9])
    pairs = [(case, practice) for practice in case.practices[:9]]
    memory = replace(asked.memory, choices=choices, shown=None, rest="")
    return Reply("choice", wording.about(case, pairs), cases=(case.id,), memory=memory, why=("只说了地名",))


def _sure(hit: Hit) -> bool:
    return hit.score >= SURE


def _answered(asked: Question, hits: Sequence[Hit], question: str) -> Reply:
    """The best hit with others as choices, or a choice when two cases fit about as well."""
    best, ranked = hits[0], _one_a_case([hit.choice for hit in hits if hit.score >= SURE * 0.6])
    why = tuple(f"{hit.case.id}/{hit.practice.id} {hit.score:.2f}（{hit.why}）" for hit in hits[:3])
    cases = tuple(choice.case for choice in ranked[:5])
    second = next((hit for hit in hits if hit.case is not best.case), None)
    close = second is not None and _sure(second) and best.score - second.score < CLOSE and best.fact is None
    if close and not asked.message.chat:
        choices = tuple(ranked[: OTHERS + 1])
        memory = Memory(question=mask(question), choices=choices, others=tuple(ranked[OTHERS + 1 :]))
        pairs = [asked.knowledge.find(choice) for choice in choices]
        return Reply("choice", wording.unsure(pairs), cases=cases, memory=memory, why=why)
    pairs = [asked.knowledge.find(choice) for choice in ranked[1 : OTHERS + 1]]
    text, rest = _worded(asked, best, pairs)
    memory = Memory(
        question=mask(question),
        shown=best.choice,
        choices=tuple(ranked[1 : OTHERS + 1]),
        others=tuple(ranked[OTHERS + 1 :]),
        seen=conversation.remember(best.choice, asked.memory),
        rest=rest,
    )
    return Reply("case", text, cases=cases, memory=memory, why=why)


def _worded(asked: Question, best: Hit, others: Sequence[Pair]) -> tuple[str, str]:
    """The reply and what did not fit: whole in a single chat, short and addressed in a group."""
    if not asked.message.chat:
        body = wording.face(best.practice, asked.role, best.fact)
        return wording.compose(body, wording.source(best.case), wording.others(others))
    if asked.told:
        return wording.told_before(asked.message.text, asked.told, asked.now), ""
    return wording.in_group(asked.message.text, best.case, best.practice, asked.role, best.fact, len(others)), ""


def _one_a_case(choices: Iterable[Choice]) -> list[Choice]:
    """The best practice of each case, in order."""
    found: dict[str, Choice] = {}
    for choice in choices:
        found.setdefault(choice.case, choice)
    return list(found.values())
