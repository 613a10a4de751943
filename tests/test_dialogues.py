"""Conversations as data, held through the callbacks: every line is answered once, and as it says.

A step is `say` with `who` (a), `channel` (official_account) and `chat` (a group), or `wait` in minutes, or `restart`. What a reply must
be: `kind`, `intent`, `case` (the first one), `has` and `hasnt` (regular expressions, one or several), `same_as` (the number of an
earlier step). A reply must not be empty unless its kind is silent.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chat import Chat, Heard
from tests.conftest import Clock

FILES = sorted((Path(__file__).parent / "dialogues").glob("*.yaml"))
DIALOGUES = [(file.stem, dialogue) for file in FILES for dialogue in yaml.safe_load(file.read_text("utf-8"))]


@pytest.mark.parametrize("dialogue", [pytest.param(one, id=f"{name}-{one['dialogue']}") for name, one in DIALOGUES])
def test_a_conversation_goes_as_written(dialogue: dict[str, Any], chat: Chat, clock: Clock) -> None:
    heard: list[Heard | None] = []
    for step in dialogue["steps"]:
        heard.append(_take(step, dialogue, chat, clock))
        if heard[-1]:
            _judge(step, heard[-1], heard)


def test_there_are_at_least_sixty_conversations() -> None:
    names = [f"{name} {dialogue['dialogue']}" for name, dialogue in DIALOGUES]
    assert len(names) >= 60
    assert len(set(names)) == len(names)


def _take(step: dict[str, Any], dialogue: dict[str, Any], chat: Chat, clock: Clock) -> Heard | None:
    if "wait" in step:
        clock.move(step["wait"] * 60)
    elif "restart" in step:
        chat.restart()
    else:
        return chat.say(
            str(step["say"]),
            step.get("who", "a"),
            step.get("channel", dialogue.get("channel", "official_account")),
            step.get("chat", dialogue.get("chat", "")),
        )
    return None


def _judge(step: dict[str, Any], heard: Heard, before: list[Heard | None]) -> None:
    told = f"“{step['say']}” -> {heard.kind} {heard.intent} {heard.cases}\n{heard.text}"
    assert heard.text or step.get("kind") == "silent", f"silence: {told}"
    for name in ("kind", "intent"):
        if name in step:
            assert getattr(heard, name) == step[name], told
    if "case" in step:
        assert heard.cases[:1] == (step["case"],), told
    for pattern in _several(step.get("has")):
        assert re.search(pattern, heard.text), f"{pattern} is missing: {told}"
    for pattern in _several(step.get("hasnt")):
        assert not re.search(pattern, heard.text), f"{pattern} is there: {told}"
    if "same_as" in step:
        earlier = before[step["same_as"] - 1]
        assert earlier and earlier.text == heard.text, told


def _several(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)
