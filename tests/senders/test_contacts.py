"""From a callback to a notice: whoever wrote or tapped may be written to, for as long as the platform allows."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.build import Parts
from bot.pretend import PretendApi
from tests.conftest import Clock
from tests.senders.conftest import Office, parcel
from tests.wechat import OfficialAccount, event_xml


@pytest.fixture
def account(parts: Parts) -> OfficialAccount:
    return OfficialAccount(parts.app)


@pytest.fixture
def office(parts: Parts, tmp_path: Path, api: PretendApi, clock: Clock) -> Office:
    return Office(f"sqlite:///{tmp_path / 'bot.sqlite3'}", api.base, clock)


def sent(office: Office, count: int) -> int:
    """How many of so many notices reach the person."""
    return sum(office.send("official_account", parcel("openid:openid-1"))[0].state == "sent" for _ in range(count))


def test_a_stranger_gets_nothing(office: Office, account: OfficialAccount) -> None:
    account.say("楼道里堆满东西怎么办", person="somebody else")
    assert sent(office, 1) == 0


def test_who_wrote_gets_five(office: Office, account: OfficialAccount) -> None:
    account.say("楼道里堆满东西怎么办")
    assert sent(office, 6) == 5


@pytest.mark.parametrize(("event", "count"), [("subscribe", 3), ("SCAN", 3), ("CLICK", 3), ("VIEW", 0)])
def test_who_tapped_gets_three(office: Office, account: OfficialAccount, event: str, count: int) -> None:
    account.post(event_xml(event, EventKey="帮助"))
    assert sent(office, 4) == count


def test_who_asked_to_be_forgotten_or_left_gets_nothing(office: Office, account: OfficialAccount) -> None:
    account.say("楼道里堆满东西怎么办")
    account.say("删除我的记录")
    assert sent(office, 1) == 0
    account.say("楼道里堆满东西怎么办")
    account.post(event_xml("unsubscribe"))
    assert sent(office, 1) == 0


def test_a_repeated_callback_renews_no_credits(office: Office, account: OfficialAccount) -> None:
    account.say("你好", MsgId="7000000000000001")
    assert sent(office, 5) == 5
    account.say("你好", MsgId="7000000000000001")
    assert sent(office, 1) == 0
