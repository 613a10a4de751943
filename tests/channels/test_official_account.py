"""The 公众号 callback, through HTTP, with messages made by an independent implementation."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from bot import wording
from bot.build import Parts, build
from bot.knowledge import Library
from bot.settings import read_settings
from scheduler.ledger import slot_for
from scheduler.tables import deliveries, transitions
from tests.conftest import Clock, environment
from tests.wechat import APP_ID, NOW, TOKEN, OfficialAccount, elements_of, event_xml, message_xml, sign, text_of

STAIRS = "我妈腿脚不好下不了楼怎么办"


@pytest.fixture
def account(parts: Parts) -> OfficialAccount:
    return OfficialAccount(parts.app)


def with_mode(mode: str, tmp_path: Path, clock: Clock, library: Library, **changes: str) -> OfficialAccount:
    """The same account in another mode."""
    values = environment(f"sqlite:///{tmp_path / 'bot.sqlite3'}", WECHAT_MODE=mode, **changes)
    built = build(read_settings(values), clock, library)
    from bot.store.engine import migrate

    migrate(built.engine)
    return OfficialAccount(built.app)


# --- the address


def test_it_echoes_the_echostr_of_a_signed_verification(account: OfficialAccount) -> None:
    response = account.client.get(account.path, query_string=account.query(echostr="5927782489442352469"))
    assert (response.status_code, response.data) == (200, b"5927782489442352469")


def test_it_refuses_a_verification_with_a_wrong_signature(account: OfficialAccount) -> None:
    query = account.query(echostr="1", signature="0" * 40)
    assert account.client.get(account.path, query_string=query).status_code == 403


def test_the_published_signature_is_ours() -> None:
    assert sign(TOKEN, "1409304348", "xxxxxx") == "76480565cbe296026c53aaacd1ad523a1ddba24f"


# --- the three modes


def test_it_answers_a_plain_message(account: OfficialAccount) -> None:
    response = account.post(message_xml(STAIRS))
    assert "复旦居民区" in text_of(response.data)
    assert elements_of(response.data).count("Content") == 1


def test_an_independent_implementation_can_read_the_encrypted_reply(account: OfficialAccount) -> None:
    response = account.post_encrypted(message_xml(STAIRS))
    assert response.status_code == 200
    assert "复旦居民区" in text_of(account.decrypt(response))


def test_compatible_mode_reads_the_encrypted_part(account: OfficialAccount) -> None:
    query = account.query()
    sealed = account.crypto.encrypt_message(message_xml(STAIRS), query["timestamp"], query["nonce"])
    ciphertext = sealed.split("CDATA[")[1].split("]]")[0]
    body = message_xml("别的话").replace("</xml>", f"<Encrypt><![CDATA[{ciphertext}]]></Encrypt></xml>")
    signed = sign(TOKEN, query["timestamp"], query["nonce"], ciphertext)
    response = account.post(body, {**query, "encrypt_type": "aes", "msg_signature": signed})
    assert "复旦居民区" in text_of(account.decrypt(response))


def test_safe_mode_refuses_a_plain_body(tmp_path: Path, clock: Clock, library: Library) -> None:
    account = with_mode("safe", tmp_path, clock, library)
    assert account.post(message_xml(STAIRS)).status_code == 403
    assert account.post_encrypted(message_xml(STAIRS)).status_code == 200


def test_plain_mode_refuses_an_encrypted_body(tmp_path: Path, clock: Clock, library: Library) -> None:
    account = with_mode("plain", tmp_path, clock, library, WECHAT_AES_KEY="")
    assert account.post(message_xml(STAIRS)).status_code == 200
    assert account.post_encrypted(message_xml(STAIRS)).status_code == 403


def test_the_signature_of_the_query_is_no_signature_of_the_body(account: OfficialAccount) -> None:
    query = account.query()
    sealed = account.crypto.encrypt_message(message_xml(STAIRS), query["timestamp"], query["nonce"])
    response = account.post(sealed, {**query, "encrypt_type": "aes", "msg_signature": query["signature"]})
    assert response.status_code == 403


def test_a_message_for_another_account_is_refused(account: OfficialAccount, caplog: pytest.LogCaptureFixture) -> None:
    account.crypto.app_id = APP_ID.replace("wxb", "wxc")
    with caplog.at_level(logging.WARNING):
        assert account.post_encrypted(message_xml(STAIRS)).status_code == 403
    assert "receiveid" in caplog.text


def test_damaged_ciphertext_is_refused(account: OfficialAccount, caplog: pytest.LogCaptureFixture) -> None:
    query = account.query()
    for ciphertext in ("", "AAAA", "!!!!", "A" * 44, "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmk="):
        signed = sign(TOKEN, query["timestamp"], query["nonce"], ciphertext)
        body = f"<xml><Encrypt>{ciphertext}</Encrypt></xml>"
        assert account.post(body, {**query, "encrypt_type": "aes", "msg_signature": signed}).status_code == 403
    assert "解密失败" in caplog.text


# --- what people send


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"MsgType": "voice", "MediaId": "m", "Format": "amr"}, wording.PLEASE_TYPE),
        ({"MsgType": "image", "PicUrl": "http://x/1.jpg", "MediaId": "m"}, wording.SEEN_PICTURE),
        ({"MsgType": "video", "MediaId": "m", "ThumbMediaId": "t"}, wording.SEEN_PICTURE),
        ({"MsgType": "shortvideo", "MediaId": "m", "ThumbMediaId": "t"}, wording.SEEN_PICTURE),
        ({"MsgType": "location", "Location_X": "31.3", "Location_Y": "121.5", "Label": "路"}, wording.SEEN_LOCATION),
        ({"MsgType": "link", "Title": "t", "Description": "d", "Url": "http://x"}, wording.SEEN_LINK),
        ({"MsgType": "hologram"}, wording.CANNOT_READ),
        ({"Content": "【收到不支持的消息类型，暂无法显示】"}, wording.CANNOT_READ),
    ],
)
def test_it_asks_for_words_when_it_gets_something_else(
    account: OfficialAccount, changes: dict[str, str], said: str
) -> None:
    assert account.say(changes.pop("Content", ""), **changes) == said


def test_it_answers_what_a_voice_message_says(account: OfficialAccount) -> None:
    assert "复旦居民区" in account.say("", MsgType="voice", MediaId="m", Format="amr", Recognition=STAIRS)


def test_it_welcomes_a_new_follower_with_what_to_ask(account: OfficialAccount) -> None:
    for key in ("", "qrscene_12"):
        xml = event_xml("subscribe", person=f"new{key}", EventKey=key, Ticket="t" if key else "")
        assert text_of(account.post(xml).data) == wording.WELCOME


def test_a_menu_button_says_its_key(account: OfficialAccount) -> None:
    assert "复旦居民区" in text_of(account.post(event_xml("CLICK", EventKey=STAIRS)).data)


@pytest.mark.parametrize(
    "event",
    ["SCAN", "VIEW", "LOCATION", "unsubscribe", "TEMPLATESENDJOBFINISH", "MASSSENDJOBFINISH", "view_miniprogram",
     "subscribe_msg_popup_event", "user_info_modified", "kf_create_session", "an_event_of_next_year"],
)  # fmt: skip
def test_it_acknowledges_every_other_event(account: OfficialAccount, event: str) -> None:
    response = account.post(event_xml(event, EventKey="key"))
    assert (response.status_code, response.data) == (200, b"success")


# --- once


def test_it_answers_a_resent_message_with_the_first_reply(account: OfficialAccount) -> None:
    first = account.say("停车难怎么办")
    xml = message_xml("第一个")
    chosen = account.post(xml)
    again = account.post(xml)
    assert first and text_of(chosen.data) == text_of(again.data)


def test_a_retry_that_repeats_the_whole_query_gets_the_first_reply(account: OfficialAccount) -> None:
    query, xml = account.query(), message_xml(STAIRS)
    assert text_of(account.post(xml, query).data) == text_of(account.post(xml, query).data) != ""


def test_another_body_under_a_used_nonce_is_refused(account: OfficialAccount) -> None:
    query = account.query()
    assert account.post(message_xml(STAIRS), query).status_code == 200
    assert account.post(message_xml("楼道堆物"), query).status_code == 403


def test_another_body_under_the_same_number_and_nonce_is_refused(account: OfficialAccount) -> None:
    query, number = account.query(), "123456789"
    assert account.post(message_xml(STAIRS, MsgId=number), query).status_code == 200
    assert account.post(message_xml("转人工", MsgId=number), query).status_code == 403


def test_a_resent_event_is_answered_once(account: OfficialAccount) -> None:
    xml = event_xml("subscribe")
    assert text_of(account.post(xml).data) == text_of(account.post(xml).data) == wording.WELCOME


def test_copies_that_arrive_together_get_one_reply(account: OfficialAccount, parts: Parts) -> None:
    xml = message_xml(STAIRS)

    def post(_: int) -> str:
        return text_of(OfficialAccount(parts.app).post(xml).data)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(post, range(24)))) == 1


def test_the_first_reply_survives_a_restart(tmp_path: Path, clock: Clock, library: Library) -> None:
    xml = message_xml("停车难怎么办")
    first = text_of(with_mode("plain", tmp_path, clock, library).post(xml).data)
    assert text_of(with_mode("plain", tmp_path, clock, library).post(xml).data) == first


# --- bad input


@pytest.mark.parametrize(
    "body",
    [
        b"", b"   ", b"not xml", b"<xml>", b"<xml></xml>", b"<other><MsgType>text</MsgType></other>", b"\xff\xfe\x00",
        "<xml><FromUserName>中</FromUserName>".encode("gbk"),
        b"<xml><MsgType>text</MsgType><MsgType>event</MsgType><FromUserName>a</FromUserName></xml>",
        b"<xml><MsgType><a>text</a></MsgType><FromUserName>a</FromUserName></xml>",
        b"<xml><MsgType>text</MsgType><FromUserName>a</FromUserName></xml>",
        b"<xml><MsgType>text</MsgType><FromUserName>a</FromUserName><MsgId>1e5</MsgId></xml>",
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><MsgType>&e;</MsgType></xml>',
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><xml><Content>&b;</Content></xml>',
        b"<xml>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</xml>",
        b"[" * 100_000, b"x" * ((1 << 20) + 1),
    ],
)  # fmt: skip
def test_it_refuses_a_malformed_body_with_a_log_line(
    account: OfficialAccount, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert account.post(body).status_code == 400
    assert "拒绝 400" in caplog.text


@pytest.mark.parametrize(
    "timestamp", ["", "abc", "-1", "1e9", "９", str(int(NOW) - 301), str(int(NOW) + 301), "9" * 40]
)
def test_it_refuses_a_stale_or_senseless_timestamp(account: OfficialAccount, timestamp: str) -> None:
    query = {"timestamp": timestamp, "nonce": "n", "signature": sign(TOKEN, timestamp, "n")}
    assert account.post(message_xml(), query).status_code in (400, 403)


@pytest.mark.parametrize("content", ["", "   ", "😀🎉👍", "[强][强]", "\u200b\u200d", "。。。。", "x", "嗯"])
def test_it_is_polite_about_a_message_without_words(account: OfficialAccount, content: str) -> None:
    reply = account.say(content)
    assert reply and "复旦" not in reply


def test_it_reads_the_beginning_of_ten_thousand_characters(account: OfficialAccount) -> None:
    assert wording.fits(account.say("楼道堆物怎么办，" * 1250))


def test_text_that_would_break_out_of_cdata_stays_text(account: OfficialAccount) -> None:
    xml = message_xml().replace("<![CDATA[你好]]>", "a]]&gt;&lt;MsgType&gt;image&lt;/MsgType&gt;\x09停车")
    response = account.post(xml)
    assert response.status_code == 200
    assert elements_of(response.data).count("MsgType") == 1


def test_a_reply_can_carry_the_end_of_a_cdata_section() -> None:
    from bot.channels.replies import text_xml

    xml = text_xml("gh", "open]]>id", "a]]><MsgType>image</MsgType>\x00\x0b\ud800末", NOW)
    assert text_of(xml) == "a]]><MsgType>image</MsgType>末"


def test_it_still_answers_when_the_database_is_gone(
    parts: Parts, account: OfficialAccount, caplog: pytest.LogCaptureFixture
) -> None:
    parts.engine.dispose()
    Path(str(parts.engine.url.database)).write_bytes(b"this is no database" * 100)
    for leftover in ("-wal", "-shm"):
        Path(f"{parts.engine.url.database}{leftover}").unlink(missing_ok=True)
    assert "复旦居民区" in account.say(STAIRS)
    assert "没有记下来" in caplog.text
    assert account.client.get("/healthz").status_code == 503


def test_a_locked_database_delays_nobody_beyond_the_deadline(parts: Parts, account: OfficialAccount) -> None:
    with parts.engine.begin() as holder:
        holder.exec_driver_sql("UPDATE messages SET at = 0")
        assert "复旦居民区" in account.say(STAIRS)


def test_it_keeps_no_phone_number_and_no_openid(parts: Parts, account: OfficialAccount) -> None:
    account.say("我电话 138 1234 5678，身份证 310101199001011234，车牌沪A12345，楼道堆物没人管", person="oOPENID")
    with parts.engine.connect() as connection:
        stored = str(
            [
                row
                for table in ("messages", "credits")
                for row in connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            ]
        )
    for secret in ("5678", "310101199001011234", "A12345", "oOPENID"):
        assert secret not in stored


@pytest.mark.parametrize(
    ("status", "counts", "state"),
    [("send success", "9", "sent"), ("err(20001)", "0", "failed"), ("send fail", "0", "failed")],
)
def test_what_the_platform_reports_later_goes_into_the_ledger(
    account: OfficialAccount, parts: Parts, status: str, counts: str, state: str
) -> None:
    with parts.engine.begin() as connection:
        values = {"notice": "街区服务日", "kind": "", "due": int(NOW), "event": int(NOW), "deadline": int(NOW) + 7200}
        slot = slot_for(connection, **values, urgent=False, text="t", markdown=False, mentions="")
        accepted = {
            "slot": slot, "channel": "official_account", "address": "tag:2", "lane": "mass", "keyed": True, "state": "sent",
            "reason": "已受理", "tries": 1, "ready": NOW, "deadline": int(NOW) + 7200, "claim": "", "lease": 0.0,
            "receipt": "34182", "at": NOW,
        }  # fmt: skip
        connection.execute(insert(deliveries), accepted)
    finished = event_xml(
        "MASSSENDJOBFINISH",
        MsgID="34182",
        Status=status,
        TotalCount="10",
        FilterCount="9",
        SentCount=counts,
        ErrorCount="0",
    )
    assert account.post(finished).data == account.post(finished).data == b"success"
    with parts.engine.connect() as connection:
        row = connection.execute(select(deliveries.c.state, deliveries.c.reason)).one()
        assert row.state == state and row.reason != "已受理"
        assert connection.execute(select(func.count()).select_from(transitions)).scalar() == 1
