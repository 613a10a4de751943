"""Requests a second of signed messages, plain and encrypted, beside WeRoBot under the same server."""

from __future__ import annotations

import itertools
import json
import random
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from werobot.crypto import MessageCrypt

from bot.knowledge import read_knowledge
from bot.settings import HOME
from tests.bench.load import Load, load, request, server
from tests.wechat import AES_KEY, APP_ID, TOKEN, message_xml, sign

ROUNDS = 3
"""The machine is seldom alone: every server has its turn in every round, and the median counts."""
REQUESTS, FEW = 3000, 60
"""In one turn; few of a server that waits for the disk."""
_numbers = itertools.count()


def questions() -> list[str]:
    """What people ask: every ask of every case, in no order, each once before any comes twice."""
    found = [
        ask for case in read_knowledge(HOME).cases.values() for practice in case.practices for ask in practice.asks
    ]
    random.Random(7).shuffle(found)
    return found


def requests(path: str, texts: Iterator[str], count: int, encrypted: bool) -> list[bytes]:
    """Signed messages, each with a number, a nonce and mostly a person of its own."""
    crypto = MessageCrypt(TOKEN, AES_KEY, APP_ID)
    made, timestamp = [], str(int(time.time()))
    for number, text in enumerate(itertools.islice(texts, count)):
        nonce = f"b{next(_numbers)}"
        xml = message_xml(text, f"person{number % 2000}", float(timestamp))
        query = {"signature": sign(TOKEN, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}
        if encrypted:
            sealed = ElementTree.fromstring(crypto.encrypt_message(xml, timestamp, nonce)).findtext("Encrypt") or ""
            query |= {"encrypt_type": "aes", "msg_signature": sign(TOKEN, timestamp, nonce, sealed)}
            xml = f"<xml><ToUserName>gh</ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        made.append(request("127.0.0.1", f"{path}?{urlencode(query)}", xml.encode()))
    return made


@dataclass(frozen=True)
class Server:
    """A server of the benchmark."""

    name: str
    module: str
    path: str
    environment: dict[str, str]
    count: int = REQUESTS
    aes: bool = True


SERVERS = (
    Server(
        "ours",
        "tests.bench.our_server",
        "/wechat/official_account",
        {"WECHAT_MODE": "compatible", "WEB_CONCURRENCY": "2"},
    ),
    Server("werobot", "tests.bench.werobot_server", "/", {"WERO_SESSIONS": "off"}),
    Server("werobot+sessions", "tests.bench.werobot_server", "/", {"WERO_SESSIONS": "default"}, FEW),
    Server("bare", "tests.bench.bare_server", "/", {"WECHAT_MODE": "compatible"}, aes=False),
)


def measure(one: Server, encrypted: bool, questions: list[str]) -> Load:
    """The load on a server started for it, in a folder of its own, after as much load with other questions."""
    texts = itertools.cycle(questions)
    with tempfile.TemporaryDirectory() as folder:
        account = {"WECHAT_TOKEN": TOKEN, "WECHAT_AES_KEY": AES_KEY, "WECHAT_APP_ID": APP_ID}
        database = {"DATABASE_URL": f"sqlite:///{Path(folder) / 'bot.sqlite3'}"}
        with server(one.module, {**account, **database, **one.environment}, folder) as port:
            load(port, requests(one.path, texts, one.count, encrypted))
            return load(port, requests(one.path, texts, one.count, encrypted))


def main() -> dict[str, object]:
    """Print the table and return the ratios."""
    report: dict[str, object] = {}
    print(
        f"signed messages over HTTP, granian, 2 workers, 24 connections; load from the same machine; median of {ROUNDS}"
    )
    texts = questions()
    for encrypted in (False, True):
        mode = "AES" if encrypted else "plain"
        taking_part = [one for one in SERVERS if one.aes or not encrypted]
        rounds = [[measure(one, encrypted, texts) for one in taking_part] for _ in range(ROUNDS)]
        for one, turns in zip(taking_part, zip(*rounds, strict=True), strict=True):
            rate, p50, p99 = (median(getattr(turn, name) for turn in turns) for name in ("rate", "p50", "p99"))
            failures = sum(turn.failures for turn in turns)
            ratio = median(ours.rate / turn.rate for (ours, *_), turn in zip(rounds, turns, strict=True))
            report[f"ours / {one.name}, {mode}"] = ratio
            print(
                f"  {mode:5} {one.name:17} {rate:7.0f}/s  p50 {p50:6.1f} ms  p99 {p99:6.1f} ms  failures {failures}"
                f"  ours / {one.name} {ratio:.2f}",
                flush=True,
            )
    return report


if __name__ == "__main__":
    print(json.dumps(main()))
