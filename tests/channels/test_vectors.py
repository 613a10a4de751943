"""The verified crypto vectors of every kind of account."""

from __future__ import annotations

import pytest

from bot.channels import Refused
from bot.channels.envelope import Cipher, _Crypto, read_xml, signature, text_of

OWN_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
TENCENT = ("QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7")
ECHO = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
HELLO = "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q=="


def fixed(prefix: bytes) -> type[_Crypto]:
    """The cipher with a known random prefix."""

    class Fixed(_Crypto):
        def get_random_string(self) -> bytes:
            return prefix

    return Fixed


def test_it_encrypts_as_the_official_account_vector_says() -> None:
    cipher = Cipher("pamtest", OWN_KEY, "wxb11529c136998cb6", fixed(b"aaaabbbbccccdddd"))
    sealed, signed = cipher.seal("我是中文abcd123", "1409304348", "xxxxxx")
    assert sealed == "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg=="
    assert signed == "82c962d39941aa48552f90ef55aa323dc620cc10"
    assert signature("pamtest", "1409304348", "xxxxxx") == "76480565cbe296026c53aaacd1ad523a1ddba24f"


def test_it_encrypts_as_the_aibot_vector_says() -> None:
    cipher = Cipher("pamtest", OWN_KEY, "", fixed(b"0123456789abcdef"))
    sealed, signed = cipher.seal('{"msgtype":"text"}', "1409304348", "xxxxxx")
    assert sealed == "Q3stYC6hdFzMh9T8HCvyDD712uX8onmHUva9KNYQqhHhJQeojMWP+B2d9+v8WlysuzAHHrvUZ9vvpslnY8rN/A=="
    assert signed == "9c2f013a919d1555ca525a06ac22f9f259545457"


@pytest.mark.parametrize(
    ("account", "timestamp", "nonce", "echo", "signed", "plain"),
    [
        (
            ("123456", "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR", "wx49f0ab532d5d035a"),
            "1411443780",
            "437374425",
            "4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q==",
            "dd6b9c95b495b3f7e2901bfbc76c664930ffdb96",
            "5927782489442352469",
        ),
        (TENCENT, "1409659589", "263014780", ECHO, "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3", "1616140317555161061"),
    ],
)
def test_it_opens_the_echo_of_the_published_vectors(
    account: tuple[str, str, str], timestamp: str, nonce: str, echo: str, signed: str, plain: str
) -> None:
    query = {"msg_signature": signed, "timestamp": timestamp, "nonce": nonce}
    assert Cipher(*account).open(query, echo) == plain


def test_it_opens_the_published_message_whose_padding_is_longer_than_a_block() -> None:
    query = {
        "msg_signature": "477715d11cdb4164915debcba66cb864d751f3e6",
        "timestamp": "1409659813",
        "nonce": "1372623149",
    }
    elements = read_xml(Cipher(*TENCENT).open(query, HELLO))
    assert [text_of(elements, name) for name in ("FromUserName", "Content", "MsgId", "AgentID")] == [
        "mycreate", "hello", "4561255354251345929", "218",
    ]  # fmt: skip


def test_every_failing_step_is_named() -> None:
    query = {"msg_signature": "0" * 40, "timestamp": "1409659589", "nonce": "263014780"}
    right = {**query, "msg_signature": "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3"}
    token, key, receive_id = TENCENT
    for cipher, given, step in (
        (Cipher(token, key, receive_id), query, "签名"),
        (Cipher(token, OWN_KEY, receive_id), right, "解密"),
        (Cipher(token, key, "wx0000000000000000"), right, "receiveid"),
    ):
        with pytest.raises(Refused, match=step):
            cipher.open(given, ECHO)
