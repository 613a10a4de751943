"""What the page's platform puts on the wire, read by another implementation, and how it takes bad answers."""

from __future__ import annotations

import json
import threading
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from flask import Flask
from werobot.crypto import MessageCrypt

from bot.build import Parts
from bot.page import page_blueprint
from bot.page.accounts import Act, OfficialAccountSide, WecomAibotSide, WecomAppSide
from bot.page.platform import Outage, Platform
from bot.pretend import Arrived
from bot.settings import Settings, read_settings
from tests.conftest import environment
from tests.wechat import AES_KEY, APP_ID, CORP_ID, NOW, TOKEN, sign

TEXT = Act("text", "o123", "42", "停车难 ]]> <b>怎么办</b>\x01")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(environment(f"sqlite:///{tmp_path / 'bot.sqlite3'}"))


def opened(sealed: str, query: dict[str, str], receive_id: str) -> str:
    """The plaintext, as WeRoBot reads it."""
    crypt = MessageCrypt(TOKEN, AES_KEY, receive_id)
    plain = crypt.decrypt_message(query["timestamp"], query["nonce"], query["msg_signature"], sealed)
    return plain.decode() if isinstance(plain, bytes) else str(plain)


def test_an_official_account_callback_is_signed_twice_and_sealed(settings: Settings) -> None:
    assert settings.official_account
    post = OfficialAccountSide(settings.official_account).seal(TEXT, NOW)
    query = dict(post.query)
    assert query["signature"] == sign(TOKEN, query["timestamp"], query["nonce"])
    sealed = ElementTree.fromstring(post.body).findtext("Encrypt") or ""
    message = ElementTree.fromstring(opened(sealed, query, APP_ID))
    assert message.findtext("Content") == "停车难 ]]> <b>怎么办</b>"
    assert (message.findtext("FromUserName"), message.findtext("MsgId")) == ("o123", "42")


@pytest.mark.parametrize(("kind", "event"), [("click", "CLICK"), ("enter", "subscribe"), ("leave", "unsubscribe")])
def test_an_official_account_event_has_no_msg_id(settings: Settings, kind: str, event: str) -> None:
    assert settings.official_account
    post = OfficialAccountSide(settings.official_account).seal(Act(kind, "o123", "42", "目录"), NOW)  # type: ignore[arg-type]
    sealed = ElementTree.fromstring(post.body).findtext("Encrypt") or ""
    message = ElementTree.fromstring(opened(sealed, dict(post.query), APP_ID))
    assert (message.findtext("Event"), message.findtext("MsgId")) == (event, None)


def test_a_wecom_app_callback_is_sealed_for_the_enterprise(settings: Settings) -> None:
    assert settings.wecom_app
    post = WecomAppSide(settings.wecom_app).seal(Act("enter", "zhou", "42"), NOW)
    envelope = ElementTree.fromstring(post.body)
    assert envelope.findtext("ToUserName") == CORP_ID
    message = ElementTree.fromstring(opened(envelope.findtext("Encrypt") or "", dict(post.query), CORP_ID))
    assert (message.findtext("Event"), message.findtext("FromUserName")) == ("enter_agent", "zhou")


def test_an_aibot_callback_is_sealed_json_for_nobody_in_particular(settings: Settings) -> None:
    assert settings.wecom_aibot
    act = Act("text", "zhou", "42", "@睦邻小助手 停车难", group="wr1")
    post = WecomAibotSide(settings.wecom_aibot).seal(act, NOW)
    told = json.loads(opened(json.loads(post.body)["encrypt"], dict(post.query), ""))
    assert told["chatid"] == "wr1" and told["chattype"] == "group"
    assert told["text"] == {"content": "@睦邻小助手 停车难"}


class Bot(BaseHTTPRequestHandler):
    """A callback that answers as its server was told, and remembers what it was asked."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, body))  # type: ignore[attr-defined]
        status, answer = self.server.answers.pop(0)  # type: ignore[attr-defined]
        if status:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def bot(*answers: tuple[int, bytes]) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """A bot with these answers, status 0 being a broken connection; its address, and what it was asked."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Bot) as server:
        server.answers, server.asked = list(answers), []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", server.asked  # type: ignore[attr-defined]
        server.shutdown()


def test_a_callback_that_is_not_answered_is_posted_again_as_it_was(settings: Settings) -> None:
    with bot((0, b""), (200, b"success")) as (address, asked):
        assert Platform(settings, address, lambda: NOW).deliver("official_account", TEXT) == ""
    assert len(asked) == 2 and asked[0] == asked[1]


def test_three_broken_connections_are_an_outage(settings: Settings) -> None:
    with bot(*[(0, b"")] * 3) as (address, asked), pytest.raises(Outage):
        Platform(settings, address, lambda: NOW).deliver("official_account", TEXT)
    assert len(asked) == 3


@pytest.mark.parametrize("answer", [(500, b""), (403, b""), (200, b"<xml>"), (200, b"<xml><Encrypt>x</Encrypt></xml>")])
def test_an_answer_that_cannot_be_shown_is_an_outage(settings: Settings, answer: tuple[int, bytes]) -> None:
    with bot(answer) as (address, _), pytest.raises(Outage):
        Platform(settings, address, lambda: NOW).deliver("official_account", TEXT)


@pytest.mark.parametrize("answer", [b"{", b"[]", b'{"encrypt": "x"}'])
def test_a_robot_that_answers_nonsense_is_an_outage(settings: Settings, answer: bytes) -> None:
    with bot((200, answer)) as (address, _), pytest.raises(Outage):
        Platform(settings, address, lambda: NOW).deliver("wecom_aibot", Act("text", "zhou", "42", "停车难"))


def test_a_group_message_without_mention_never_leaves_the_platform(settings: Settings) -> None:
    platform = Platform(settings, "http://127.0.0.1:9", lambda: NOW)
    assert platform.deliver("wecom_aibot", Act("text", "zhou", "42", "明天几点开会", group="wr1")) == ""


@pytest.fixture
def app(settings: Settings) -> Flask:
    """A web application with the page, whose bot does not answer."""
    notices = [
        Arrived("wecom_group", "key", "停水通知", "text", NOW, mentions=("@all",)),
        Arrived("official_account", "openid:o00000000000000aa", "您报名的活动", "text", NOW),
    ]
    app = Flask("test", static_folder=None)
    app.register_blueprint(
        page_blueprint(Platform(settings, "http://127.0.0.1:9", lambda: NOW), notices, {"key": "居民群"}.__getitem__)
    )
    return app


def arrivals(app: Flask, after: int, visitor: str) -> list[str]:
    answer = app.test_client().get(f"/page/arrivals?after={after}&visitor={visitor}").get_json()
    assert answer["next"] == 2
    return [notice["text"] for notice in answer["arrivals"]]


def test_a_notice_to_a_group_says_which(app: Flask) -> None:
    answer = app.test_client().get("/page/arrivals?after=0&visitor=00000000000000aa").get_json()
    assert [(notice["chat"], notice["group"]) for notice in answer["arrivals"]] == [
        ("group", "居民群"),
        ("resident", ""),
    ]


def test_a_notice_reaches_only_the_follower_it_is_for(app: Flask) -> None:
    assert arrivals(app, 0, "00000000000000aa") == ["停水通知\n@所有人", "您报名的活动"]
    assert arrivals(app, 0, "00000000000000bb") == ["停水通知\n@所有人"]
    assert arrivals(app, 1, "00000000000000bb") == []


@pytest.mark.parametrize(
    "change",
    [
        {"chat": "nobody"},
        {"kind": "shout"},
        {"chat": "group", "kind": "click"},
        {"chat": "group", "member": 3},
        {"visitor": "../../etc"},
        {"number": "12a"},
        {"text": "字" * 20001},
        {"text": None},
    ],
)
def test_what_the_page_cannot_have_sent_is_refused(app: Flask, change: dict[str, object]) -> None:
    doing = {"visitor": "00000000000000aa", "chat": "resident", "kind": "text", "number": "1", "text": "停车难"}
    response = app.test_client().post("/page/acts", json=doing | change)
    assert response.status_code == 400
    assert "刷新页面" in response.get_json()["error"]


def test_a_form_of_another_site_is_refused(app: Flask) -> None:
    assert app.test_client().post("/page/acts", data={"chat": "resident"}).status_code == 400


def test_a_bot_that_does_not_answer_is_told_in_plain_words(app: Flask) -> None:
    doing = {"visitor": "00000000000000aa", "chat": "resident", "kind": "text", "number": "1", "text": "停车难"}
    response = app.test_client().post("/page/acts", json=doing)
    assert response.status_code == 502
    assert response.get_json()["error"] == "睦邻小助手暂时没有回应"


def test_the_page_allows_only_its_own_scripts(app: Flask) -> None:
    policy = app.test_client().get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy


def test_the_production_server_does_not_know_the_page(parts: Parts) -> None:
    client = parts.app.test_client()
    assert client.get("/").status_code == 404
    assert client.post("/page/acts", json={}).status_code == 404
