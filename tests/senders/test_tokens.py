"""Tokens: one process fetches, all use it, and a refused one is replaced once."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator

import pytest

from bot.pretend import PretendApi
from bot.store.engine import migrate, open_database
from bot.store.tokens import LEASE, TokenStore
from scheduler.sender import Outcome
from tests.conftest import Clock
from tests.senders.conftest import SECRETS, Office, parcel
from tests.wechat import APP_ID

FETCH = {"official_account": "stable_token", "wecom_app": "gettoken"}
ADDRESS = {"official_account": "tag:101", "wecom_app": "user:zhang"}
SEND = {"official_account": "message/mass/sendall", "wecom_app": "message/send"}


@pytest.fixture(params=list(FETCH))
def channel(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def send(office: Office, channel: str, key: str) -> Outcome:
    (outcome,) = office.send(channel, parcel(ADDRESS[channel], f"第 {key} 个通知", key=key))
    return outcome


def test_a_token_is_fetched_once_and_kept_in_the_store(office: Office, api: PretendApi, channel: str) -> None:
    assert [send(office, channel, f"k{number}").state for number in range(3)] == ["sent"] * 3
    assert len(api.calls(FETCH[channel])) == 1


def test_a_stable_token_is_never_forced(office: Office, api: PretendApi) -> None:
    send(office, "official_account", "k")
    (call,) = api.calls("stable_token")
    assert call.body == {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRETS["account"]}


def test_a_token_is_replaced_when_less_than_five_minutes_remain(
    office: Office, api: PretendApi, clock: Clock, channel: str
) -> None:
    send(office, channel, "k1")
    clock.move(7200 - 301)
    send(office, channel, "k2")
    assert len(api.calls(FETCH[channel])) == 1
    clock.move(2)
    assert send(office, channel, "k3").state == "sent"
    assert len(api.calls(FETCH[channel])) == 2


def test_an_ending_token_is_used_on_while_no_new_one_can_be_fetched(
    office: Office, api: PretendApi, clock: Clock, channel: str
) -> None:
    send(office, channel, "k1")
    clock.move(7200 - 100)
    api.answer(-1, FETCH[channel], times=None)
    assert send(office, channel, "k2").state == "sent"


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_a_stale_token_is_replaced_and_the_message_sent_once(
    office: Office, api: PretendApi, channel: str, code: int
) -> None:
    send(office, channel, "k1")
    api.expire_tokens(code)
    if (channel, code) == ("wecom_app", 40001):
        # There it means a wrong secret, which no new token mends.
        assert "WECOM_SECRET" in send(office, channel, "k2").reason
        return
    assert send(office, channel, "k2").state == "sent"
    assert len(api.calls(FETCH[channel])) == 2
    assert len(api.arrived) == 2


def test_a_token_refused_for_ever_is_not_fetched_for_ever(office: Office, api: PretendApi, channel: str) -> None:
    api.answer(40014, SEND[channel], times=None)
    outcomes = [send(office, channel, f"k{number}") for number in range(20)]
    assert {(outcome.state, outcome.code) for outcome in outcomes} == {("failed", 40014)}
    assert len(api.calls(FETCH[channel])) <= 6
    assert len(api.calls(SEND[channel])) <= 40


def test_refused_tokens_are_fetched_again_after_a_while(
    office: Office, api: PretendApi, clock: Clock, channel: str
) -> None:
    api.answer(40014, SEND[channel], times=40)
    while send(office, channel, "k").state == "failed":
        clock.move(20)
    assert len(api.arrived) == 1


def test_a_token_that_another_process_replaced_is_taken_from_the_store(
    office: Office, api: PretendApi, channel: str
) -> None:
    send(office, channel, "k1")
    api.expire_tokens()
    send(office, channel, "k2")
    assert send(office, channel, "k3").state == "sent"
    assert len(api.calls(FETCH[channel])) == 2


def test_a_message_is_tried_again_when_its_token_cannot_be_fetched(
    office: Office, api: PretendApi, channel: str
) -> None:
    api.cut("after", FETCH[channel])
    if channel == "wecom_app":
        # aiohttp repeats a GET on a connection that broke, so break that one too.
        api.cut("after", FETCH[channel])
    assert send(office, channel, "k").state == "retry"
    assert not api.calls(SEND[channel])
    assert send(office, channel, "k").state == "sent"


def test_a_dead_process_holds_the_lease_for_a_while_only(office: Office, clock: Clock) -> None:
    store = TokenStore(office.engine)
    assert store.claim("account", "", clock.now)
    assert not store.claim("account", "", clock.now + LEASE - 1)
    assert store.claim("account", "", clock.now + LEASE)


def test_a_lease_from_a_wrong_clock_is_void(office: Office, clock: Clock) -> None:
    store = TokenStore(office.engine)
    assert store.claim("account", "", clock.now + 86400)
    assert store.claim("account", "", clock.now)


@pytest.fixture
def database(database_url: str) -> Iterator[str]:
    engine = open_database(database_url.replace("postgresql://", "postgresql+psycopg://"))
    migrate(engine)
    yield database_url
    engine.dispose()


def _send_in_a_process(url: str, base: str, key: str) -> str:
    return send(Office(url, base, Clock()), "official_account", key).state


@pytest.mark.parametrize("stored", [False, True], ids=["no token", "a refused token"])
def test_processes_that_need_a_token_together_fetch_it_once(database: str, api: PretendApi, stored: bool) -> None:
    if stored:
        send(Office(database, api.base, Clock()), "official_account", "k")
        api.expire_tokens()
        api.requests.clear()
        api.arrived.clear()
    api.delay(0.3, "stable_token")
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        jobs = [(database, api.base, f"k{number}") for number in range(4)]
        assert pool.starmap(_send_in_a_process, jobs, chunksize=1) == ["sent"] * 4
    assert len(api.calls("stable_token")) == 1
    assert len(api.arrived) == 4
