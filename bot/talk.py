"""The moves of a running conversation carried out: a choice, 详细, 更多, 换一个, 返回, another kind of place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot import wording
from bot.act import CHOSEN
from bot.cases import Fact, Practice
from bot.conversation import (
    Turn,
    asks_elsewhere,
    is_pointer,
    names_all,
    numbers,
    pointed_at,
    remember,
    turn,
)
from bot.find import searched
from bot.message import Choice, Memory, Reply
from bot.question import Question
from bot.show import OTHERS, menu, one_a_case, pairs, said, shown


def talked(asked: Question) -> Reply | None:
    """The reply to a move; None when the message is a question of its own."""
    if reply := _picked(asked):
        return reply
    if move := turn(asked.plain):
        return _MOVES[move.move](asked, move)
    return _pointed(asked) or _elsewhere(asked) or _area(asked)


def _spoken(text: str, memory: Memory) -> Reply:
    return Reply("intent", text, intent="conversation", memory=memory)


def _picked(asked: Question) -> Reply | None:
    """One or more of the notices or topics that were offered, by number or by name."""
    memory, words = asked.memory, asked.plain.replace(" ", "")
    if not memory.options:
        return None
    picked, count = numbers(asked.plain), len(memory.options)
    if picked and max(picked) > count:
        return _spoken(wording.out_of_range(count), memory)
    options = tuple(memory.options[number - 1 if number > 0 else number] for number in picked)
    options = options or tuple(one for one in memory.options if one in words and len(words) <= len(one) + 6)
    if names_all(words):
        options = memory.options
    return replace(CHOSEN[memory.wish](asked, options), intent=memory.wish) if options else None


def _choose(asked: Question, move: Turn) -> Reply | None:
    choices = [choice for choice in asked.memory.choices if asked.knowledge.knows(choice)]
    if not choices and not asked.memory.question:
        return _spoken(wording.NO_MENU, asked.memory)
    if move.number > len(choices) or not choices:
        return _spoken(wording.out_of_range(len(choices)), asked.memory)
    return chosen(asked, choices[move.number - 1 if move.number > 0 else move.number])


def chosen(asked: Question, choice: Choice) -> Reply:
    """The answer for a practice that was picked; the menu stays for a second pick."""
    case, practice = asked.knowledge.find(choice)
    text, rest = shown(asked, case, practice, _fact_asked(asked, practice))
    memory = replace(asked.memory, shown=choice, rest=rest, seen=remember(choice, asked.memory))
    return Reply("case", text, cases=(case.id,), memory=memory, why=("选了菜单里的一项",))


def _fact_asked(asked: Question, practice: Practice) -> Fact | None:
    """The fact the question before the menu asked for, when this practice has it."""
    hits = asked.knowledge.matcher.find(asked.memory.question) if asked.memory.question else []
    return next((hit.fact for hit in hits if hit.practice is practice), None)


def _more(asked: Question, move: Turn) -> Reply:
    """The rest of the last reply; when nothing is left, the details."""
    if not asked.memory.rest:
        return _detail(asked, move)
    text, rest = wording.split(asked.memory.rest)
    return _spoken(text, replace(asked.memory, rest=rest))


def _detail(asked: Question, move: Turn) -> Reply:
    """What was not said yet of the practice just shown: its facts and what the material leaves open."""
    memory = asked.memory
    if memory.rest and move.move == "detail":
        return _more(asked, move)
    if memory.shown is None or not asked.knowledge.knows(memory.shown):
        return _back(asked, move)
    if memory.detailed == memory.shown.practice:
        return _spoken(wording.all_told(len(memory.choices)), memory)
    case, practice = asked.knowledge.find(memory.shown)
    text, rest = said(asked, wording.detail(practice, asked.role), case)
    memory = replace(memory, rest=rest, detailed=practice.id)
    return Reply("case", text, cases=(case.id,), memory=memory, why=("要详细的",))


def _other(asked: Question, move: Turn) -> Reply:
    """Another case for the same question, none seen before."""
    memory, seen = asked.memory, {choice.case for choice in asked.memory.seen}
    left = one_a_case(choice for choice in (*memory.choices, *memory.others) if asked.knowledge.knows(choice))
    fresh = [choice for choice in left if choice.case not in seen]
    # Another practice of a case seen for an earlier question is still news.
    fresh = fresh or [choice for choice in left if choice not in memory.seen and choice.case != _case_shown(memory)]
    if not fresh:
        return _spoken(wording.no_others() if memory.question else wording.NO_MENU, memory)
    first, others = fresh[0], fresh[1 : OTHERS + 1]
    case, practice = asked.knowledge.find(first)
    text, rest = shown(asked, case, practice, _fact_asked(asked, practice), others)
    choices = menu(asked, others)
    memory = replace(
        memory,
        shown=first,
        rest=rest,
        choices=choices,
        others=tuple(fresh[1 + len(choices) :]),
        seen=remember(first, memory),
    )
    return Reply("case", text, cases=tuple(choice.case for choice in fresh[:5]), memory=memory, why=("换一个",))


def _case_shown(memory: Memory) -> str:
    return memory.shown.case if memory.shown else ""


def _none(asked: Question, move: Turn) -> Reply:
    return _spoken(wording.none_of_them(), replace(asked.memory, choices=(), wish="", options=()))


def _back(asked: Question, move: Turn) -> Reply:
    """The menu once more."""
    found = pairs(asked, asked.memory.choices)
    if not found:
        return _spoken(wording.EMPTY_MORE if asked.memory.question else wording.NO_MENU, asked.memory)
    cases = tuple(case.id for case, _ in found)
    return Reply("choice", wording.unsure(found), cases=cases, memory=asked.memory, why=("给出选择",))


def _kind(asked: Question, move: Turn) -> Reply | None:
    """The same question asked of another kind of place."""
    if not asked.memory.question:
        return None
    ids = [case.id for case in asked.knowledge.cases.values() if case.place.kind == move.kind]
    topic = asked.knowledge.matcher.named(asked.memory.question)[1]
    return searched(asked, topic, only=ids) or _spoken(wording.no_such_place(move.kind), asked.memory)


_MOVES: dict[str, Callable[[Question, Turn], Reply | None]] = {
    "choose": _choose,
    "more": _more,
    "detail": _detail,
    "other": _other,
    "none": _none,
    "back": _back,
    "kind": _kind,
}


def _pointed(asked: Question) -> Reply | None:
    """The line of the menu that words like 收费那个 point at."""
    found = pairs(asked, asked.memory.choices)
    number = pointed_at(asked.plain, (f"{case.place.name}：{practice.title}" for case, practice in found))
    if not number:
        return None
    case, practice = found[number - 1]
    return chosen(asked, Choice(case.id, practice.id))


def _elsewhere(asked: Question) -> Reply | None:
    """What other places did about one side of the matter: 其他小区怎么收费."""
    rest = asks_elsewhere(asked.plain)
    if not rest or not asked.memory.question:
        return None
    seen = {choice.case for choice in asked.memory.seen}
    topic = asked.knowledge.matcher.named(asked.memory.question)[1]
    return searched(asked, f"{topic} {rest}", without=seen) or searched(asked, topic, without=seen)


def _area(asked: Question) -> Reply | None:
    """The same question asked of another part of the city: 杨浦的有吗."""
    if not asked.memory.question and not asked.memory.said:
        return None
    words = asked.plain.replace(" ", "")
    found = [name for name in asked.knowledge.areas if name in words and is_pointer(words.replace(name, ""))]
    if not found:
        return None
    name = max(found, key=len)
    topic = asked.knowledge.matcher.named(asked.memory.said or asked.memory.question)[1]
    return searched(asked, topic, only=asked.knowledge.areas[name]) or _spoken(
        wording.no_such_place(name), asked.memory
    )
