"""Intent rules: every mistake an admin can make is told, every rule is proven, and a saved change is in force at once."""

from __future__ import annotations

import json
import logging
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from bot import knowledge
from bot.build import Parts
from bot.fold import Synonyms, fold
from bot.intents import Action, Intent, Rules, read_rules
from bot.knowledge import Library
from bot.message import Role
from bot.settings import HOME
from bot.web import create_app
from scheduler.yamlfile import Problems

DIALOGUES = Path(__file__).parent / "dialogues"
ROLES: tuple[Role, ...] = ("resident", "worker")

GOOD = """\
intents:
  - intent: greeting
    keywords: [你好]
    examples: [你好]
    reply: 您好。
"""


def lines(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (DIALOGUES / name).read_text("utf-8").splitlines()]


def written(folder: Path, **files: str) -> Path:
    """A folder `intents` with these files."""
    home = folder / "intents"
    home.mkdir(exist_ok=True)
    for name, text in files.items():
        (home / f"{name}.yaml").write_text(text, "utf-8")
    return home


def complaints(folder: Path) -> list[str]:
    """What is told about the rules in this folder, a sentence each."""
    with pytest.raises(Problems) as refused:
        read_rules(folder, Synonyms(), ["wjc-fudan"])
    return [str(problem) for problem in refused.value.problems]


MISTAKES = {
    "an unknown key": (
        GOOD + "    keyword: [您好]\n",
        "intents/a.yaml:6: 不认识“keyword”，是不是想写“keywords”？可用的有：intent、for、priority、max_length、keywords、"
        "patterns、not、examples、near_misses、reply、cases、action、basis、checked、expires、owner",
    ),
    "no examples": (
        "intents:\n  - intent: greeting\n    keywords: [你好]\n    reply: 您好。\n",
        "intents/a.yaml:2: 缺少“examples”，请补上",
    ),
    "an empty list of examples": (
        GOOD.replace("[你好]\n    reply", "[]\n    reply"),
        "intents/a.yaml:4: “examples”是空的，至少写一项",
    ),
    "a name in Chinese": (
        GOOD.replace("greeting", "打招呼"),
        "intents/a.yaml:2: “intent”要合乎 ^[a-z][a-z0-9_]*$，现在写的是“打招呼”",
    ),
    "a list written as a text": (
        GOOD.replace("keywords: [你好]", "keywords: 你好"),
        "intents/a.yaml:3: “keywords”应是一个列表，现在写的是“你好”",
    ),
    "a text written as a list": (
        GOOD.replace("reply: 您好。", "reply: [您好。]"),
        "intents/a.yaml:5: “reply”应是一段文字，现在写的是一个列表",
    ),
    "an empty word": (
        GOOD.replace("keywords: [你好]", 'keywords: [你好, ""]'),
        "intents/a.yaml:3: “keywords”：里面有空的词（或只有标点），它会匹配所有消息，请删掉",
    ),
    "a word of punctuation": (
        GOOD + '    not: ["。"]\n',
        "intents/a.yaml:6: “not”：里面有空的词（或只有标点），它会匹配所有消息，请删掉",
    ),
    "a pattern that is none": (
        GOOD + '    patterns: ["你(好"]\n',
        "intents/a.yaml:6: “patterns”：“你(好”不是能用的正则（missing ): 你(好）；只想匹配原词请写到 keywords",
    ),
    "a pattern re2 refuses": (
        GOOD + '    patterns: ["你(?!们)好"]\n',
        "intents/a.yaml:6: “patterns”：“你(?!们)好”不是能用的正则（invalid perl operator: (?!）；只想匹配原词请写到 keywords",
    ),
    "a pattern with a space": (
        GOOD + '    patterns: ["你 好"]\n',
        "intents/a.yaml:6: “patterns”：“你 好”里有空格；消息里的空格和标点匹配前都已去掉，请删去空格",
    ),
    "a number in words": (
        GOOD + "    priority: 高\n",
        "intents/a.yaml:6: “priority”应是一个整数，现在写的是“高”",
    ),
    "a length of nothing": (
        GOOD + "    max_length: 0\n",
        "intents/a.yaml:6: “max_length”至少是 1，现在写的是“0”",
    ),
    "a date that is none": (
        GOOD + "    expires: 明年\n",
        "intents/a.yaml:6: “expires”应是日期，例如 2026-12-24，现在写的是“明年”",
    ),
    "an unknown role": (
        GOOD + "    for: [居民]\n",
        "intents/a.yaml:6: “for > 第1项”只能是 'resident'、'worker'，现在写的是“居民”",
    ),
    "two answers": (
        GOOD + "    action: help\n",
        "intents/a.yaml:2: “这一项”：reply、cases、action 三个里要写一个，而且只写一个（human 和 complaint 可以再带 reply）",
    ),
    "no answer": (
        GOOD.replace("    reply: 您好。\n", ""),
        "intents/a.yaml:2: “这一项”：reply、cases、action 三个里要写一个，而且只写一个（human 和 complaint 可以再带 reply）",
    ),
    "nothing to go by": (
        GOOD.replace("    keywords: [你好]\n", ""),
        "intents/a.yaml:2: “这一项”：keywords 和 patterns 至少写一个，否则永远不会命中",
    ),
    "a case that does not exist": (
        GOOD.replace("reply: 您好。", "cases: [wjc-fudan, wjc-nowhere]"),
        "intents/a.yaml:5: cases.yaml 里没有案例“wjc-nowhere”",
    ),
    "an example that goes nowhere": (
        GOOD.replace("examples: [你好]", "examples: [你好, 早上好]"),
        "intents/a.yaml:4: 例句“早上好”应到“greeting”，实际到“无”；请补关键词或调优先级",
    ),
    "a near miss that hits": (
        GOOD + "    near_misses: [你好停车难怎么办]\n",
        "intents/a.yaml:6: 反例“你好停车难怎么办”不该到“greeting”，却到了；请收窄关键词或写进 not",
    ),
    "a key written twice": (
        GOOD + "    reply: 早。\n",
        "intents/a.yaml:6: “reply”写了两遍，请只留一个",
    ),
    "another top": (
        "rules: []\n",
        "intents/a.yaml:1: 文件最上面应当只有“intents:”，下面是一个列表（每项以“- ”开头）",
    ),
    "an empty file": ("", "intents/a.yaml:1: 文件是空的"),
    "a bracket left open": (
        GOOD.replace("keywords: [你好]", "keywords: [你好"),
        "intents/a.yaml:4: YAML 写法有误（did not find expected ',' or ']'）；"
        "请检查冒号后有没有空格、缩进是否对齐（不能用 Tab）、引号和括号是否成对",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_file_line_and_what_to_write(mistake: str, tmp_path: Path) -> None:
    text, told = MISTAKES[mistake]
    assert complaints(written(tmp_path, a=text)) == [told]


def test_an_unknown_action_is_told_with_those_that_exist(tmp_path: Path) -> None:
    (told,) = complaints(written(tmp_path, a=GOOD.replace("reply: 您好。", "action: helpp")))
    actions = "、".join(map(repr, get_args(Action)))
    assert told == f"intents/a.yaml:5: “action”只能是 {actions}，现在写的是“helpp”"


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    home = written(tmp_path)
    (home / "a.yaml").write_bytes(GOOD.encode("gbk"))
    assert complaints(home) == ["intents/a.yaml:1: 文件不是 UTF-8 编码，请另存为 UTF-8"]


def test_a_folder_without_rules_is_told(tmp_path: Path) -> None:
    assert complaints(written(tmp_path)) == ["intents/:1: 一个意图文件也没有，请放回 *.yaml"]


def test_an_intent_in_two_files_is_told_at_the_second(tmp_path: Path) -> None:
    told = complaints(written(tmp_path, a=GOOD, b=GOOD))
    assert told == ["intents/b.yaml:2: 意图“greeting”在 intents/a.yaml 里已经有了，请写到那里去，或改名"]


def test_an_example_taken_by_a_rule_of_higher_priority_is_told_with_its_name(tmp_path: Path) -> None:
    other = GOOD.replace("greeting", "louder").replace("reply", "priority: 60\n    reply")
    told = complaints(written(tmp_path, a=GOOD, b=other))
    assert told == ["intents/a.yaml:4: 例句“你好”应到“greeting”，实际到“louder”；请补关键词或调优先级"]


def test_mistakes_in_several_files_are_told_together(tmp_path: Path) -> None:
    told = complaints(
        written(tmp_path, a=GOOD + "    priority: 高\n", b="", c=GOOD.replace("[你好]\n    reply", "[]\n    reply"))
    )
    assert [line.split(" ")[0] for line in told] == ["intents/a.yaml:6:", "intents/b.yaml:1:", "intents/c.yaml:4:"]


def rules(*intents: dict[str, object], synonyms: Synonyms | None = None) -> Rules:
    entries = [Intent.model_validate({"intent": "a", "examples": ["x"], "reply": "好"} | intent) for intent in intents]
    return Rules(entries, synonyms or Synonyms())


HUMAN: dict[str, object] = {"keywords": ["转人工"]}


@pytest.mark.parametrize(
    ("intent", "text", "reached"),
    [
        (HUMAN, "转人工", True),
        (HUMAN, "转 人工！", True),
        (HUMAN, "轉人工", True),
        (HUMAN, "ＺＺ转人工ＺＺ", True),
        (HUMAN, "转人功", True),
        (HUMAN, "隔壁的传人公然在楼道里乱堆东西", False),
        ({"keywords": [["取消", "报名"]]}, "报名我想取消", True),
        ({"keywords": [["取消", "报名"]]}, "取消订阅", False),
        ({"keywords": ["报名"], "max_length": 4}, "我要报名", True),
        ({"keywords": ["报名"], "max_length": 4}, "没人来报名怎么办", False),
        ({"keywords": ["目录"], "max_length": 3}, "这目路给我看看", False),
        ({"keywords": ["报名"], "not": ["没人"]}, "没人报名", False),
        ({"patterns": ["^你好$"]}, "你好！", True),
        ({"patterns": ["^你好$"]}, "你好 停车难", False),
        ({"patterns": ["^退订$"]}, "你好，退订，谢谢", True),
        ({"patterns": ["^HELLO$"]}, "Hello", True),
    ],
)
def test_a_rule_reaches_as_it_is_written(intent: dict[str, object], text: str, reached: bool) -> None:
    assert (rules(intent).reached(text, "resident") == "a") is reached


def test_a_rule_fits_the_words_as_typed_and_as_synonyms_rewrite_them() -> None:
    synonyms = Synonyms([("居委", ["社工"]), ("找", ["寻"])])
    assert rules({"keywords": ["找社工"]}, synonyms=synonyms).reached("帮我找社工", "resident") == "a"
    assert rules({"keywords": ["找人工"]}, synonyms=synonyms).reached("我要寻人工", "resident") == "a"


def test_a_rule_for_one_role_leaves_the_other_alone() -> None:
    some = rules(HUMAN | {"for": ["worker"]})
    assert (some.reached("转人工", "worker"), some.reached("转人工", "resident")) == ("a", None)


def test_the_higher_priority_comes_first_and_an_emergency_before_all() -> None:
    some = rules(
        {"intent": "low", "keywords": ["救命"], "priority": 10},
        {"intent": "high", "keywords": ["救命"], "priority": 500},
        {"intent": "emergency", "keywords": ["救命啊"], "priority": 1},
    )
    assert (some.reached("救命", "resident"), some.reached("救命啊", "resident")) == ("high", "emergency")


# The rules in force.


@pytest.fixture(scope="module")
def current(library: Library) -> Rules:
    return library.current.rules


def test_every_intent_of_the_product_has_rules_with_many_examples_and_near_misses(current: Rules) -> None:
    for name in (
        "greeting", "thanks", "help", "who_are_you", "list_cases", "human", "complaint", "emergency", "schedule",
        "signup", "cancel_signup", "subscribe", "unsubscribe", "erase", "invite", "repair",
    ):  # fmt: skip
        entries = [intent for intent in current.intents if intent.intent == name]
        assert sum(len(intent.examples) for intent in entries) >= 12, name
        assert sum(len(intent.near_misses) for intent in entries) >= 9, name


@pytest.mark.parametrize("role", ROLES)
def test_small_talk_reaches_its_intent(role: Role, current: Rules) -> None:
    missed = [
        (line["q"], got)
        for line in lines("smalltalk.jsonl")
        if (got := current.reached(line["q"], role)) != line["intent"]
    ]
    assert missed == []


@pytest.mark.parametrize("role", ROLES)
def test_questions_for_the_cases_are_left_to_the_cases(role: Role, current: Rules) -> None:
    taken = [(line["q"], got) for line in lines("not_smalltalk.jsonl") if (got := current.reached(line["q"], role))]
    assert taken == []


def test_no_intent_takes_an_ask_or_a_fact_from_its_case(library: Library) -> None:
    practices = [practice for case in library.current.cases.values() for practice in case.practices]
    asks = [
        ask for practice in practices for ask in (*practice.asks, *(a for fact in practice.facts for a in fact.asks))
    ]
    assert [(ask, got) for ask in asks if (got := library.current.rules.reached(ask, "resident"))] == []


NUMBER = re.compile(r"(?<!\d)(?:110|119|120)(?!\d)")


def test_an_emergency_is_answered_with_the_right_number_first(library: Library) -> None:
    wrong = []
    for line in lines("smalltalk.jsonl"):
        if "call" not in line:
            continue
        plain = fold(line["q"])
        found = library.current.rules.emergency(plain, library.current.synonyms.rewrite(plain), "resident")
        assert found and found[0].reply, line
        first = NUMBER.search(found[0].reply)
        if first is None or first[0] != line["call"]:
            wrong.append((line["q"], line["call"], found[0].reply.splitlines()[0]))
    assert wrong == []


def test_an_emergency_names_only_numbers_that_are_the_same_everywhere(current: Rules) -> None:
    for intent in current.intents:
        if intent.intent == "emergency":
            assert intent.reply
            numbers = set(re.findall(r"\d{3,}", intent.reply))
            assert numbers <= {"110", "119", "120", "12356", "96110", "95598"}, intent.reply
            assert len(intent.reply) <= 160, "a person in danger reads two lines"


# Hot reload.


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A copy of the admin's files, with one case so that reading is quick."""
    shutil.copytree(HOME / "intents", tmp_path / "intents")
    whole = (HOME / "cases.yaml").read_text("utf-8")
    starts = [match.start() for match in re.finditer(r"^  - id: ", whole, re.MULTILINE)]
    (tmp_path / "cases.yaml").write_text(whole[: starts[1]], "utf-8")
    return tmp_path


@pytest.fixture
def kept(home: Path) -> Iterator[Library]:
    library = Library(home)
    yield library
    library.close()


WEATHER = """\
intents:
  - intent: weather
    priority: 90
    keywords: [天气]
    examples: [天气怎么样]
    reply: 我不会看天气。
"""


def reached(library: Library, text: str) -> str | None:
    return library.current.rules.reached(text, "resident")


def test_a_saved_rule_is_in_force_at_the_next_look_and_the_cases_stay(kept: Library, home: Path) -> None:
    matcher = kept.current.matcher
    assert reached(kept, "今天天气好吗") is None
    (home / "intents" / "weather.yaml").write_text(WEATHER, "utf-8")
    assert kept.refresh()
    assert reached(kept, "今天天气好吗") == "weather"
    assert kept.current.matcher is matcher
    assert not kept.refresh()


def test_a_deleted_rule_file_is_out_of_force_at_the_next_look(kept: Library, home: Path) -> None:
    (home / "intents" / "records.yaml").unlink()
    assert kept.refresh()
    assert reached(kept, "删除我的记录") is None


def test_the_watcher_looks_often_enough_to_keep_two_seconds(kept: Library, home: Path) -> None:
    assert knowledge._LOOK_SECONDS <= 0.5
    kept.watch()
    (home / "intents" / "weather.yaml").write_text(WEATHER, "utf-8")
    for _ in range(200):
        if reached(kept, "今天天气好吗") == "weather":
            return
        kept._stop.wait(0.05)
    pytest.fail("the change never came into force")


def test_a_broken_rule_changes_nothing_and_is_told(kept: Library, home: Path, caplog: pytest.LogCaptureFixture) -> None:
    (home / "intents" / "weather.yaml").write_text(WEATHER.replace("reply", "replay"), "utf-8")
    before = kept.current
    with caplog.at_level(logging.ERROR):
        assert not kept.refresh()
    assert kept.current is before
    told = [str(problem) for problem in kept.problems]
    assert told[0].startswith("intents/weather.yaml:6: 不认识“replay”，是不是想写“reply”？")
    assert [record.getMessage() for record in caplog.records] == [f"没有采用改动，仍用上一版：{line}" for line in told]


def test_what_keeps_a_change_out_is_explained_at_healthz(kept: Library, home: Path, parts: Parts) -> None:
    client = create_app([], parts.desk, kept, lambda: None).test_client()
    assert client.get("/healthz").get_json()["problems"] == []
    (home / "intents" / "weather.yaml").write_text("", "utf-8")
    kept.refresh()
    answer = client.get("/healthz")
    assert answer.status_code == 200, "the last good version keeps answering"
    assert answer.get_json()["problems"] == ["intents/weather.yaml:1: 文件是空的"]


def test_it_is_all_or_nothing_over_two_files(kept: Library, home: Path) -> None:
    (home / "intents" / "weather.yaml").write_text(WEATHER, "utf-8")
    (home / "intents" / "records.yaml").write_text("intents:\n  - intent: [\n", "utf-8")
    assert not kept.refresh()
    assert reached(kept, "今天天气好吗") is None
    assert reached(kept, "删除我的记录") == "erase"


def test_a_broken_rule_that_is_put_right_is_adopted_and_the_problem_goes(kept: Library, home: Path) -> None:
    (home / "intents" / "weather.yaml").write_text(WEATHER.replace("reply", "replay"), "utf-8")
    assert not kept.refresh() and kept.problems
    (home / "intents" / "weather.yaml").write_text(WEATHER, "utf-8")
    assert kept.refresh() and not kept.problems
    assert reached(kept, "今天天气好吗") == "weather"


def test_broken_cases_stay_told_while_a_rule_is_saved_beside_them(kept: Library, home: Path) -> None:
    good = (home / "cases.yaml").read_text("utf-8")
    (home / "cases.yaml").write_text("cases: 没有\n", "utf-8")
    assert not kept.refresh()
    (home / "intents" / "weather.yaml").write_text(WEATHER, "utf-8")
    assert not kept.refresh()
    assert any(problem.file.endswith("cases.yaml") for problem in kept.problems)
    assert reached(kept, "今天天气好吗") is None
    (home / "cases.yaml").write_text(good, "utf-8")
    assert kept.refresh() and reached(kept, "今天天气好吗") == "weather"


def test_a_library_refuses_to_start_on_a_broken_rule(home: Path) -> None:
    (home / "intents" / "weather.yaml").write_text("", "utf-8")
    with pytest.raises(Problems, match=r"intents/weather.yaml:1: 文件是空的"):
        Library(home)
