"""Case search: the best practice with others beside it, a choice when two fit about as well, or nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from bot import wording
from bot.cases import Case
from bot.conversation import remember
from bot.message import Choice, Memory, Reply
from bot.privacy import mask
from bot.question import Question
from bot.search import Hit
from bot.show import OTHERS, menu, one_a_case, pairs, shown

SURE = 0.49
"""A hit below this score is no answer; chosen on the questions, see `make eval`."""
CLOSE = 0.01
"""Two cases whose scores differ by less are offered as a choice."""
_NEAR = 0.05
"""By how much the case spoken of may fall behind and still be meant."""


def searched(
    asked: Question, question: str, only: Collection[str] | None = None, without: Collection[str] = (), near: str = ""
) -> Reply | None:
    """The answer to a folded question from these cases; None when no case is sure to answer it."""
    hits = asked.knowledge.matcher.find(question, limit=12, near=near, only=only)
    hits = [hit for hit in hits if hit.case.id not in without]
    if near and hits and hits[0].score - _best_of(hits, near) < _NEAR:
        hits.sort(key=lambda hit: hit.case.id != near)
    return answered(asked, hits, question) if hits and sure(hits[0]) else None


def _best_of(hits: Sequence[Hit], case: str) -> float:
    return max((hit.score for hit in hits if hit.case.id == case), default=0.0)


def sure(hit: Hit) -> bool:
    """True when this hit is an answer."""
    return hit.score >= SURE


def answered(asked: Question, hits: Sequence[Hit], question: str) -> Reply:
    """The best hit with others as choices, or a choice when two cases fit about as well."""
    best, ranked = hits[0], one_a_case([hit.choice for hit in hits if hit.score >= SURE * 0.6])
    why = tuple(hits[:3])
    cases = tuple(choice.case for choice in ranked[:5])
    if _close(hits) and not asked.message.chat:
        memory = _fresh(asked, question, choices=tuple(ranked[: OTHERS + 1]), others=tuple(ranked[OTHERS + 1 :]))
        return Reply("choice", wording.unsure(pairs(asked, memory.choices)), cases=cases, memory=memory, why=why)
    others = ranked[1 : OTHERS + 1]
    text, rest = shown(asked, best.case, best.practice, best.fact, others, best.beside)
    if asked.message.chat and asked.told:
        text, rest = wording.told_before(asked.message.text, asked.told, asked.now), ""
    choices = menu(asked, others)
    memory = _fresh(
        asked, question, shown=best.choice, choices=choices, others=tuple(ranked[1 + len(choices) :]), rest=rest
    )
    return Reply("case", text, cases=cases, memory=memory, why=why)


def about(asked: Question, case: Case) -> Reply:
    """A place was named and nothing else: what that community did, as choices."""
    choices = menu(asked, tuple(Choice(case.id, practice.id) for practice in case.practices[:9]))
    memory = replace(asked.memory, choices=choices, shown=None, rest="", wish="", options=())
    text = wording.about(case, pairs(asked, choices)) if choices else wording.about_in_group(asked.message.text, case)
    return Reply("choice", text, cases=(case.id,), memory=memory, why=("只说了地名",))


def _close(hits: Sequence[Hit]) -> bool:
    best = hits[0]
    second = next((hit for hit in hits if hit.case is not best.case), None)
    return second is not None and sure(second) and best.score - second.score < CLOSE and best.fact is None


def _fresh(
    asked: Question,
    question: str,
    shown: Choice | None = None,
    choices: tuple[Choice, ...] = (),
    others: tuple[Choice, ...] = (),
    rest: str = "",
) -> Memory:
    """The memory of a new question; only what was seen stays from before."""
    seen = remember(shown, asked.memory) if shown else asked.memory.seen
    question = mask(question)
    return Memory(question, question, shown, choices, others, seen, rest, notice=asked.memory.notice)
