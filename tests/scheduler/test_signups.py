"""Signing up: seats, the waiting list, and who hears of changes."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest

from scheduler.notices import next_event
from scheduler.records import cancel, csv_lines, orphans, participants
from scheduler.signups import SignedUp, cancel_sign_up, forget, seats_of, sign_up
from tests.scheduler.station import ZONE, Station, at

HAIRCUT = (
    "notice: 理发, when: '2026-12-12 09:00', remind: [提前1天 18:00], to: 群, place: 活动室, text: '{哪天}理发', "
    "signup: {capacity: 2, closes: 提前1天 17:00}"
)


@pytest.fixture
def open_list(station: Station) -> Station:
    station.write(HAIRCUT, "notice: 集市, when: 每周六 09:00, holiday: 照发, to: 群, text: 集市")
    station.start()
    return station


def join(
    station: Station, person: str, notice: str = "理发", channel: str = "official_account", **more: object
) -> SignedUp:
    entry = station.board.current.notices[notice]
    coming = next_event(entry, datetime.fromtimestamp(station.clock.now, ZONE), ZONE)
    assert coming
    with station.engine.begin() as connection:
        return sign_up(connection, entry, coming.slot, channel, person, f"hash-{person}", station.clock.now, **more)  # type: ignore[arg-type]


def leave(station: Station, person: str) -> int:
    with station.engine.begin() as connection:
        return len(
            cancel_sign_up(connection, station.board.current, "official_account", f"hash-{person}", station.clock.now)
        )


def test_seats_are_given_in_order_and_then_people_wait(open_list: Station) -> None:
    answers = [
        (one.answer, one.position, one.left) for one in (join(open_list, name) for name in ("ann", "bob", "cyd", "dan"))
    ]
    assert answers == [("in", 0, 1), ("in", 0, 0), ("waiting", 1, 0), ("waiting", 2, 0)]


def test_who_signs_up_twice_has_one_seat(open_list: Station) -> None:
    join(open_list, "ann")
    assert join(open_list, "ann").answer == "already"
    join(open_list, "bob")
    join(open_list, "cyd")
    again = join(open_list, "cyd")
    assert (again.answer, again.position) == ("already_waiting", 1)


def test_somebody_can_bring_another_person(open_list: Station) -> None:
    join(open_list, "ann")
    more = join(open_list, "ann", one_more=True)
    assert (more.answer, more.seats, more.left) == ("in", 2, 0)
    assert join(open_list, "bob").answer == "waiting"


def test_it_closes_in_time(open_list: Station) -> None:
    open_list.clock.now = at("2026-12-11 17:00")
    late = join(open_list, "ann")
    assert late.answer == "closed"
    assert late.closes == datetime(2026, 12, 11, 17, tzinfo=ZONE)


def test_a_notice_without_sign_up_says_so(open_list: Station) -> None:
    assert join(open_list, "ann", notice="集市").answer == "no_signup"


def test_the_one_who_waited_longest_moves_up_and_is_told(open_list: Station) -> None:
    for name in ("ann", "bob", "cyd", "dan"):
        join(open_list, name)
    assert leave(open_list, "ann") == 1
    open_list.tick()
    assert open_list.account.texts("openid:cyd") == [
        "【有名额了】您候补的“理发”轮到您了：12月12日（周六）09:00，地点活动室。来不了请回复“取消报名”，好让给后面的人。"
    ]
    assert open_list.account.texts("openid:dan") == []
    with open_list.engine.connect() as connection:
        assert [seat.waiting for seat in seats_of(connection, "official_account", "hash-cyd", open_list.clock.now)] == [
            False
        ]


def test_signed_up_people_get_the_reminder_and_those_who_wait_do_not(open_list: Station) -> None:
    for name in ("ann", "bob", "cyd"):
        join(open_list, name)
    join(open_list, "zhao", channel="wecom_aibot")
    open_list.tick("2026-12-11 18:00")
    assert open_list.account.texts("openid:ann") == open_list.account.texts("openid:bob") == ["明天理发"]
    assert open_list.account.texts("openid:cyd") == []
    assert open_list.group.texts("GROUP_A") == ["明天理发"]


def test_a_member_who_signed_up_in_a_group_is_reached_through_the_app(open_list: Station) -> None:
    join(open_list, "zhao", channel="wecom_aibot")
    open_list.tick("2026-12-11 18:00")
    assert open_list.app.texts("user:zhao") == ["明天理发"]


def test_signed_up_people_are_told_of_the_cancellation_also_those_who_wait(open_list: Station) -> None:
    for name in ("ann", "bob", "cyd"):
        join(open_list, name)
    with open_list.engine.begin() as connection:
        told = cancel(
            connection, open_list.board.current, open_list.clock.now, "理发", int(at("2026-12-12 09:00")), "师傅有事"
        )
    assert told == 3
    open_list.tick()
    for name in ("ann", "bob", "cyd"):
        assert [text[:6] for text in open_list.account.texts(f"openid:{name}")] == ["【取消通知】"]
    assert join(open_list, "eve").answer == "cancelled"
    assert leave(open_list, "ann") == 1
    open_list.tick()
    assert len(open_list.account.texts("openid:cyd")) == 1


def test_the_last_seat_goes_to_one_of_many_who_come_at_once(open_list: Station) -> None:
    answers: list[str] = []
    people = [
        threading.Thread(target=lambda n=number: answers.append(join(open_list, f"p{n}").answer)) for number in range(8)
    ]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert sorted(answers) == ["in"] * 2 + ["waiting"] * 6


def test_forgetting_somebody_leaves_no_trace_and_gives_the_seat_back(open_list: Station) -> None:
    for name in ("ann", "bob", "cyd"):
        join(open_list, name)
    open_list.tick("2026-12-11 16:00")
    with open_list.engine.begin() as connection:
        assert (
            forget(connection, open_list.board.current, "official_account", "ann", "hash-ann", open_list.clock.now) == 1
        )
    open_list.tick("2026-12-11 18:00")
    assert open_list.account.texts("openid:ann") == []
    assert open_list.account.texts("openid:cyd")[-1] == "明天理发"
    assert "ann" not in str([one.address for one in open_list.records() if "forgotten" not in one.address])


def test_the_list_of_participants_is_for_excel_and_runs_no_formula(open_list: Station) -> None:
    join(open_list, "ann", name="=1+1")
    join(open_list, "bob", name="王阿姨")
    join(open_list, "cyd")
    with open_list.engine.connect() as connection:
        lines = csv_lines(participants(connection, ZONE, "理发"))
    assert lines[0] == ("活动时间", "活动", "状态", "称呼", "渠道", "账号", "报名时间")
    assert [(line[2], line[3], line[5]) for line in lines[1:]] == [
        ("已报上", "'=1+1", "ann"), ("已报上", "王阿姨", "bob"), ("候补", "", "cyd"),
    ]  # fmt: skip


def test_an_event_that_an_edit_took_away_is_shown_with_those_who_signed_up(open_list: Station) -> None:
    join(open_list, "ann")
    open_list.write(HAIRCUT.replace("2026-12-12", "2026-12-13"))
    open_list.tick()
    with open_list.engine.connect() as connection:
        assert orphans(connection, open_list.board.current, open_list.clock.now) == [
            ("理发", int(at("2026-12-12 09:00")), 1)
        ]
