"""What the bot did not know is kept for the admin, who then writes an ask or an intent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.build import Parts
from tests.chat import Chat
from tests.conftest import Clock, environment


@pytest.fixture
def listed(
    tmp_path: Path,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    build_bot: Callable[[], Parts],
) -> Callable[..., list[str]]:
    """What the command prints, a line each, of the same database as the chat's."""

    def lines(*options: str) -> list[str]:
        url = build_bot().engine.url.render_as_string(hide_password=False)
        for name, value in environment(url).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("time.time", lambda: clock.now)
        capsys.readouterr()
        assert main(["unanswered", *options]) == 0
        return capsys.readouterr().out.splitlines()

    return lines


def test_questions_without_an_answer_are_listed_the_most_asked_first(
    chat: Chat, clock: Clock, listed: Callable[..., list[str]]
) -> None:
    chat.say("鸡蛋多少钱一斤")
    clock.move(60)
    for who in ("a", "b"):
        chat.say("明天下雨伐，我电话13812345678" if who == "a" else "明天下雨伐 我电话13812345678？", who=who)
    chat.say("楼道堆物怎么办", who="c")
    chat.say("[强]", who="d")
    most, least = listed()
    assert most.startswith("2 次\t")
    assert "明天下雨伐" in most and "13812345678" not in most
    assert least.startswith("1 次\t") and least.endswith("鸡蛋多少钱一斤")


def test_it_looks_back_as_far_as_it_is_told(chat: Chat, clock: Clock, listed: Callable[..., list[str]]) -> None:
    chat.say("鸡蛋多少钱一斤")
    clock.move(3 * 86400)
    assert len(listed()) == 1 and "鸡蛋" in listed()[0]
    assert listed("--days", "2") == ["这段时间没有答不上的问题"]
