"""WeRoBot 1.13.1 with 50 text filters in Flask, under the server that we use."""

from __future__ import annotations

import os
import sys

from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from werobot import WeRoBot
from werobot.contrib.flask import make_view

from tests.wechat import AES_KEY, APP_ID, TOKEN


def make_app() -> Flask:
    """The application; sessions as WERO_SESSIONS says."""
    options = {} if os.environ["WERO_SESSIONS"] == "default" else {"SESSION_STORAGE": False}
    robot = WeRoBot(token=TOKEN, logger=None)
    robot.config.update(HOST="", ENCODING_AES_KEY=AES_KEY, APP_ID=APP_ID, **options)
    for number in range(50):
        robot.add_filter(func=lambda message: "答复", rules=[f"关键词{number}"])

    @robot.handler
    def answer(message: object) -> str:
        return "这个我不知道。" * 30

    app = Flask("werobot_bench")
    app.add_url_rule("/", endpoint="robot", view_func=make_view(robot), methods=["GET", "POST"])
    return app


if __name__ == "__main__":
    Granian(
        "tests.bench.werobot_server:make_app",
        address="127.0.0.1",
        port=int(sys.argv[1]),
        interface=Interfaces.WSGI,
        factory=True,
        workers=2,
        # Its default storage shares one connection between threads, which fails as soon as two write.
        blocking_threads=1 if os.environ["WERO_SESSIONS"] == "default" else 2,
        log_level="critical",  # type: ignore[arg-type]
    ).serve()
