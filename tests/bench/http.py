"""Requests a second of signed messages, plain and encrypted, beside WeRoBot under the same server."""

from __future__ import annotations

import itertools
import json
import random
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from urllib.parse import urlencode

from werobot.crypto import MessageCrypt

from bot.knowledge import read_knowledge
from bot.settings import HOME
from tests.bench.load import Load, load, request, server
from tests.wechat import AES_KEY, APP_ID, TOKEN, message_xml, sign

REQUESTS = 6000
SESSION_REQUESTS = 60
_numbers = itertools.count()


def questions() -> list[str]:
    """What people ask: every ask of every case, in no order, each once before any comes twice."""
    found = [
        ask for case in read_knowledge(HOME).cases.values() for practice in case.practices for ask in practice.asks
    ]
    random.Random(7).shuffle(found)
    return found


def requests(path: str, texts: list[str], count: int, encrypted: bool) -> list[bytes]:
    """Signed messages, each with a number, a nonce and mostly a person of its own."""
    crypto = MessageCrypt(TOKEN, AES_KEY, APP_ID)
    made, timestamp = [], str(int(time.time()))
    for number, text in zip(range(count), itertools.cycle(texts), strict=False):
        nonce = f"b{next(_numbers)}"
        xml = message_xml(text, f"person{number % 2000}", float(timestamp))
        query = {"signature": sign(TOKEN, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}
        if encrypted:
            sealed = ElementTree.fromstring(crypto.encrypt_message(xml, timestamp, nonce)).findtext("Encrypt") or ""
            query |= {"encrypt_type": "aes", "msg_signature": sign(TOKEN, timestamp, nonce, sealed)}
            xml = f"<xml><ToUserName>gh</ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        made.append(request("127.0.0.1", f"{path}?{urlencode(query)}", xml.encode()))
    return made


def measure(module: str, path: str, environment: dict[str, str], folder: str, count: int, encrypted: bool) -> Load:
    """The load on a server of its own."""
    texts = questions()
    with server(module, environment, folder) as port:
        load(port, requests(path, texts, count // 5, encrypted))
        return load(port, requests(path, texts, count, encrypted))


def main() -> dict[str, object]:
    """Print the table and return the figures."""
    report: dict[str, object] = {}
    print("signed messages over HTTP, granian, 2 workers, 24 connections; load from the same machine", flush=True)
    for encrypted in (False, True):
        mode = "AES" if encrypted else "plain"
        with tempfile.TemporaryDirectory() as folder:
            ours = {
                "DATABASE_URL": f"sqlite:///{Path(folder) / 'bot.sqlite3'}",
                "WECHAT_TOKEN": TOKEN,
                "WECHAT_AES_KEY": AES_KEY,
                "WECHAT_APP_ID": APP_ID,
                "WECHAT_MODE": "compatible",
                "WEB_CONCURRENCY": "2",
            }
            rows = {
                "ours": measure(
                    "tests.bench.our_server", "/wechat/official_account", ours, folder, REQUESTS, encrypted
                ),
                "werobot": measure(
                    "tests.bench.werobot_server", "/", {"WERO_SESSIONS": "off"}, folder, REQUESTS, encrypted
                ),
                "werobot+sessions": measure(
                    "tests.bench.werobot_server", "/", {"WERO_SESSIONS": "default"}, folder, SESSION_REQUESTS, encrypted
                ),
            }
        for name, row in rows.items():
            print(
                f"  {mode:5} {name:17} {row.rate:7.0f}/s  p50 {row.p50:6.1f} ms  p99 {row.p99:6.1f} ms  failures {row.failures}"
            )
        ratio, ratio_sessions = (
            rows["ours"].rate / rows["werobot"].rate,
            rows["ours"].rate / rows["werobot+sessions"].rate,
        )
        print(f"  {mode:5} ours / werobot {ratio:.2f}    ours / werobot+sessions {ratio_sessions:.1f}")
        report[mode] = {"ratio": ratio, "ratio_sessions": ratio_sessions}
    return report


if __name__ == "__main__":
    print(json.dumps(main()))
