"""The WeCom app: a thousand people a call, and an outcome for each of them."""

from __future__ import annotations

from bot.pretend import PretendApi
from scheduler.sender import Parcel
from tests.conftest import Clock
from tests.senders.conftest import Office, parcel
from tests.senders.test_codes import midnight


def people(count: int) -> list[Parcel]:
    return [parcel(f"user:Member{number}") for number in range(count)]


def test_a_thousand_members_go_into_one_call(office: Office, api: PretendApi) -> None:
    outcomes = office.send("wecom_app", *people(1000))
    assert {outcome.state for outcome in outcomes} == {"sent"}
    assert len(api.calls("message/send")) == 1
    assert [arrived.address for arrived in api.arrived] == [f"user:Member{number}" for number in range(1000)]


def test_members_departments_and_tags_share_a_call(office: Office, api: PretendApi) -> None:
    office.send("wecom_app", parcel("user:Zhang"), parcel("party:12"), parcel("user:Li"), parcel("tag:3"))
    (call,) = api.calls("message/send")
    assert (call.body["touser"], call.body["toparty"], call.body["totag"]) == ("Zhang|Li", "12", "3")
    assert call.body["agentid"] == 1000002
    assert call.body["enable_duplicate_check"] == 1


def test_more_than_a_hundred_departments_go_into_several_calls(office: Office, api: PretendApi) -> None:
    outcomes = office.send("wecom_app", *(parcel(f"party:{number}") for number in range(1, 251)))
    assert {outcome.state for outcome in outcomes} == {"sent"}
    assert [len(call.body["toparty"].split("|")) for call in api.calls("message/send")] == [100, 100, 50]


def test_everybody_is_a_call_of_its_own(office: Office, api: PretendApi) -> None:
    outcomes = office.send("wecom_app", parcel("party:1"), parcel("all"), parcel("party:2"))
    assert [outcome.state for outcome in outcomes] == ["sent"] * 3
    assert [call.body.get("touser", call.body.get("toparty")) for call in api.calls("message/send")] == ["@all", "1|2"]


def test_those_the_platform_names_failed_and_nobody_else(office: Office, api: PretendApi) -> None:
    api.world.strangers, api.world.unlicensed = {"Member1"}, {"Member3"}
    outcomes = office.send("wecom_app", *people(5))
    assert [outcome.state for outcome in outcomes] == ["sent", "failed", "sent", "failed", "sent"]
    assert "可见范围" in outcomes[1].reason
    assert "许可" in outcomes[3].reason
    assert [arrived.address for arrived in api.arrived] == ["user:Member0", "user:Member2", "user:Member4"]


def test_half_a_batch_can_fail(office: Office, api: PretendApi) -> None:
    api.halve()
    outcomes = office.send("wecom_app", *people(10))
    assert [outcome.state for outcome in outcomes] == ["sent"] * 5 + ["failed"] * 5


def test_invalid_departments_and_tags_are_read_back(office: Office, api: PretendApi) -> None:
    api.answer_raw(
        200, b'{"errcode":0,"errmsg":"ok","invalidparty":"12","invalidtag":"3","msgid":"m1"}', "message/send"
    )
    outcomes = office.send("wecom_app", parcel("party:12"), parcel("party:3"), parcel("tag:12"), parcel("tag:3"))
    assert [outcome.state for outcome in outcomes] == ["failed", "sent", "sent", "failed"]
    assert outcomes[1].receipt == "m1"


def test_one_dead_member_in_a_thousand_stops_nobody(office: Office, api: PretendApi) -> None:
    api.answer(60111, "message/send", address="Member617", times=None)
    outcomes = office.send("wecom_app", *people(1000))
    assert [number for number, outcome in enumerate(outcomes) if outcome.state != "sent"] == [617]
    assert outcomes[617].code == 60111
    assert len(api.arrived) == 999
    assert len(api.calls("message/send")) < 25


def test_an_address_that_would_reach_others_is_refused(office: Office, api: PretendApi) -> None:
    outcomes = office.send("wecom_app", *map(parcel, ("user:a|b", "user:", "party:x", "nobody", "user:Li")))
    assert [outcome.state for outcome in outcomes] == ["failed"] * 4 + ["sent"]
    assert [arrived.address for arrived in api.arrived] == ["user:Li"]


def test_a_limit_holds_the_rest_back_and_loses_nobody(office: Office, api: PretendApi) -> None:
    api.limit(1, "message/send", times=1)
    outcomes = office.send("wecom_app", *(parcel(f"party:{number}") for number in range(1, 301)))
    assert [outcome.state for outcome in outcomes] == ["sent"] * 100 + ["wait"] * 200
    assert len(api.calls("message/send")) == 2


def test_a_limit_that_lasts_makes_the_pauses_longer(office: Office, api: PretendApi, clock: Clock) -> None:
    api.answer(45009, "message/send", times=None)
    pauses = office.send_while_limited("wecom_app", parcel("user:Li"), times=3)
    assert [until - at for at, until in pauses[:2]] == [60, 3600]
    assert pauses[2][1] == midnight(pauses[2][0])


def test_a_repeated_notice_is_shown_once(office: Office, api: PretendApi) -> None:
    api.cut("after", "message/send")
    assert office.send("wecom_app", parcel("user:Li"))[0].state == "unknown"
    assert office.send("wecom_app", parcel("user:Li"))[0].state == "sent"
    assert len(api.arrived) == 1
