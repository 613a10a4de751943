"""notices.yaml and audiences.yaml: what is read, and a sentence for every mistake."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.cases import read_cases
from bot.settings import HOME
from scheduler.audiences import Audience, addresses, read_audiences, robots
from scheduler.board import audiences_file, check_files, notices_file
from scheduler.notices import about, read_notices, upcoming
from scheduler.preview import rows
from scheduler.spans import chinese_span, parse_span
from scheduler.when import slots
from tests.scheduler.station import ZONE

NOW = datetime(2026, 12, 3, 12, tzinfo=ZONE)
GOOD = {
    "notices": "notices:\n  - {notice: 别的, when: 每周四 09:00, holiday: 跳过, to: 居民群, text: 一}\n",
    "audiences": 'audiences:\n  - {audience: 居民群, channel: wecom_group, keys: ["${GROUP_A}"]}\n',
}
WRONG: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "wrong_notices.yaml").read_text("utf-8"))
NOTICES = read_notices(notices_file(HOME))


@pytest.mark.parametrize("wrong", WRONG, ids=[wrong["mistake"] for wrong in WRONG])
def test_a_mistake_is_told_with_its_line_and_what_to_write(wrong: dict[str, Any], tmp_path: Path) -> None:
    assert [str(problem) for problem in check(tmp_path, wrong)] == wrong["says"]


def check(folder: Path, files: dict[str, Any]) -> list[Any]:
    (folder / "scheduler").mkdir()
    for name in GOOD:
        (folder / "scheduler" / f"{name}.yaml").write_text(files.get(name, GOOD[name]), "utf-8")
    return check_files(folder, NOW, ZONE, ["wjc-jipuyi", "sj-aoyuan"])


@pytest.mark.parametrize(("channel", "to", "markdown", "limit"), [
    ("wecom_group", 'keys: ["${A}"]', "false", 2048), ("wecom_group", 'keys: ["${A}"]', "true", 4096),
    ("wecom_app", "all: true", "true", 2048), ("official_account", "topic: 活动", "false", 2048),
])  # fmt: skip
def test_a_text_over_the_limit_of_its_channel_is_refused(
    channel: str, to: str, markdown: str, limit: int, tmp_path: Path
) -> None:
    def problems(folder: str, size: int) -> list[str]:
        text = "一" * (size // 3) + "x" * (size % 3)
        files = {
            "notices": f"notices: [{{notice: 长, when: 每周四 09:00, holiday: 跳过, to: 群, markdown: {markdown}, text: {text}}}]",
            "audiences": f"audiences: [{{audience: 群, channel: {channel}, {to}}}]",
        }
        (tmp_path / folder).mkdir()
        return [problem.what for problem in check(tmp_path / folder, files)]

    assert problems("fits", limit) == []
    assert problems("long", limit + 1) == [
        f"“text”太长：{channel} 最多 {limit} 字节（约 {limit // 3} 个汉字），填好日期后有 {limit + 1} 字节，请删短或分成两条通知"
    ]


def test_our_own_files_have_no_mistake() -> None:
    cases = [case.id for case in read_cases(HOME / "cases.yaml")]
    assert check_files(HOME, NOW, ZONE, cases) == []


def test_the_notices_of_the_cases_are_all_there() -> None:
    names = {notice.notice: notice for notice in NOTICES.entries}
    assert {
        "街区服务日",
        "固定说事日",
        "先锋行动日",
        "喆园清洁",
        "公益集市",
        "量血压",
        "医课堂",
        "清洁家园",
        "重阳公益理发",
    } <= set(names)
    assert names["固定说事日"].when.text.startswith("每月7日")
    assert names["先锋行动日"].when.text.startswith("每月第二个周四")
    assert names["喆园清洁"].when.text.startswith("每周四")
    assert names["医课堂"].when.text.startswith("双周")
    assert names["重阳公益理发"].when.text.startswith("重阳节")
    assert all(notice.case for notice in NOTICES.entries)


@pytest.mark.parametrize("notice", NOTICES.entries, ids=lambda notice: notice.notice)
def test_no_placeholder_stays_unfilled_in_a_whole_year(notice: Any) -> None:
    year = slots(notice.when, notice.holiday, notice.remind, NOW, NOW + timedelta(days=366), ZONE)
    texts = [notice.render(slot, slot.at) for slot in year]
    assert texts
    for text in texts:
        assert not set("{}｛｝") & set(text)
        assert len(text.encode()) <= 2048


def test_nothing_of_ours_goes_out_at_night() -> None:
    timings = [notice.timing for notice in NOTICES.entries]
    times = [row.slot.at for row in rows(timings, NOW, NOW + timedelta(days=400), ZONE)]
    assert all(8 <= time.hour < 21 for time in times)


def test_an_entry_says_what_it_says(tmp_path: Path) -> None:
    file = tmp_path / "notices.yaml"
    file.write_text(
        "notices:\n  - {notice: 课, when: 每月第二个周四 下午2点半, holiday: 顺延, remind: 提前1天 18:00, until: 半小时, urgent: 是, "
        "to: 群, place: 活动室, mentions: '@all', signup: {capacity: 3, closes: 提前1小时}, "
        "text: '{通知}｛日期｝{星期}{时间}{地点}，{报名截止}截止{改期}'}\n",
        "utf-8",
    )
    (notice,) = read_notices(file).entries
    (slot,) = slots(notice.when, notice.holiday, notice.remind, NOW, NOW + timedelta(days=14), ZONE)
    assert (notice.until, notice.urgent, notice.to, notice.mentions) == (
        timedelta(minutes=30),
        True,
        ("群",),
        ("@all",),
    )
    assert notice.render(slot, NOW) == "课12月10日周四14:30活动室，12月10日（周四）13:30截止"


def test_a_moved_event_says_where_it_came_from(tmp_path: Path) -> None:
    file = tmp_path / "notices.yaml"
    file.write_text(
        "notices: [{notice: 课, when: 每月1日 09:00, holiday: 顺延, to: 群, text: '{日期}{改期}'}]", "utf-8"
    )
    (notice,) = read_notices(file).entries
    october = datetime(2026, 10, 1, tzinfo=ZONE)
    (slot,) = slots(notice.when, notice.holiday, (), october, october + timedelta(days=20), ZONE)
    assert notice.render(slot, october) == "10月8日（原定10月1日（周四），逢国庆节假期，顺延到10月8日（周四））"


@pytest.mark.parametrize(("asked", "names"), [
    ("公益理发哪天有啊", ["重阳公益理发"]), ("周六清洁家园我也参加 帮我登记一下", ["清洁家园"]), ("下次医课堂是什么时候", ["医课堂"]),
    ("喆园什么时候打扫", ["喆园清洁"]), ("量血压几点", ["量血压"]), ("说事日哪天", ["固定说事日"]),
])  # fmt: skip
def test_a_question_finds_the_notice_it_speaks_of(asked: str, names: list[str]) -> None:
    assert [notice.notice for notice in about(NOTICES.entries, asked)] == names


def test_upcoming_tells_the_next_event_of_each_soonest_first_and_leaves_out_what_was_called_off() -> None:
    found = upcoming(NOTICES.entries, NOW, ZONE, "最近有啥活动好参加的")
    assert len(found) == len(NOTICES.entries)
    assert [one.slot.event for one in found] == sorted(one.slot.event for one in found)
    (first,) = upcoming(NOTICES.entries, NOW, ZONE, "喆园清洁")
    (second,) = upcoming(NOTICES.entries, NOW, ZONE, "喆园清洁", {("喆园清洁", first.event)})
    assert (first.slot.event.day, second.slot.event.day) == (10, 17)


def test_addresses_show_no_secret(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("secret-1\nsecret-2\n")
    environment = {"ONE": "secret-0", "MANY_FILE": str(tmp_path / "key")}
    url = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=secret-9"
    audience = Audience(audience="群", channel="wecom_group", keys=("${ONE}", "${MANY}", "${MISSING}", url))
    found = addresses(audience, environment)
    assert "secret" not in str(found)
    assert [name.partition("#")[0] for name in found] == ["ONE", "MANY", "MANY", "MISSING", "robot"]
    assert list(robots([audience], environment).values()) == ["secret-0", "secret-1", "secret-2", "", url]


def test_addresses_of_an_app_and_an_account() -> None:
    app = Audience(audience="a", channel="wecom_app", users=("zhang",), parties=("2",), tags=("5",))
    assert addresses(app, {}) == ["user:zhang", "party:2", "tag:5"]
    assert addresses(Audience(audience="a", channel="wecom_app", users=("@all", "li")), {}) == ["all"]
    assert addresses(Audience(audience="a", channel="official_account", tag="101"), {}) == ["tag:101"]
    assert addresses(Audience(audience="a", channel="official_account", topic="活动"), {}) == []


def test_our_audiences_hold_no_secret() -> None:
    assert "key=" not in audiences_file(HOME).read_text("utf-8")
    assert read_audiences(audiences_file(HOME)).entries


@pytest.mark.parametrize(("text", "minutes"), [
    ("2小时", 120), ("半小时", 30), ("半个小时", 30), ("1小时30分钟", 90), ("两个半小时", 150), ("1天", 1440), ("30分", 30),
    ("一天半小时", 1470),
])  # fmt: skip
def test_a_length_of_time_is_read(text: str, minutes: int) -> None:
    assert parse_span(text) == timedelta(minutes=minutes)
    assert parse_span(chinese_span(timedelta(minutes=minutes))) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "很久", "0小时", "2", "晚上8点"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="读不懂"):
        parse_span(text)
