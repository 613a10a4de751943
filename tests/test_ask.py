"""`python -m bot ask` as a process: what people read, and the lines that other programs read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def ask(*options: str, said: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot", "ask", *options]
    environment = {"PATH": os.environ["PATH"], **variables}
    return subprocess.run(command, input=said, env=environment, capture_output=True, text=True, timeout=60, check=False)


LINES = (
    {"id": "a", "q": "你好"},
    {"id": 7, "q": "楼上漏水怎么办", "role": "worker"},
    {"q": "附近哪里修手机"},
    {"id": 1, "q": "加装电梯一楼不同意", "session": "s"},
    {"id": 2, "q": "楼上漏水怎么办", "session": "t"},
    {"id": 3, "q": "1", "session": "s"},
    {"id": 4, "q": "1"},
    {"id": 5, "q": "楼上漏水怎么办", "group": True},
    {"id": 6, "q": "@睦邻小助手 楼上漏水怎么办", "group": True},
    "{",
    {"text": "你好"},
    {"id": 8, "q": "你好"},
)


@pytest.fixture(scope="module")
def answers() -> list[dict[str, Any]]:
    """What one process answers to all lines."""
    said = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in LINES)
    done = ask("--jsonl", said=said)
    assert done.returncode == 0
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_person_reads_the_answer_and_why() -> None:
    done = ask("我妈腿脚不好下不了楼怎么办")
    assert done.stderr == ""
    assert done.stdout.startswith("[case] 意图：无　案例：wjc-fudan")
    assert "因为 wjc-fudan/" in done.stdout
    assert "您可以：" in done.stdout


def test_a_worker_reads_the_steps(one_case: Path) -> None:
    assert "\n1. " in ask("没人管的荒绿地，怎么变成花园", "--role", "worker", BOT_HOME=str(one_case)).stdout


def test_without_a_question_it_says_what_to_write() -> None:
    done = ask()
    assert done.returncode == 2
    assert "例如" in done.stderr


def test_lines_are_answered_in_order_with_the_promised_keys(answers: list[dict[str, Any]]) -> None:
    assert len(answers) == len(LINES)
    found = answers[:3]
    assert [one["id"] for one in found] == ["a", 7, None]
    assert [one["kind"] for one in found] == ["intent", "case", "unknown"]
    assert all(set(one) == {"id", "kind", "intent", "cases", "text"} for one in found)
    assert found[0]["intent"] == "greeting"
    assert 1 <= len(found[1]["cases"]) <= 5


def test_lines_of_one_session_are_one_conversation_and_others_are_not(answers: list[dict[str, Any]]) -> None:
    first, other, chosen, alone = answers[3:7]
    assert first["kind"] == other["kind"] == chosen["kind"] == "case"
    assert chosen["cases"][0] == first["cases"][1]
    assert alone["kind"] != "case"


def test_in_a_group_it_answers_only_when_it_is_called(answers: list[dict[str, Any]]) -> None:
    silent, called = answers[7:9]
    assert (silent["kind"], silent["text"]) == ("silent", "")
    assert called["kind"] == "case"


def test_a_line_that_cannot_be_read_is_told_and_the_next_is_answered(answers: list[dict[str, Any]]) -> None:
    broken, keyless, good = answers[9:]
    assert "第 10 行" in broken["error"]
    assert "第 11 行" in keyless["error"]
    assert good["intent"] == "greeting"
