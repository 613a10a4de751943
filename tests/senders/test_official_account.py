"""The official account: windows and credits, subscription notices, mass sends, and what is reported later."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, fromstring

import pytest

from bot.pretend import PretendApi
from bot.senders.reports import Report, read_reports
from tests.conftest import Clock
from tests.senders.conftest import TEMPLATE, Office, parcel
from tests.wechat import event_xml

CUSTOM, NOTICE, MASS = "message/custom/send", "message/subscribe/bizsend", "message/mass/sendall"
LI = parcel("openid:o-li")


def states(office: Office, count: int) -> list[tuple[str, int | None]]:
    outcomes = [office.send("official_account", LI)[0] for _ in range(count)]
    return [(outcome.state, outcome.code) for outcome in outcomes]


def test_a_message_opens_the_window_for_five(office: Office, api: PretendApi) -> None:
    office.meet("o-li")
    api.world.accepts.clear()
    assert states(office, 6) == [("sent", 0)] * 5 + [("failed", 43101)]
    assert len(api.calls(CUSTOM)) == 5


def test_a_tap_opens_the_window_for_three_and_a_minute(office: Office, api: PretendApi, clock: Clock) -> None:
    office.meet("o-li", event="click")
    assert [state for state, _ in states(office, 4)] == ["sent"] * 3 + ["failed"]
    office.meet("o-li", event="scan")
    clock.move(60)
    assert states(office, 1)[0][0] == "failed"
    assert len(api.calls(CUSTOM)) == 3


def test_the_short_window_is_used_before_the_long_one(office: Office, clock: Clock) -> None:
    office.meet("o-li")
    office.meet("o-li", event="subscribe")
    assert [state for state, _ in states(office, 3)] == ["sent"] * 3
    clock.move(61)
    assert [state for state, _ in states(office, 6)] == ["sent"] * 5 + ["failed"]


def test_a_new_message_renews_the_credits(office: Office, clock: Clock) -> None:
    office.meet("o-li")
    states(office, 5)
    clock.move(10)
    office.meet("o-li", kind="voice")
    assert states(office, 1) == [("sent", 0)]


@pytest.mark.parametrize("event", ["view", "unsubscribe", "position"])
def test_other_events_open_nothing(office: Office, api: PretendApi, event: str) -> None:
    office.meet("o-li", kind="event", event=event)
    assert states(office, 1)[0][0] == "failed"
    assert not api.calls(CUSTOM)


def test_who_leaves_is_forgotten(office: Office, api: PretendApi) -> None:
    office.meet("o-li")
    office.meet("o-li", kind="event", event="unsubscribe")
    assert states(office, 1)[0][0] == "failed"
    assert not api.calls(CUSTOM)


def test_the_window_closes_after_48_hours_and_the_sentence_says_so(
    office: Office, api: PretendApi, clock: Clock
) -> None:
    plain = Office(office.settings.database_url, api.base, clock, WECHAT_TEMPLATE_ID="")
    plain.meet("o-li")
    clock.move(48 * 3600)
    (outcome,) = plain.send("official_account", LI)
    assert (outcome.state, outcome.code) == ("failed", 45015)
    plain.meet("o-li")
    for _ in range(5):
        plain.send("official_account", LI)
    (outcome,) = plain.send("official_account", LI)
    assert (outcome.state, outcome.code) == ("failed", 45047)
    assert len(api.calls(CUSTOM)) == 5


def test_a_closed_window_gives_way_to_a_subscription_notice(office: Office, api: PretendApi) -> None:
    api.world.accepts["o-li", TEMPLATE] = 1
    (outcome,) = office.send(
        "official_account", parcel("openid:o-li", "明天上午九点在喆园大扫除，请大家带上工具。", title="清洁日")
    )
    assert outcome.state == "sent"
    assert outcome.receipt
    assert api.calls(NOTICE)[0].body["data"] == {
        "thing1": {"value": "清洁日"},
        "thing2": {"value": "明天上午九点在喆园大扫除，请大家带上工…"},
    }
    assert states(office, 1) == [("failed", 43101)]


def test_the_platform_knows_better_that_the_window_is_closed(office: Office, api: PretendApi) -> None:
    office.meet("o-li")
    api.world.credits["o-li"] = 0
    states(office, 3)
    assert len(api.calls(CUSTOM)) == 1


@pytest.mark.parametrize(("code", "left"), [(-1, 5), (45002, 5), (45009, 5)])
def test_a_message_that_did_not_go_out_costs_no_credit(office: Office, api: PretendApi, code: int, left: int) -> None:
    office.meet("o-li")
    api.answer(code, CUSTOM)
    states(office, 1)
    assert [state for state, _ in states(office, 6)] == ["sent"] * left + ["failed"]


def test_a_message_that_may_have_gone_out_costs_one(office: Office, api: PretendApi) -> None:
    office.meet("o-li")
    api.cut("before", CUSTOM)
    assert [state for state, _ in states(office, 6)] == ["unknown"] + ["sent"] * 4 + ["failed"]


def test_a_mass_send_goes_to_a_tag_or_to_all_under_its_key(office: Office, api: PretendApi) -> None:
    office.send("official_account", parcel("tag:101", key="k1"), parcel("all", key="k2"))
    first, second = api.calls(MASS)
    assert first.body["filter"] == {"is_to_all": False, "tag_id": 101}
    assert second.body["filter"] == {"is_to_all": True}
    assert [call.body["clientmsgid"] for call in (first, second)] == ["k1", "k2"]


def test_a_mass_send_that_was_lost_is_sent_once_when_it_is_repeated(office: Office, api: PretendApi) -> None:
    api.cut("after", MASS)
    (lost,) = office.send("official_account", parcel("tag:101"))
    (found,) = office.send("official_account", parcel("tag:101"))
    assert (lost.state, found.state, found.code) == ("unknown", "sent", 45065)
    assert found.receipt == api.arrived[0].receipt
    assert len(api.arrived) == 1


def test_a_tag_must_be_a_number(office: Office, api: PretendApi) -> None:
    (outcome,) = office.send("official_account", parcel("tag:居民"))
    assert outcome.state == "failed"
    assert "编号" in outcome.reason
    assert not api.requests


def event(name: str, **elements: str) -> Element:
    return fromstring(event_xml(name, **elements))


def mass(status: str, sent: int = 75, failed: int = 5, receipt: str = "1000001625") -> Element:
    counts = {"TotalCount": "100", "FilterCount": str(sent + failed), "SentCount": str(sent), "ErrorCount": str(failed)}
    return event("MASSSENDJOBFINISH", MsgID=receipt, Status=status, **counts)


def notice(status: str) -> Element:
    return event("TEMPLATESENDJOBFINISH", MsgID="200163836", Status=status)


def subscribed(*results: tuple[str, str, str]) -> Element:
    found = event("subscribe_msg_sent_event")
    reports = SubElement(found, "SubscribeMsgSentEvent")
    for result in results:
        report = SubElement(reports, "List")
        for name, text in zip(("MsgID", "ErrorCode", "ErrorStatus"), result, strict=True):
            SubElement(report, name).text = text
    return found


@pytest.mark.parametrize(
    ("event", "state", "words"),
    [
        (mass("send success"), "sent", "应发 100 人，送达 75 人，失败 5 人"),
        (mass("sendsuccess", 0), "failed", "没有说明"),
        (mass("send success", 0, 80), "failed", "一个人也没有"),
        (mass("send fail"), "failed", "send fail"),
        (mass("err(10001)"), "failed", "广告"),
        (mass("err(20013)"), "failed", "侵权"),
        (mass("err(30002)"), "failed", "原创"),
        (mass("err(20431)"), "failed", "err(20431)"),
        (notice("success"), "sent", "送达"),
        (notice("failed:user block"), "failed", "拒收"),
        (notice("failed: system failed"), "failed", "平台内部"),
        (notice("failed:system failed"), "failed", "平台内部"),
        (notice("failed:freq limit"), "failed", "太多"),
        (notice("failed: something new"), "failed", "something new"),
        (subscribed(("1", "0", "success")), "sent", "送达"),
        (subscribed(("1", "43101", "user refuse")), "failed", "user refuse"),
    ],
)
def test_a_later_report_becomes_a_state_and_a_sentence(event: Element, state: str, words: str) -> None:
    (report,) = read_reports(event)
    assert report.state == state
    assert words in report.reason
    assert report.receipt


def test_an_event_may_hold_several_reports() -> None:
    reports = read_reports(subscribed(("1", "0", "success"), ("2", "43101", "user refuse")))
    assert [(report.receipt, report.state) for report in reports] == [("1", "sent"), ("2", "failed")]


@pytest.mark.parametrize("event", [Element("xml"), event(""), event("CLICK"), event("subscribe_msg_sent_event")])
def test_other_events_report_nothing(event: Element) -> None:
    assert read_reports(event) == []


def test_a_report_is_about_the_receipt_that_the_outcome_carried(office: Office, api: PretendApi) -> None:
    (outcome,) = office.send("official_account", parcel("tag:101"))
    (report,) = read_reports(mass("send success", receipt=api.arrived[0].receipt))
    assert isinstance(report, Report)
    assert report.receipt == outcome.receipt
