"""As little as can stand behind a durable answer: a Flask view that checks, parses, recalls, writes one row and replies.

No rules, no search, no log, no SQLAlchemy: what our own server could reach if understanding cost nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import sqlite3
import threading
import time
from xml.etree import ElementTree

from flask import Flask, Response, request

from bot.server import check_database
from bot.settings import read_settings
from tests.bench.under_granian import serve
from tests.wechat import TOKEN

RECALL = """
    SELECT reply FROM messages WHERE channel = 'o' AND key = :key UNION ALL
    SELECT digest FROM messages WHERE channel = 'o' AND nonce = :nonce UNION ALL
    SELECT memory FROM messages WHERE id = (
        SELECT max(id) FROM messages WHERE channel = 'o' AND person = :person AND chat = '')"""
SETTLE = """
    INSERT INTO messages (channel, key, nonce, digest, person, chat, at, role, text, kind, cases, reply, memory)
    VALUES ('o', :key, :nonce, :digest, :person, '', :at, 'resident', :text, 'unknown', '', :reply, '{}')
    ON CONFLICT DO NOTHING"""
REPLY = "这个我不知道。" * 30
ANSWER = (
    "<xml><ToUserName>{0}</ToUserName><FromUserName>{1}</FromUserName><CreateTime>{2}</CreateTime>"
    "<MsgType>text</MsgType><Content>{3}</Content></xml>"
)


def make_app() -> Flask:
    """The application; each thread keeps a connection."""
    app, own = Flask("bare_bench"), threading.local()
    file = os.environ["DATABASE_URL"].removeprefix("sqlite:///")

    def connection() -> sqlite3.Connection:
        if not hasattr(own, "connection"):
            own.connection = sqlite3.connect(file, timeout=3, isolation_level=None)
            own.connection.execute("PRAGMA synchronous=NORMAL")
        found: sqlite3.Connection = own.connection
        return found

    @app.post("/")
    def receive() -> Response:
        query, body = request.args, request.get_data()
        signed = "".join(sorted((TOKEN, query["timestamp"], query["nonce"])))
        assert hmac.compare_digest(hashlib.sha1(signed.encode()).hexdigest(), query["signature"])
        message = {element.tag: element.text for element in ElementTree.fromstring(body)}
        now, person = time.time(), hashlib.sha256(str(message["FromUserName"]).encode()).hexdigest()
        row = {"key": message["MsgId"], "nonce": query["nonce"], "person": person, "at": now}
        connection().execute(RECALL, row).fetchall()
        row |= {"digest": hashlib.sha256(body).hexdigest(), "text": message["Content"], "reply": REPLY}
        connection().execute(SETTLE, row)
        answer = ANSWER.format(message["FromUserName"], message["ToUserName"], int(now), REPLY)
        return Response(answer, content_type="application/xml")

    return app


if __name__ == "__main__":
    check_database(read_settings(os.environ))
    serve("tests.bench.bare_server:make_app")
