"""The evaluation on lines whose outcome is known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.evaluate import evaluate
from bot.evaluate.lines import read_lines
from bot.evaluate.score import Talk, judge
from bot.knowledge import Knowledge, Library
from bot.settings import HOME

LINES = [
    {
        "id": "1",
        "q": "东郸4控6用是什么",
        "role": "worker",
        "gold": ["wjc-donghan"],
        "also": [],
        "facts": ["控节奏"],
        "kind": "named",
    },
    {"id": "2", "q": "东郸4控6用是什么", "role": "worker", "gold": ["wjc-fudan"], "also": ["wjc-donghan"], "facts": []},
    {"id": "3", "q": "红烧肉怎么烧", "kind": "offtopic"},
    {"id": "4", "q": "你好", "intent": "greeting"},
    {"id": "5", "text": "@睦邻小助手 楼道堆物怎么办", "addressed": True, "q": "楼道堆物怎么办"},
    {"id": "6", "turns": ["湖畔天地停车是怎么收费的", "那第二辆车呢"], "gold_last": ["sj-hupantiandi"]},
]


@pytest.fixture(scope="module")
def knowledge(library: Library) -> Knowledge:
    return library.current


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in LINES), "utf-8")
    return path


def test_lines_are_told_apart_by_their_keys(file: Path) -> None:
    assert [line.kind for line in read_lines(file)] == ["case", "case", "outside", "talk", "group", "followup"]


def test_each_line_is_judged_by_what_it_asks(file: Path, knowledge: Knowledge) -> None:
    verdicts = [judge(line, Talk(knowledge, 0.0)) for line in read_lines(file)]
    assert [verdict.right for verdict in verdicts] == [True, False, True, True, True, True]
    assert verdicts[0].facts is True
    assert verdicts[1].among


def test_the_report_tells_shares_curve_engines_and_the_worst_lines(file: Path) -> None:
    text = evaluate(HOME, [file])
    for part in ("首位  50.0%", "无关问题被拒 100.0%", "误答", "rapidfuzz", "SQLite FTS5", "应是 wjc-fudan"):
        assert part in text


def test_files_of_one_name_in_two_folders_are_both_told(tmp_path: Path, one_case: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "lines.jsonl").write_text(json.dumps(LINES[2]) + "\n", "utf-8")
    report = evaluate(one_case, [tmp_path / "one" / "lines.jsonl", tmp_path / "two" / "lines.jsonl"])
    assert "one/lines.jsonl（1 条）" in report
    assert "two/lines.jsonl（1 条）" in report


def test_without_files_it_says_what_to_give(tmp_path: Path) -> None:
    assert "没有问题文件" in evaluate(tmp_path / "nowhere")
