"""A notice that is due arrives, once; the same on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from scheduler.ledger import report
from scheduler.quotas import Quota
from scheduler.records import resend
from scheduler.sender import Outcome
from scheduler.tables import metadata
from scheduler.tick import tick
from tests.scheduler.station import Killed, Post, Station, at

# Thursday 2026-12-03, 18:00, is when every one of these goes out.
WEEKLY = "notice: 大扫除, when: 每周四 18:00, holiday: 照发, to: 群, text: '{哪天}{时间}大扫除'"


def test_it_sends_a_due_notice_to_every_address_once(station: Station) -> None:
    station.write(WEEKLY)
    station.start()
    station.tick("2026-12-03 17:59:59")
    assert station.group.arrived == []
    station.tick("2026-12-03 18:00")
    assert station.group.texts("GROUP_A") == station.group.texts("GROUP_B") == ["今天18:00大扫除"]
    station.tick("2026-12-03 18:00:01")
    station.restart()
    assert len(station.group.arrived) == 2
    assert station.states() == {"GROUP_A": "sent", "GROUP_B": "sent"}
    station.tick("2026-12-10 18:00")
    assert len(station.group.arrived) == 4


def test_it_keeps_every_transition_with_its_time_and_reason(station: Station) -> None:
    station.write(WEEKLY)
    station.start()
    station.tick("2026-12-03 18:00:05")
    assert station.history("GROUP_A") == [
        ("2026-12-03 18:00:05", "等待发送", ""),
        ("2026-12-03 18:00:05", "正在发送", ""),
        ("2026-12-03 18:00:05", "已送达", "已送达"),
    ]


def test_a_slot_missed_while_it_was_down_is_sent_late_within_until(station: Station) -> None:
    station.write(WEEKLY)
    station.start()
    station.clock.now = at("2026-12-03 19:59")
    station.restart()
    assert station.states() == {"GROUP_A": "sent", "GROUP_B": "sent"}


def test_a_slot_missed_for_longer_is_recorded_with_the_reason(station: Station) -> None:
    station.write(WEEKLY)
    station.start()
    station.clock.now = at("2026-12-03 20:01")
    station.restart()
    assert station.group.arrived == []
    assert station.states() == {"GROUP_A": "missed", "GROUP_B": "missed"}
    assert station.reasons()["GROUP_A"] == "程序没有运行，晚了2小时1分钟，超过最多晚2小时的规定，没有发"


def test_until_says_how_late_it_may_go(station: Station) -> None:
    station.write(WEEKLY + ", until: 30分钟")
    station.start()
    station.clock.now = at("2026-12-03 18:31")
    station.restart()
    assert station.states() == {"GROUP_A": "missed", "GROUP_B": "missed"}


def test_a_notice_added_after_its_time_waits_for_the_next(station: Station) -> None:
    station.write(WEEKLY)
    station.start()
    station.tick("2026-12-03 18:05")
    station.write(WEEKLY, WEEKLY.replace("大扫除", "巡查", 1))
    station.tick("2026-12-03 18:06")
    assert len(station.group.arrived) == 2


def test_one_failed_recipient_never_stops_the_rest(station: Station) -> None:
    station.group.answers["GROUP_A"] = [Outcome("failed", "机器人地址不对：请管理员换一个", 93000)]
    station.write(WEEKLY)
    station.start()
    station.tick("2026-12-03 18:00")
    assert station.states() == {"GROUP_A": "failed", "GROUP_B": "sent"}
    assert station.reasons()["GROUP_A"] == "机器人地址不对：请管理员换一个"
    station.run("2026-12-03 18:10", 60)
    assert station.states()["GROUP_A"] == "failed"


def test_what_nobody_knows_is_not_sent_again(station: Station) -> None:
    station.group.answers["GROUP_A"] = [Outcome("unknown", "连接断了")]
    station.write(WEEKLY)
    station.start()
    station.tick("2026-12-03 18:00")
    station.run("2026-12-03 18:10", 60)
    assert station.states()["GROUP_A"] == "unknown"
    assert len(station.group.texts("GROUP_A")) == 1


def test_a_sender_that_raises_leaves_unknown_and_the_rest_goes_on(station: Station) -> None:
    station.group.answers["GROUP_A"] = [ValueError("a bug")]
    station.write(WEEKLY)
    station.start()
    station.tick("2026-12-03 18:00")
    assert station.states() == {"GROUP_A": "unknown", "GROUP_B": "sent"}


def test_a_call_without_an_answer_is_given_up(station: Station) -> None:
    station.write(WEEKLY)
    station.start()

    class Silent(Post):
        async def send(self, parcels, now):  # type: ignore[no-untyped-def]
            await asyncio.sleep(30)

    silent = Silent("wecom_group", lane_of=lambda address: address)
    station.office = replace(station.office, patience=0.05, senders={"wecom_group": silent})
    station.tick("2026-12-03 18:00")
    assert station.states() == {"GROUP_A": "unknown", "GROUP_B": "unknown"}
    assert "没有回答" in station.reasons()["GROUP_A"]


def test_what_did_not_go_out_is_tried_again_with_longer_and_longer_pauses(station: Station) -> None:
    down = Outcome("retry", "连不上")
    station.group.answers["GROUP_A"] = [down] * 4
    station.write(WEEKLY)
    station.start()
    station.tick("2026-12-03 18:00")
    assert station.states()["GROUP_A"] == "planned"
    assert station.reasons()["GROUP_A"] == "连不上；已试1次，2秒后再试"
    station.run("2026-12-03 18:02")
    assert station.states()["GROUP_A"] == "sent"
    tries = [time for time, state, _ in station.history("GROUP_A") if state == "正在发送"]
    assert [time[-8:] for time in tries] == ["18:00:00", "18:00:02", "18:00:08", "18:00:26", "18:01:20"]


def test_a_network_that_stays_down_is_given_up_when_it_is_too_late(station: Station) -> None:
    station.group.answers["GROUP_A"] = [Outcome("retry", "连不上")] * 1000
    station.write(WEEKLY)
    station.start()
    station.tick("2026-12-03 18:00")
    station.run("2026-12-03 20:01", 60)
    assert station.states() == {"GROUP_A": "failed", "GROUP_B": "sent"}
    assert station.reasons()["GROUP_A"].startswith("连不上；已试") and station.reasons()["GROUP_A"].endswith(
        "已过最晚发送时间"
    )


def test_a_platform_that_stays_busy_is_asked_five_times(station: Station) -> None:
    station.group.answers["GROUP_A"] = [Outcome("retry", "平台忙", -1)] * 1000
    station.write(WEEKLY)
    station.start()
    station.tick("2026-12-03 18:00")
    station.run("2026-12-03 18:20", 5)
    assert station.states()["GROUP_A"] == "failed"
    assert station.reasons()["GROUP_A"] == "平台忙；试了5次都不行，请稍后用 resend 补发"


def test_45009_delays_a_broadcast_and_completes_it(station: Station) -> None:
    people = [f"p{number}" for number in range(60)]
    station.subscribers["official_account", "活动"] = people
    until = at("2026-12-03 18:01:30")
    station.account.answers["openid:p30"] = [Outcome("wait", "发得太快，到18:01再发", 45009, until)]
    station.write(WEEKLY.replace("to: 群", "to: 粉丝"))
    station.start()
    station.tick("2026-12-03 18:00")
    before = len(station.account.arrived)
    assert 30 <= before < 60
    waiting = [reason for address, reason in station.reasons().items() if station.states()[address] == "planned"]
    assert set(waiting) == {"发得太快，到18:01再发"}
    station.run("2026-12-03 18:01:29")
    assert len(station.account.arrived) == before
    station.run("2026-12-03 18:01:40")
    assert sorted(one.address for one in station.account.arrived) == sorted(f"openid:{person}" for person in people)
    assert set(station.states().values()) == {"sent"}


def test_a_robot_gets_no_more_than_twenty_in_any_minute(station: Station) -> None:
    station.group.limit = (20, 60.0)
    station.write_audiences('audiences: [{audience: 群, channel: wecom_group, keys: ["${GROUP_A}"]}]')
    station.write(*(WEEKLY.replace("大扫除", f"第{number}件事") for number in range(50)))
    station.start()
    station.tick("2026-12-03 18:00")
    station.run("2026-12-03 18:03")
    times = sorted(one.at for one in station.group.arrived if one.address == "GROUP_A")
    assert len(times) == 50
    assert all(sum(begin <= time < begin + 60 for time in times) <= 20 for begin in times)


def test_many_addresses_go_in_few_calls_and_one_dead_one_stops_nobody(station: Station) -> None:
    users = ", ".join(f"u{number}" for number in range(2500))
    station.write_audiences(f"audiences:\n  - {{audience: 社工, channel: wecom_app, users: [{users}]}}")
    station.app.answers["user:u77"] = [Outcome("failed", "没有这个成员：请管理员核对账号", 60111)]
    station.write(WEEKLY.replace("to: 群", "to: 社工"), WEEKLY.replace("to: 群", "to: 社工").replace("大扫除", "巡查"))
    station.start()
    station.tick("2026-12-03 18:00")
    assert sorted(station.app.calls) == [500, 500, 1000, 1000, 1000, 1000]
    assert len(station.app.arrived) == 4999
    assert set(station.app.texts("user:u1")) == {"今天18:00大扫除", "今天18:00巡查"}
    assert [state for state in station.states().values() if state != "sent"] in ([], ["failed"])


def test_two_processes_send_once(station: Station) -> None:
    station.subscribers["official_account", "活动"] = [f"p{number}" for number in range(300)]
    station.write(WEEKLY.replace("to: 群", "to: [群, 粉丝, 社工]"))
    station.start()
    station.clock.now = at("2026-12-03 18:00")

    async def both() -> None:
        await asyncio.gather(*(tick(station.clock.now, station.office) for _ in range(3)))

    while "planned" in station.states().values() or not station.states():
        asyncio.run(both())
        station.clock.now += 1
    arrived = [*station.group.arrived, *station.account.arrived, *station.app.arrived]
    assert len(arrived) == len({(one.address, one.text) for one in arrived}) == 304
    assert set(station.states().values()) == {"sent"}


def test_what_was_on_the_wire_when_a_process_died_becomes_unknown(station: Station) -> None:
    station.group.answers["GROUP_A"] = [Killed()]
    station.write(WEEKLY)
    station.start()
    with pytest.raises(Killed):
        station.tick("2026-12-03 18:00")
    assert station.states()["GROUP_A"] == "sending"
    station.tick("2026-12-03 18:00:30")
    assert station.states()["GROUP_A"] == "sending"
    station.tick("2026-12-03 18:01:01")
    assert station.states()["GROUP_A"] == "unknown"
    assert "程序中断" in station.reasons()["GROUP_A"]
    station.run("2026-12-03 18:05", 60)
    assert station.group.texts("GROUP_A") == []


def test_it_is_sent_again_under_its_key_where_the_platform_refuses_repetitions(station: Station) -> None:
    station.account.keyed_lanes = True
    station.account.answers["tag:101"] = [Outcome("unknown", "连接断了"), Killed()]
    station.write(WEEKLY.replace("to: 群", "to: 标签"))
    station.start()
    station.tick("2026-12-03 18:00")
    with pytest.raises(Killed):
        station.tick("2026-12-03 18:00:10")
    station.tick("2026-12-03 18:01:20")
    assert station.states() == {"tag:101": "sent"}
    assert len(station.account.arrived) == 2
    assert len({one.key for one in station.account.arrived}) == 1


def test_a_key_says_what_is_sent_so_a_ledger_begun_anew_has_the_same(station: Station) -> None:
    station.write(WEEKLY)
    station.start()
    station.tick("2026-12-03 18:00")
    first = {one.address: one.key for one in station.group.arrived}
    with station.engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    station.clock.now = at("2026-12-03 17:00")
    station.restart()
    station.tick("2026-12-03 18:00")
    assert {one.address: one.key for one in station.group.arrived[2:]} == first
    assert len(set(first.values())) == 2 and all(len(key) <= 64 for key in first.values())


def test_resend_sends_what_did_not_arrive_and_nothing_else(station: Station) -> None:
    station.group.answers["GROUP_A"] = [Outcome("failed", "机器人地址不对", 93000)]
    station.app.answers["user:li"] = [Outcome("unknown", "连接断了")]
    station.write(WEEKLY.replace("to: 群", "to: [群, 社工]"))
    station.start()
    station.tick("2026-12-03 18:00")
    station.clock.now = at("2026-12-04 09:00")
    edition = station.board.current
    with station.engine.begin() as connection:
        assert resend(connection, edition, station.clock.now, "大扫除") == 1
    station.tick()
    assert station.states() == {"GROUP_A": "sent", "GROUP_B": "sent", "user:zhang": "sent", "user:li": "unknown"}
    with station.engine.begin() as connection:
        assert resend(connection, edition, station.clock.now, "大扫除", unknown=True, address="wecom_app:user:li") == 1
        assert resend(connection, edition, station.clock.now, "没有的") == 0
    station.tick()
    assert set(station.states().values()) == {"sent"}
    assert len(station.group.texts("GROUP_B")) == 1


def test_a_channel_that_is_not_set_up_fails_and_says_who_must_act(station: Station) -> None:
    station.write(WEEKLY.replace("to: 群", "to: [群, 社工]"))
    station.start()
    station.without("wecom_app")
    station.tick("2026-12-03 18:00")
    assert station.states()["user:li"] == "failed"
    assert (
        station.reasons()["user:li"] == "企业微信应用的账号没有设置好，发不出去；请管理员设好环境变量后用 resend 补发"
    )
    assert station.states()["GROUP_A"] == "sent"


def test_a_later_report_of_the_platform_corrects_the_ledger(station: Station) -> None:
    station.account.answers["tag:101"] = [Outcome("sent", "已受理", 0, receipt="34182")]
    station.write(WEEKLY.replace("to: 群", "to: 标签"))
    station.start()
    station.tick("2026-12-03 18:00")
    with station.engine.begin() as connection:
        assert (
            report(
                connection,
                "official_account",
                "34182",
                "failed",
                "群发被拒：涉嫌广告，请改内容",
                at("2026-12-03 18:30"),
            )
            == 1
        )
        assert report(connection, "official_account", "", "failed", "", 0) == 0
    assert station.states() == {"tag:101": "failed"}


def test_the_quiet_hours_hold_back_what_is_not_urgent(station: Station) -> None:
    late = WEEKLY.replace("18:00", "22:30") + ", until: 12小时"
    station.write(late, late.replace("大扫除", "停水", 1) + ", urgent: true")
    station.start()
    station.tick("2026-12-03 22:30")
    assert station.group.texts("GROUP_A") == ["今天22:30大扫除"]
    assert [one.reason for one in station.records() if one.notice == "大扫除"] == [
        "安静时段不打扰，2026-12-04（周五）08:00再发"
    ] * 2
    station.tick("2026-12-04 07:59")
    assert len(station.group.arrived) == 2
    station.tick("2026-12-04 08:00")
    assert len(station.group.arrived) == 4


def test_what_was_held_back_over_night_does_not_say_today_of_yesterday(station: Station) -> None:
    station.write(
        "notice: 大扫除, when: '2026-12-05 09:00', remind: [提前2天 22:30], until: 12小时, to: 群, text: '{哪天}大扫除'"
    )
    station.start()
    station.tick("2026-12-03 22:30")
    station.tick("2026-12-04 08:00")
    assert station.group.texts("GROUP_A") == ["明天大扫除"]


def test_what_cannot_wait_for_the_morning_is_missed_at_once_and_says_why(station: Station) -> None:
    station.write(WEEKLY.replace("18:00", "22:30"))
    station.start()
    station.tick("2026-12-03 22:30")
    assert station.states() == {"GROUP_A": "missed", "GROUP_B": "missed"}
    assert station.reasons()["GROUP_A"] == "安静时段不打扰，2026-12-04（周五）08:00再发；已过最晚发送时间"


def test_a_broadcast_that_reaches_the_quiet_hours_stops(station: Station) -> None:
    station.group.limit = (20, 60.0)
    station.write(
        *(
            WEEKLY.replace("大扫除", f"第{number}件事").replace("18:00", "20:59") + ", until: 13小时"
            for number in range(40)
        )
    )
    station.start()
    station.tick("2026-12-03 20:59")
    station.run("2026-12-03 21:02", 3)
    counted = len(station.group.texts("GROUP_A"))
    assert 18 <= counted <= 21
    station.tick("2026-12-04 07:59")
    assert len(station.group.texts("GROUP_A")) == counted
    station.run("2026-12-04 08:02", 3)
    assert len(station.group.texts("GROUP_A")) == 40


CAP = Quota(quota="每个群每天的通知", channel="wecom_group", count=2, period="天", urgent=True, source="我们定的")  # type: ignore[arg-type]


def test_a_group_gets_no_more_than_its_cap_a_day_unless_it_is_urgent(station: Station) -> None:
    station.quotas = (CAP,)
    many = [WEEKLY.replace("大扫除", f"第{number}件事") + ", until: 20小时" for number in range(4)]
    station.write(*many)
    station.start()
    station.tick("2026-12-03 18:00")
    station.tick("2026-12-03 18:01")
    assert len(station.group.texts("GROUP_A")) == 2
    held = {one.reason for one in station.records() if one.state == "planned"}
    assert held == {"每个群每天的通知已满 2 条，2026-12-04（周五）08:00再发"}
    station.write(*many, WEEKLY.replace("大扫除", "停水").replace("18:00", "18:30") + ", urgent: true")
    station.tick("2026-12-03 18:29")
    station.tick("2026-12-03 18:30")
    assert station.group.texts("GROUP_A")[-1] == "今天18:30停水"
    station.tick("2026-12-04 08:00")
    station.tick("2026-12-04 08:01")
    assert len(station.group.texts("GROUP_A")) == 5


def test_the_monthly_quota_of_the_platform_holds_for_urgent_notices_too(station: Station) -> None:
    station.quotas = (
        Quota(quota="公众号每月群发", channel="official_account", lane="mass", count=4, period="月", source="平台"),  # type: ignore[arg-type]
    )
    station.account.lane_of = lambda address: f"mass:{address}"
    station.write("notice: 简报, when: 每周四 18:00, holiday: 照发, to: 标签, urgent: true, text: 简报")
    station.start()
    for day in ("12-03", "12-10", "12-17", "12-24", "12-31"):
        station.tick(f"2026-{day} 18:00")
    station.tick("2027-01-07 18:00")
    days = [one.at.strftime("%m-%d") for one in station.records() if one.state == "sent"]
    assert days == ["12-03", "12-10", "12-17", "12-24", "01-07"]
    missed = [one.reason for one in station.records() if one.state == "missed"]
    assert missed == ["公众号每月群发已满 4 条，2027-01-01（周五）08:00再发；已过最晚发送时间"]
