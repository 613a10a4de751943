"""The two faces never mix: what is written for workers alone reaches no resident, and an invite code changes who one is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.assistant import answer
from bot.cases import Case, Practice
from bot.diary import EmptyDiary
from bot.knowledge import Knowledge, Library
from bot.message import Choice, Memory, Message, Role
from bot.question import Question
from bot.show import shown
from bot.store.people import make_invite
from tests.chat import Chat
from tests.conftest import Clock

WORKER_ASKS = "群租整治怎么一步步做"


def _for_workers(practice: Practice) -> Iterator[str]:
    """Every text of a practice that only workers may read."""
    face = practice.worker
    for texts in (face.steps, face.parties, face.documents, face.pitfalls, face.results):
        yield from texts


def _for_everybody(case: Case) -> str:
    """What residents may read of a case."""
    texts = [case.title, case.source, case.place.name, case.place.area]
    for practice in case.practices:
        texts += [practice.title, *practice.gaps, *practice.resident.model_dump().values()]
        texts += [fact.answer for fact in practice.facts]
    return "\n".join(texts)


def _replies(knowledge: Knowledge, case: Case, practice: Practice, role: Role, chat: str) -> Iterator[str]:
    """Everything one can get to read about a practice: chosen, in detail, to the end, and asked for side by side."""
    choice = Choice(case.id, practice.id)
    memory = Memory(question=practice.title, choices=(choice,), others=(choice,))
    for said in ("1", "详细", *["更多"] * 4, "谁参加的", "有什么文件", "效果怎么样", "要注意什么", "分几步做", "返回"):
        message = Message("ask", "k", "p", text=said, role=role, chat=chat)
        reply = answer(message, memory, knowledge, 0.0)
        memory = reply.memory
        yield reply.text
    question = Question(Message("ask", "k", "p", role=role, chat=chat), "", "", Memory(), knowledge, EmptyDiary(), 0.0)
    yield shown(question, case, practice)[0]


@pytest.mark.parametrize("chat", ["", "group"])
def test_no_text_for_workers_reaches_a_resident(library: Library, chat: str) -> None:
    knowledge = library.current
    for case in knowledge.cases.values():
        allowed = _for_everybody(case)
        for practice in case.practices:
            told = "\n".join(_replies(knowledge, case, practice, "resident", chat))
            assert not [label for label in ("参与方：", "注意：", "成效：", "文件：") if label in told]
            leaked = [text for text in _for_workers(practice) if text in told and text not in allowed]
            # A word like 物业 stands in many sentences; what the case itself does not tell residents is a leak.
            assert not [text for text in leaked if len(text) > 4], f"{case.id} {practice.id}"


def test_a_worker_gets_the_steps(library: Library) -> None:
    knowledge = library.current
    for case in knowledge.cases.values():
        for practice in case.practices:
            told = "\n".join(_replies(knowledge, case, practice, "worker", ""))
            assert all(step[:30] in told for step in practice.worker.steps[:1]), f"{case.id} {practice.id}"


def test_every_ask_put_by_a_resident_is_answered_for_a_resident(library: Library) -> None:
    knowledge = library.current
    for case in knowledge.cases.values():
        for practice in case.practices:
            reply = answer(Message("ask", "k", "p", text=practice.asks[0]), Memory(), knowledge, 0.0)
            for found in reply.cases[:1]:
                steps = [step for one in knowledge.cases[found].practices for step in one.worker.steps]
                allowed = _for_everybody(knowledge.cases[found])
                assert not [step for step in steps if step in reply.text and step not in allowed]


def _invite(chat: Chat, clock: Clock, days: int = 7, uses: int = 1) -> str:
    return make_invite(chat.parts.engine, clock.now, days, uses)


def test_a_follower_is_a_resident_until_the_code_is_right(chat: Chat, clock: Clock) -> None:
    assert "参与方" not in chat.say(WORKER_ASKS).text
    assert "登记为社区工作者" in chat.say(f"我是社工 {_invite(chat, clock)}").text
    assert "参与方" in chat.say(WORKER_ASKS).text
    assert "参与方" not in chat.say(WORKER_ASKS, who="b").text


def test_a_member_of_the_enterprise_is_a_worker(chat: Chat) -> None:
    assert "参与方" in chat.say(WORKER_ASKS, channel="wecom_app").text


def test_a_code_without_a_number_asks_for_it(chat: Chat) -> None:
    assert "六位" in chat.say("我是社工").text


def test_a_used_code_is_refused(chat: Chat, clock: Clock) -> None:
    code = _invite(chat, clock)
    chat.say(f"我是社工 {code}", who="a")
    assert "不对或已过期" in chat.say(f"我是社工 {code}", who="b").text


def test_a_code_for_two_lets_two_in(chat: Chat, clock: Clock) -> None:
    code = _invite(chat, clock, uses=2)
    assert [("登记为" in chat.say(f"我是社工 {code}", who=who).text) for who in "abc"] == [True, True, False]


def test_an_old_code_is_refused(chat: Chat, clock: Clock) -> None:
    code = _invite(chat, clock, days=7)
    clock.move(7 * 86400 + 1)
    assert "不对或已过期" in chat.say(f"我是社工 {code}").text


def test_five_wrong_codes_pause_for_an_hour(chat: Chat, clock: Clock) -> None:
    code = _invite(chat, clock)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        assert "不对或已过期" in chat.say(f"我是社工 {wrong}").text
    assert "一小时后" in chat.say(f"我是社工 {code}").text
    assert "登记为" in chat.say("我是社工 " + _invite(chat, clock), who="b").text
    clock.move(3601)
    assert "登记为" in chat.say(f"我是社工 {code}").text


def test_who_deletes_the_records_is_a_resident_again(chat: Chat, clock: Clock) -> None:
    chat.say(f"我是社工 {_invite(chat, clock)}")
    chat.say("删除我的记录")
    assert "参与方" not in chat.say(WORKER_ASKS).text
