"""Group robots: keys, mentions, the limit a minute."""

from __future__ import annotations

import pytest

from bot.pretend import PretendApi
from tests.conftest import Clock
from tests.senders.conftest import SECRETS, Office, parcel

KEY = SECRETS["robot"]


@pytest.mark.parametrize(
    "written",
    [
        KEY,
        f"  {KEY}\n",
        f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}",
        f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?debug=1&key={KEY} ",
    ],
    ids=["key", "key with blanks", "whole URL", "URL with more"],
)
def test_it_takes_a_key_or_a_whole_url(office: Office, api: PretendApi, written: str) -> None:
    office.robots["GROUP_A"] = written
    (outcome,) = office.send("wecom_group", parcel("GROUP_A"))
    assert outcome.state == "sent"
    assert api.arrived[0].address == KEY


@pytest.mark.parametrize("written", ["", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"])
def test_it_fails_without_a_key_and_calls_nobody(office: Office, api: PretendApi, written: str) -> None:
    office.robots["GROUP_A"] = written
    (outcome,) = office.send("wecom_group", parcel("GROUP_A"))
    assert outcome.state == "failed"
    assert "Webhook" in outcome.reason
    assert not api.requests


def test_a_text_calls_members_by_account_and_by_phone(office: Office, api: PretendApi) -> None:
    office.send("wecom_group", parcel("GROUP_A", mentions=("zhang", "@all", "13900001111")))
    assert api.requests[0].body["text"]["mentioned_list"] == ["zhang", "@all"]
    assert api.requests[0].body["text"]["mentioned_mobile_list"] == ["13900001111"]


def test_markdown_calls_members_in_its_text(office: Office, api: PretendApi) -> None:
    office.send("wecom_group", parcel("GROUP_A", "**大扫除**", markdown=True, mentions=("zhang", "@all")))
    assert api.requests[0].body == {"msgtype": "markdown", "markdown": {"content": "**大扫除**\n<@zhang><@all>"}}


def test_markdown_that_would_call_a_phone_fails_instead_of_calling_nobody(office: Office, api: PretendApi) -> None:
    (outcome,) = office.send("wecom_group", parcel("GROUP_A", markdown=True, mentions=("13900001111",)))
    assert outcome.state == "failed"
    assert "手机号" in outcome.reason
    assert not api.requests


def test_only_the_last_part_calls_people(office: Office, api: PretendApi) -> None:
    office.send("wecom_group", parcel("GROUP_A", "请带工具。" * 300, mentions=("zhang",)))
    assert [arrived.mentions for arrived in api.arrived] == [(), (), ("zhang",)]


def test_the_twenty_first_message_of_a_minute_waits(office: Office, api: PretendApi, clock: Clock) -> None:
    outcomes = [office.send("wecom_group", parcel("GROUP_A", key=f"k{number}"))[0] for number in range(21)]
    assert [outcome.state for outcome in outcomes] == ["sent"] * 20 + ["wait"]
    clock.move(outcomes[-1].until - clock.now)
    assert office.send("wecom_group", parcel("GROUP_A"))[0].state == "sent"
