"""WeRoBot 1.13.1 with 50 text filters in Flask, under the server that we use."""

from __future__ import annotations

import os

from flask import Flask
from werobot import WeRoBot
from werobot.contrib.flask import make_view

from tests.bench.under_granian import serve
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
    # Its default storage shares one connection between threads, which fails as soon as two write.
    serve("tests.bench.werobot_server:make_app", threads=1 if os.environ["WERO_SESSIONS"] == "default" else 2)
