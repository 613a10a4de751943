"""What every sender keeps, shown through real HTTP to the pretend API."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from dataclasses import dataclass

import pytest

from bot.pretend import PretendApi
from bot.senders import build_senders
from scheduler.sender import Outcome, Sender
from tests.conftest import Clock
from tests.senders.conftest import SECRETS, TEMPLATE, Office, parcel


@dataclass(frozen=True)
class Way:
    """One way a notice can take."""

    name: str
    channel: str
    address: str
    path: str
    kind: str = "text"
    arrives_at: str = ""

    @property
    def secret(self) -> str:
        return {"wecom_group": "robot", "wecom_app": "app", "official_account": "account"}[self.channel]


WAYS = (
    Way("group robot", "wecom_group", "GROUP_A", "webhook/send", arrives_at=SECRETS["robot"]),
    Way("app to a member", "wecom_app", "user:ZhangSan", "message/send"),
    Way("app to a department", "wecom_app", "party:12", "message/send"),
    Way("customer-service message", "official_account", "openid:o-met", "message/custom/send"),
    Way("subscription notice", "official_account", "openid:o-subscribed", "message/subscribe/bizsend", "notice"),
    Way("mass send", "official_account", "tag:101", "message/mass/sendall", "mass"),
)


@pytest.fixture(params=WAYS, ids=lambda way: way.name)
def way(request: pytest.FixtureRequest, office: Office, api: PretendApi) -> Way:
    office.meet("o-met")
    api.world.accepts["o-subscribed", TEMPLATE] = 5
    found: Way = request.param
    return found


def send(office: Office, way: Way) -> Outcome:
    (outcome,) = office.send(way.channel, parcel(way.address))
    return outcome


def test_it_is_sent_when_the_platform_says_errcode_0(office: Office, api: PretendApi, way: Way) -> None:
    outcome = send(office, way)
    assert (outcome.state, outcome.code) == ("sent", 0)
    (arrived,) = api.arrived
    assert (arrived.channel, arrived.address) == (way.channel, way.arrives_at or way.address)
    assert arrived.text.startswith("明天上午九点")
    assert arrived.kind == way.kind


def test_it_fails_for_good_with_a_code_nobody_knows(office: Office, api: PretendApi, way: Way) -> None:
    api.answer(12345, way.path)
    outcome = send(office, way)
    assert (outcome.state, outcome.code) == ("failed", 12345)
    assert "12345" in outcome.reason
    assert not api.arrived
    assert len(api.calls(way.path)) == 1


def test_it_is_tried_again_when_the_platform_is_busy(office: Office, api: PretendApi, way: Way) -> None:
    api.answer(-1, way.path)
    assert send(office, way).state == "retry"
    assert send(office, way).state == "sent"
    assert len(api.arrived) == 1


@pytest.mark.parametrize(("when", "arrived"), [("before", 0), ("after", 1)])
def test_it_is_unknown_when_the_connection_breaks(
    office: Office, api: PretendApi, way: Way, when: str, arrived: int
) -> None:
    api.cut(when, way.path)  # type: ignore[arg-type]
    outcome = send(office, way)
    assert (outcome.state, outcome.code) == ("unknown", None)
    assert len(api.arrived) == arrived


def test_it_is_unknown_when_the_answer_does_not_come(
    office: Office, api: PretendApi, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(office, way)
    api.arrived.clear()
    monkeypatch.setattr("bot.senders.api._WHOLE", 0.05)
    api.delay(0.5, way.path)
    (outcome,) = office.send(way.channel, parcel(way.address, key="another"))
    assert outcome.state == "unknown"


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (200, b"<html>login</html>", "unknown"),
        (200, b'{"errmsg": "ok"}', "unknown"),
        (200, b'{"errcode": null}', "unknown"),
        (200, b'{"errcode": "zero"}', "unknown"),
        (200, b"[]", "unknown"),
        (200, b"", "unknown"),
        (502, b'{"errcode": 0}', "unknown"),
        (404, b'{"errcode": 0}', "failed"),
        (302, b"", "failed"),
        (429, b"", "retry"),
    ],
)
def test_it_is_not_sent_by_an_answer_without_errcode_0(
    office: Office, api: PretendApi, way: Way, status: int, body: bytes, state: str
) -> None:
    api.answer_raw(status, body, way.path)
    assert send(office, way).state == state


@pytest.mark.parametrize("base", ["refused", "http://nowhere.invalid"])
def test_it_is_tried_again_when_nothing_went_out(office: Office, way: Way, clock: Clock, base: str) -> None:
    away = Office(office.settings.database_url, closed_port() if base == "refused" else base, clock)
    outcome = send(away, way)
    assert (outcome.state, outcome.code) == ("retry", None)
    assert "没有发出" in outcome.reason


def test_a_failing_send_shows_no_secret(
    office: Office, api: PretendApi, way: Way, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seen = [send(office, way)]
    token = next((request.query["access_token"] for request in api.requests if "access_token" in request.query), "")
    secrets = [SECRETS[way.secret], *([token] if token else [])]
    echo = json.dumps({"errcode": 12345, "errmsg": f"bad {' '.join(secrets)}"}).encode()
    for status, body in ((200, echo), (502, echo), (404, echo), (200, b"\xff" + echo)):
        api.answer_raw(status, body, way.path)
        seen.append(send(office, way))
    api.cut("before", way.path)
    seen.append(send(office, way))
    seen.append(send(Office(office.settings.database_url, closed_port(), clock), way))
    api.answer(40001, "stable_token", times=None)
    api.answer(40001, "gettoken", times=None)
    api.expire_tokens()
    seen.append(send(office, way))
    told = "\n".join([*map(repr, seen), caplog.text, *(str(record.__dict__) for record in caplog.records)])
    assert [secret for secret in secrets if secret in told] == []


def test_text_goes_out_as_raw_utf8(office: Office, api: PretendApi, way: Way) -> None:
    send(office, way)
    body = json.dumps(api.calls(way.path)[0].body, ensure_ascii=False)
    assert "明天上午九点" in body


def test_its_lane_has_a_pace_and_only_mass_sends_are_keyed(office: Office, way: Way) -> None:
    async def look() -> Sender:
        async with build_senders(office.settings, office.engine, lambda _: "") as senders:
            return senders[way.channel]

    sender = asyncio.run(look())
    lane = sender.lane(way.address)
    calls, seconds = sender.pace(lane)
    assert calls >= 1
    assert seconds > 0
    assert sender.keyed(lane) is (way.kind == "mass")
    assert sender.channel == way.channel


def closed_port() -> str:
    """The address of a port on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"
