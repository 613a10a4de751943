"""An admin's answer tells where it comes from; past its date it says so, and its owner is told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import HOME

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


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the admin's files, with one case."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "intents").mkdir()
    head, first, *_ = (HOME / "cases.yaml").read_text("utf-8").split("\n  - id: ")
    (folder / "cases.yaml").write_text(f"{head}\n  - id: {first}\n", "utf-8")
    return folder


def bot(home: Path, expires: str, *command: str) -> subprocess.CompletedProcess[str]:
    """What the command line says when the answer is good until this day."""
    (home / "intents" / "keys.yaml").write_text(RULE.format(expires=expires), "utf-8")
    environment = {"PATH": os.environ["PATH"], "BOT_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-m", "bot", *command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(("expires", "stale"), [("2020-01-01", True), ("2999-01-01", False)])
def test_an_answer_says_where_it_comes_from_and_when_it_is_past_its_date(home: Path, expires: str, stale: bool) -> None:
    said = bot(home, expires, "ask", "我的门禁卡丢了").stdout
    assert "带身份证到物业补办。\n——依据：门禁管理公约第三条（2019年1月2日核对）" in said
    assert ("这一条保证到2020年1月1日为止" in said) == stale


def test_a_check_lists_it_for_its_owner_and_finds_nothing_wrong(home: Path) -> None:
    done = bot(home, "2020-01-01", "check", "keys.yaml")
    assert done.returncode == 0
    assert "intents/keys.yaml:8: 意图“lost_key”的答复只保证到2020年1月1日，已经过期；请物业办核对" in done.stdout
    assert "待核对" not in bot(home, "2999-01-01", "check", "keys.yaml").stdout
