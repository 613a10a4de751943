"""An edited, moved or cancelled notice never sends its old text."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from scheduler.records import cancel
from scheduler.sender import Outcome, Parcel
from scheduler.yamlfile import Problems
from tests.scheduler.station import SENT, Post, Station, at

WEEKLY = "notice: 大扫除, when: 每周四 18:00, holiday: 照发, to: 群, text: '{哪天}{时间}大扫除'"
DOWN = Outcome("retry", "连不上")


@pytest.fixture
def waiting(station: Station) -> Station:
    """GROUP_B has it, GROUP_A could not be reached and is tried again."""
    station.write(WEEKLY)
    station.start()
    station.group.answers["GROUP_A"] = [DOWN]
    station.tick("2026-12-03 18:00")
    assert station.states() == {"GROUP_A": "planned", "GROUP_B": "sent"}
    return station


def test_an_edited_text_goes_to_those_who_have_not_got_it(waiting: Station) -> None:
    waiting.write(WEEKLY.replace("大扫除'", "大扫除改在南门'"))
    waiting.run("2026-12-03 18:01")
    assert waiting.group.texts("GROUP_A") == ["今天18:00大扫除改在南门"]
    assert waiting.group.texts("GROUP_B") == ["今天18:00大扫除"]
    assert ("等待发送", "内容已改，按新内容发") in [step[1:] for step in waiting.history("GROUP_A")]


def test_a_removed_notice_is_not_sent(waiting: Station) -> None:
    waiting.write(WEEKLY.replace("大扫除", "巡查"))
    waiting.run("2026-12-03 18:01")
    assert waiting.group.texts("GROUP_A") == []
    assert waiting.states()["GROUP_A"] == "cancelled"
    assert waiting.reasons()["GROUP_A"] == "通知已从 notices.yaml 删去，没有发"


def test_a_notice_put_back_in_time_is_sent_after_all(waiting: Station) -> None:
    waiting.write(WEEKLY.replace("大扫除", "巡查"))
    waiting.run("2026-12-03 18:01")
    waiting.write(WEEKLY)
    waiting.run("2026-12-03 18:02")
    assert waiting.group.texts("GROUP_A") == ["今天18:00大扫除"]
    assert len(waiting.group.texts("GROUP_B")) == 1


def test_a_moved_notice_is_sent_at_its_new_time_only(waiting: Station) -> None:
    waiting.write(WEEKLY.replace("18:00", "19:00"))
    waiting.run("2026-12-03 18:05")
    assert waiting.group.texts("GROUP_A") == []
    assert waiting.reasons()["GROUP_A"] == "通知已改时间，这个时间不再发"
    waiting.tick("2026-12-03 19:00")
    assert waiting.group.texts("GROUP_A") == ["今天19:00大扫除"]


def test_an_address_taken_out_gets_nothing_more(waiting: Station) -> None:
    waiting.write_audiences("audiences: [{audience: 群, channel: wecom_group, keys: ['${GROUP_B}']}]")
    waiting.run("2026-12-03 18:01")
    assert waiting.states()["GROUP_A"] == "cancelled"
    assert waiting.reasons()["GROUP_A"] == "已不在接收范围里，没有发"


def test_somebody_who_unsubscribed_meanwhile_gets_nothing(station: Station) -> None:
    station.subscribers["official_account", "活动"] = ["ann", "bob"]
    station.write(WEEKLY.replace("to: 群", "to: 粉丝"))
    station.start()
    station.account.answers["openid:ann"] = [DOWN]
    station.tick("2026-12-03 18:00")
    station.subscribers["official_account", "活动"] = ["bob"]
    station.run("2026-12-03 18:01")
    assert station.states() == {"openid:ann": "cancelled", "openid:bob": "sent"}


def test_a_longer_until_counts_for_what_waits(waiting: Station) -> None:
    waiting.group.answers["GROUP_A"] = [DOWN] * 1000
    waiting.write(WEEKLY + ", until: 3小时")
    waiting.run("2026-12-03 20:30", 60)
    assert waiting.states()["GROUP_A"] == "planned"
    waiting.run("2026-12-03 21:01", 60)
    assert waiting.states()["GROUP_A"] == "failed"


def test_a_save_in_the_middle_of_a_broadcast_stops_the_old_text_at_once(station: Station) -> None:
    people = [f"p{number}" for number in range(90)]
    station.subscribers["official_account", "活动"] = people
    old, new = WEEKLY.replace("to: 群", "to: 粉丝"), WEEKLY.replace("to: 群", "to: 粉丝").replace("大扫除'", "改期'")

    class Editing(Post):
        async def send(self, parcels: Sequence[Parcel], now: float) -> Sequence[Outcome]:
            outcomes = await super().send(parcels, now)
            if len(self.arrived) == 30:
                station.write(new)
            return outcomes

    station.account = Editing("official_account")
    station.write(old)
    station.start()
    station.tick("2026-12-03 18:00")
    station.run("2026-12-03 18:00:05")
    texts = [one.text for one in station.account.arrived]
    assert len(texts) == 90 and len({one.address for one in station.account.arrived}) == 90
    # What was on the wire when the file was saved cannot be called back: eight calls at most.
    assert 30 <= texts.count("今天18:00大扫除") <= 30 + 2 * 8
    assert texts == sorted(texts, key=lambda text: text.endswith("改期"))


def test_a_broken_file_keeps_the_last_good_one_working_and_shows_the_error(station: Station) -> None:
    station.write(WEEKLY)
    station.start()
    station.write("notice: 大扫除, when: 每周八 18:00, holiday: 照发, to: 群, text: 坏的")
    station.tick("2026-12-03 18:00")
    assert station.group.texts("GROUP_A") == ["今天18:00大扫除"]
    assert [str(problem) for problem in station.board.problems] == [
        "scheduler/notices.yaml:2: “when”：“每周八 18:00”读不懂：一周只有周一到周日；可以写：“每周日 18:00”、“每周一 18:00”"
    ]
    station.write(WEEKLY)
    station.tick("2026-12-03 18:01")
    assert station.board.problems == ()


def test_a_broken_file_keeps_a_process_from_starting(station: Station) -> None:
    station.write("notice: 大扫除, when: 每周八 18:00, holiday: 照发, to: 群, text: 坏的")
    with pytest.raises(Problems):
        station.start()


REMINDED = (
    "notice: 集市, when: 每月第一个周六 09:00, holiday: 照发, remind: [提前2天 18:00, 当天 08:00], to: 群, "
    "place: 广场, text: '{哪天}集市'"
)
EVENT = int(at("2026-12-05 09:00"))


def test_a_cancelled_event_is_not_reminded_of_and_those_who_heard_of_it_are_told(station: Station) -> None:
    station.write(REMINDED)
    station.start()
    station.tick("2026-12-03 18:00")
    station.clock.now = at("2026-12-04 10:00")
    with station.engine.begin() as connection:
        assert cancel(connection, station.board.current, station.clock.now, "集市", EVENT, "下雨") == 2
        assert cancel(connection, station.board.current, station.clock.now, "集市", EVENT, "下雨") is None
    station.tick()
    assert station.group.texts("GROUP_A")[-1] == (
        "【取消通知】原定12月5日（周六）09:00的“集市”（广场）取消了，请不要白跑一趟，也请转告一起来的人。原因：下雨。"
    )
    station.tick("2026-12-05 08:00")
    assert len(station.group.texts("GROUP_A")) == 2
    assert station.reasons()["GROUP_A"] == "活动已取消，没有发"
    station.run("2026-12-31 17:30", 12 * 3600)
    assert len(station.group.texts("GROUP_A")) == 2
    station.tick("2026-12-31 18:00")
    assert station.group.texts("GROUP_A")[-1] == "后天集市"


def test_an_event_cancelled_in_the_middle_of_its_broadcast_stops(waiting: Station) -> None:
    with waiting.engine.begin() as connection:
        cancel(connection, waiting.board.current, waiting.clock.now, "大扫除", int(at("2026-12-03 18:00")), "")
    waiting.run("2026-12-03 18:05", 10)
    assert waiting.group.texts("GROUP_A") == []
    assert [text[:6] for text in waiting.group.texts("GROUP_B")] == ["今天18:0", "【取消通知】"]


def test_two_reminders_at_one_time_speak_of_the_nearer_event(station: Station) -> None:
    station.write(
        "notice: 课, when: 每周四 19:00, holiday: 照发, remind: [提前7天 18:00, 当天 18:00], to: 群, text: '{日期}有课'"
    )
    station.start()
    station.tick("2026-12-03 18:00")
    assert station.group.texts("GROUP_A") == ["12月3日有课"]


def test_a_process_told_to_stop_settles_what_is_on_the_wire_and_begins_nothing(station: Station) -> None:
    from scheduler.tick import tick

    station.subscribers["official_account", "活动"] = [f"p{number}" for number in range(50)]
    station.write(WEEKLY.replace("to: 群", "to: 粉丝"))
    station.start()
    station.clock.now = at("2026-12-03 18:00")
    asyncio.run(tick(station.clock.now, station.office, lambda: len(station.account.arrived) >= 10))
    states = list(station.states().values())
    assert 10 <= states.count("sent") < 50
    assert set(states) == {"sent", "planned"}
    assert SENT.state == "sent"
