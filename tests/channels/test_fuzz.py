"""Mutated requests: refused or answered, never a server error, never a hang. FUZZ=100000 runs the long form."""

from __future__ import annotations

import os
import random
import time

import pytest

from bot.build import Parts
from tests.conftest import Clock
from tests.wechat import NOW, TOKEN, OfficialAccount, event_xml, message_xml, sign
from tests.wecom import WecomAibot, WecomApp

ROUNDS = int(os.environ.get("FUZZ", "4000"))
SCRAPS = [
    b"]]>", b"<![CDATA[", b"\x00", b"\xff\xfe", b"&amp;", b"&#0;", b"&x;", b"<!DOCTYPE x>", b"<xml>", b"</xml>", b"<MsgType>", b"[", b"{", b'"',
    "😀".encode(), "中".encode("gbk"), b"9" * 40, b"-1", b"\r\n\r\n", b" " * 500, b"<a>" * 50,
]  # fmt: skip


def mutated(data: bytes, dice: random.Random) -> bytes:
    """The bytes with a few cuts, doublings and scraps."""
    for _ in range(dice.randint(1, 4)):
        start = dice.randint(0, len(data))
        end = min(len(data), start + dice.randint(0, 30))
        piece = dice.choice([b"", data[start:end] * 2, dice.choice(SCRAPS), dice.randbytes(dice.randint(1, 8))])
        data = data[:start] + piece + data[end:]
    return data


def test_no_mutation_breaks_a_callback(parts: Parts, clock: Clock) -> None:
    dice = random.Random(20261121)
    account, app, aibot = OfficialAccount(parts.app), WecomApp(parts.app), WecomAibot(parts.app)
    slowest, seen, broken = 0.0, set(), []
    for number in range(ROUNDS):
        xml = dice.choice(
            [
                message_xml("停车难", f"p{number}"),
                event_xml("subscribe", f"p{number}"),
                message_xml("", MsgType="voice"),
            ]
        )
        kind = number % 6
        began = time.perf_counter()
        if kind == 0:
            response = account.post(mutated(xml.encode(), dice))
        elif kind == 1:
            response = account.post_encrypted(mutated(xml.encode(), dice).decode("utf-8", "replace"))
        elif kind == 2:
            query = {name: mutated(value.encode(), dice).decode("latin-1") for name, value in account.query().items()}
            if dice.random() < 0.5:
                query["signature"] = sign(TOKEN, query.get("timestamp", ""), query.get("nonce", ""))
            response = account.post(xml, query)
        elif kind == 3:
            response = app.send(mutated(xml.encode(), dice).decode("utf-8", "replace"))
        elif kind == 4:
            response = aibot.send(mutated(aibot.message("停车难", chat="g").encode(), dice).decode("utf-8", "replace"))
        else:
            query = aibot.query("x")
            response = aibot.client.post(
                dice.choice([aibot.path, app.path]), query_string=query, data=mutated(xml.encode(), dice)
            )
        slowest = max(slowest, time.perf_counter() - began)
        seen.add(response.status_code)
        if response.status_code >= 500:
            broken.append((number, xml))
    assert seen <= {200, 400, 403}, broken
    assert {200, 403} <= seen
    print(f"{ROUNDS} requests, slowest {slowest:.3f} s, statuses {sorted(seen)}")


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_not_allowed(parts: Parts, method: str) -> None:
    client = parts.app.test_client()
    assert (
        getattr(client, method)("/wechat/official_account", query_string={"timestamp": str(int(NOW))}).status_code
        == 405
    )
