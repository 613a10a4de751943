"""An admin's answer tells where it comes from; past its date it says so, and its owner is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.__main__ import main

RULE = """\
intents:
  - intent: lost_key
    keywords: [门禁卡丢了]
    examples: [我的门禁卡丢了]
    reply: 带身份证到物业补办。
    basis: 门禁管理公约第三条
    checked: 2019-01-02
    expires: {expires}
    owner: 物业办
"""


@pytest.fixture
def said(one_case: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What the command line says when the answer is good until this day."""
    monkeypatch.setenv("BOT_HOME", str(one_case))

    def run(expires: str, *command: str) -> str:
        (one_case / "intents" / "keys.yaml").write_text(RULE.format(expires=expires), "utf-8")
        assert main(list(command)) == 0
        return capsys.readouterr().out

    return run


@pytest.mark.parametrize(("expires", "stale"), [("2020-01-01", True), ("2999-01-01", False)])
def test_an_answer_says_where_it_comes_from_and_when_it_is_past_its_date(
    said: Callable[..., str], expires: str, stale: bool
) -> None:
    answer = said(expires, "ask", "我的门禁卡丢了")
    assert "带身份证到物业补办。\n——依据：门禁管理公约第三条（2019年1月2日核对）" in answer
    assert ("这一条保证到2020年1月1日为止" in answer) == stale


def test_a_check_lists_it_for_its_owner_and_finds_nothing_wrong(said: Callable[..., str]) -> None:
    overdue = "intents/keys.yaml:8: 意图“lost_key”的答复只保证到2020年1月1日，已经过期；请物业办核对"
    assert overdue in said("2020-01-01", "check", "keys.yaml")
    assert overdue not in said("2999-01-01", "check", "keys.yaml")
