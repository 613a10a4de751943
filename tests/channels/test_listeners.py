"""One contract for every channel that listens, then what is particular to WeCom."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from bot import wording
from bot.build import Parts
from tests.chat import SPEAKERS, Speaker
from tests.wechat import CORP_ID, NOW, OfficialAccount, event_xml, message_xml
from tests.wecom import WecomAibot, WecomApp

STAIRS = "我妈腿脚不好下不了楼怎么办"


@pytest.fixture(params=SPEAKERS)
def speaker(request: pytest.FixtureRequest, parts: Parts) -> Speaker:
    return SPEAKERS[request.param](parts.app)


def test_it_answers_from_a_case(speaker: Speaker) -> None:
    assert "复旦居民区" in speaker.read(speaker.send(speaker.message(STAIRS)))


def test_it_gives_a_repeated_message_its_first_reply(speaker: Speaker) -> None:
    speaker.read(speaker.send(speaker.message("停车难怎么办")))
    chosen = speaker.message("1")
    first = speaker.read(speaker.send(chosen))
    assert first and speaker.read(speaker.send(chosen)) == first


def test_it_remembers_the_menu_of_each_person(speaker: Speaker) -> None:
    menus = {
        who: speaker.read(speaker.send(speaker.message(q, who))) for who, q in (("a", STAIRS), ("b", "停车难怎么办"))
    }
    second = {who: speaker.read(speaker.send(speaker.message("1", who))) for who in menus}
    assert menus["a"] != menus["b"]
    assert second["a"] != second["b"]
    assert wording.unknown() not in second.values()


def test_it_refuses_a_stale_message(speaker: Speaker, caplog: pytest.LogCaptureFixture) -> None:
    speaker.now = NOW - 301
    assert speaker.send(speaker.message(STAIRS)).status_code == 403
    assert "timestamp" in caplog.text


def test_it_refuses_a_message_for_another_receiver(speaker: Speaker, caplog: pytest.LogCaptureFixture) -> None:
    speaker.crypto.app_id = "wx0000000000000000"
    assert speaker.send(speaker.message(STAIRS)).status_code == 403
    assert "receiveid" in caplog.text


def test_it_refuses_a_message_sealed_with_another_key(speaker: Speaker, caplog: pytest.LogCaptureFixture) -> None:
    other = type(speaker.crypto)("pamtest", "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR", speaker.crypto.app_id)
    speaker.crypto = other
    assert speaker.send(speaker.message(STAIRS)).status_code == 403
    assert "解密" in caplog.text


def test_it_refuses_a_plaintext_it_cannot_read(speaker: Speaker) -> None:
    for plain in ("", "{", "[1]", "<xml>", "null", "<a>1</a>", "\x00", '{"msgtype": 5}', '{"from": []}', "[" * 100_000):
        assert speaker.send(plain).status_code in (400, 403)


def test_it_refuses_another_message_under_a_used_nonce(speaker: Speaker) -> None:
    first, second = speaker.message(STAIRS), speaker.message("楼道堆物怎么办")
    if isinstance(speaker, OfficialAccount):
        query = speaker.query()
        assert [speaker.send(plain, query).status_code for plain in (first, second)] == [200, 403]
        return
    codes = []
    for plain in (first, second):
        sealed = speaker.seal(plain)
        query = speaker.query(sealed, nonce="once")
        codes.append(speaker.client.post(speaker.path, query_string=query, data=speaker.envelope(sealed)).status_code)
    assert codes == [200, 403]


def test_it_does_not_mind_the_content_type(speaker: Speaker) -> None:
    sealed = speaker.seal(speaker.message(STAIRS)) if not isinstance(speaker, OfficialAccount) else ""
    if sealed:
        response = speaker.client.post(
            speaker.path, query_string=speaker.query(sealed), data=speaker.envelope(sealed), content_type="text/xml"
        )
        assert "复旦居民区" in speaker.read(response)


def test_an_account_that_is_not_set_up_has_no_address(parts: Parts) -> None:
    assert parts.app.test_client().get("/wechat/telegram").status_code == 404


# --- wecom_app


@pytest.fixture
def app(parts: Parts) -> WecomApp:
    return WecomApp(parts.app)


def test_the_app_proves_its_address_with_the_decrypted_echo(app: WecomApp) -> None:
    response = app.verify("5927782489442352469")
    assert (response.status_code, response.data) == (200, b"5927782489442352469")
    assert app.verify("1", msg_signature="0" * 40).status_code == 403


def test_a_member_gets_the_procedure(app: WecomApp) -> None:
    assert "参与方" in app.say("群租整治怎么一步步做")


def test_the_app_welcomes_whoever_enters(app: WecomApp) -> None:
    entered = event_xml("enter_agent", "ZhangSan", ToUserName=CORP_ID)
    assert app.read(app.send(entered)) == wording.WELCOME


@pytest.mark.parametrize(
    "event", ["LOCATION", "view", "unsubscribe", "change_contact", "inactive_alert", "kf_msg_or_event"]
)
def test_the_app_has_nothing_to_say_to_other_events(app: WecomApp, event: str) -> None:
    response = app.send(event_xml(event, "ZhangSan", ToUserName=CORP_ID))
    assert (response.status_code, response.data) == (200, b"")


def test_the_app_refuses_a_message_to_another_enterprise(app: WecomApp) -> None:
    assert app.send(message_xml(STAIRS, ToUserName="ww9999")).status_code == 403


@pytest.mark.parametrize(
    ("kind", "said"),
    [("voice", wording.PLEASE_TYPE), ("image", wording.SEEN_PICTURE), ("location", wording.SEEN_LOCATION)],
)
def test_the_app_asks_for_words(app: WecomApp, kind: str, said: str) -> None:
    assert app.say("", MsgType=kind, MediaId="m") == said


# --- wecom_aibot


@pytest.fixture
def aibot(parts: Parts) -> WecomAibot:
    return WecomAibot(parts.app)


def test_the_bot_proves_its_address_with_the_decrypted_echo(aibot: WecomAibot) -> None:
    assert aibot.verify("1616140317555161061").data == b"1616140317555161061"


def test_the_bot_answers_with_a_finished_stream(aibot: WecomAibot) -> None:
    reply = aibot.reply(aibot.send(aibot.message(STAIRS)))
    assert (reply["msgtype"], reply["stream"]["finish"]) == ("stream", True)
    assert reply["stream"]["id"] and reply["stream"]["feedback"]["id"]


def test_a_poll_gets_the_answer_from_the_store(aibot: WecomAibot) -> None:
    reply = aibot.reply(aibot.send(aibot.message(STAIRS)))
    poll = aibot.message("", msgtype="stream", stream={"id": reply["stream"]["id"]})
    again = aibot.reply(aibot.send(poll))
    assert again["stream"]["content"] == reply["stream"]["content"]
    assert again["stream"]["id"] == reply["stream"]["id"]


def test_a_poll_for_an_unknown_stream_is_answered_with_nothing(aibot: WecomAibot) -> None:
    response = aibot.send(aibot.message("", msgtype="stream", stream={"id": "nobody"}))
    assert (response.status_code, response.data) == (200, b"")


def test_the_bot_welcomes_with_a_plain_text(aibot: WecomAibot) -> None:
    entered = aibot.message("", msgtype="event", event={"eventtype": "enter_chat"}, create_time=int(NOW))
    assert aibot.reply(aibot.send(entered)) == {"msgtype": "text", "text": {"content": wording.WELCOME}}


def test_the_bot_hears_voice_and_mixed_messages(aibot: WecomAibot) -> None:
    assert "复旦居民区" in aibot.say("", msgtype="voice", voice={"content": STAIRS})
    items = [{"msgtype": "image", "image": {"url": "u"}}, {"msgtype": "text", "text": {"content": STAIRS}}]
    assert "复旦居民区" in aibot.say("", msgtype="mixed", mixed={"msg_item": items})


def test_the_bot_keeps_feedback_and_says_nothing(aibot: WecomAibot, parts: Parts) -> None:
    event = {
        "eventtype": "feedback_event",
        "feedback_event": {"id": "s1", "type": 2, "content": "不对", "inaccurate_reason_list": [3]},
    }
    response = aibot.send(aibot.message("", msgtype="event", event=event))
    assert (response.status_code, response.data) == (200, b"")
    with parts.engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT message, verdict, detail FROM feedback").one()
    assert tuple(row) == ("s1", "bad", "不对 3")


def test_in_a_group_the_bot_is_short_and_names_the_question(aibot: WecomAibot) -> None:
    reply = aibot.say(f"@睦邻小助手\u2005{STAIRS}", chat="g1")
    assert reply.startswith(f"问“{STAIRS}”")
    assert len(reply) < 320
    assert "1. " not in reply


def test_in_a_group_the_same_question_is_pointed_back_for_half_an_hour(
    aibot: WecomAibot, parts: Parts, clock: Any
) -> None:
    aibot.say(f"@睦邻小助手 {STAIRS}", person="a", chat="g1")
    clock.move(600)
    aibot.now += 600
    assert "10分钟前群里刚答过" in aibot.say(f"@睦邻小助手 {STAIRS}？", person="b", chat="g1")
    assert "刚答过" not in aibot.say(f"@睦邻小助手 {STAIRS}", person="b", chat="g2")
    clock.move(1801)
    aibot.now += 1801
    assert "刚答过" not in aibot.say(f"@睦邻小助手 {STAIRS}", person="b", chat="g1")


def test_a_quote_is_what_a_short_question_is_about(aibot: WecomAibot) -> None:
    quote = {"msgtype": "text", "text": {"content": "楼道里又堆满了纸板箱"}}
    reply = aibot.say("@睦邻小助手 这种情况别的小区怎么处理的", chat="g1", quote=quote)
    assert "楼道" in reply


def test_a_user_id_keeps_its_leading_zeros(aibot: WecomAibot) -> None:
    assert aibot.send(aibot.message(STAIRS, **{"from": {"userid": 20203}})).status_code == 400
    assert aibot.say(STAIRS, person="0020203")


def test_wrong_json_is_refused_with_a_log_line(aibot: WecomAibot, caplog: pytest.LogCaptureFixture) -> None:
    query = aibot.query("x")
    with caplog.at_level(logging.WARNING):
        for body in (b"", b"{", b"[]", b'{"encrypt": 5}', b"\xff", b"[" * 200_000):
            assert aibot.client.post(aibot.path, query_string=query, data=body).status_code == 400
    assert "拒绝 400" in caplog.text
