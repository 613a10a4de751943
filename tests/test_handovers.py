"""Asking for a person: noted with what was asked before, listed for workers, told to the one on duty."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.build import Parts, build
from bot.knowledge import Library
from bot.settings import read_settings
from bot.store.people import close_handover, open_handovers
from scheduler.board import Edition
from scheduler.tables import deliveries, slots
from tests.chat import Chat
from tests.conftest import Clock, environment

ZONE = ZoneInfo("Asia/Shanghai")


def test_a_hand_over_takes_the_question_before_along(chat: Chat) -> None:
    chat.say("湖畔天地停车管理办法")
    chat.say("转人工")
    [line] = open_handovers(chat.parts.engine, ZONE)
    assert "转人工" in line and "之前在问：湖畔天地停车管理办法" in line


def test_a_hand_over_takes_along_what_the_bot_did_not_know(chat: Chat) -> None:
    chat.say("湖畔天地停车管理办法")
    chat.say("明天下雨伐")
    chat.say("转人工")
    assert "之前在问：明天下雨伐" in open_handovers(chat.parts.engine, ZONE)[0]


def test_a_phone_number_is_masked_in_a_hand_over(chat: Chat) -> None:
    chat.say("转人工 我的电话是13812345678")
    assert "13812345678" not in "".join(open_handovers(chat.parts.engine, ZONE))


def test_a_hand_over_is_listed_until_it_is_done(chat: Chat, clock: Clock) -> None:
    chat.say("转人工")
    chat.say("我要投诉", who="b")
    lines = open_handovers(chat.parts.engine, ZONE)
    assert [line.split("\t")[2] for line in lines] == ["转人工", "投诉"]
    assert close_handover(chat.parts.engine, int(lines[0].split("\t")[0]), clock.now)
    assert len(open_handovers(chat.parts.engine, ZONE)) == 1


@pytest.fixture
def chat_with_duty(
    tmp_path: Path, clock: Clock, library: Library, edition: Edition, build_bot: Callable[[], Parts]
) -> Chat:
    """The bot where somebody is on duty."""
    settings = read_settings(environment(f"sqlite:///{tmp_path / 'bot.sqlite3'}", WECOM_DUTY_USER="LiSi"))
    return Chat(lambda: build(settings, clock, library, lambda: edition), clock)


def test_the_person_on_duty_is_told_once_of_each(chat_with_duty: Chat) -> None:
    chat_with_duty.say("湖畔天地停车管理办法")
    chat_with_duty.say("转人工")
    chat_with_duty.say("转人工", who="b")
    query = select(deliveries.c.channel, deliveries.c.address, deliveries.c.state, slots.c.text).join(slots)
    with chat_with_duty.parts.engine.connect() as connection:
        first, second = connection.execute(query.order_by(deliveries.c.id)).all()
    assert tuple(first)[:3] == ("wecom_app", "user:LiSi", "planned")
    assert "之前在问：湖畔天地停车管理办法" in first.text
    assert first.text != second.text
