"""The edge: Flask turns requests into callbacks and answers into responses."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from flask import Flask, Response, abort, jsonify, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from bot.channels import Callback, Listener, Refused
from bot.desk import Desk
from bot.knowledge import Library

log = logging.getLogger(__name__)

LARGEST_BODY = 1 << 20


def create_app(channels: Sequence[Listener], desk: Desk, library: Library, health: Any) -> Flask:
    """The web application; everything it needs is handed in."""
    app = Flask("bot", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    listeners = {channel.name: channel for channel in channels}

    @app.get("/wechat/<name>")
    def verify(name: str) -> Response:
        channel = listeners.get(name) or abort(404)
        return Response(channel.verify(_callback(desk)), content_type="text/plain; charset=utf-8")

    @app.post("/wechat/<name>")
    def receive(name: str) -> Response:
        channel = listeners.get(name) or abort(404)
        incoming = channel.receive(_callback(desk))
        answer = channel.respond(incoming, desk.serve(incoming.message), desk.clock())
        return Response(answer.body, content_type=f"{answer.content_type}; charset=utf-8")

    @app.get("/healthz")
    def healthz() -> tuple[Response, int]:
        problems = [str(problem) for problem in library.problems]
        database = health()
        healthy = database is None
        report = {
            "ok": healthy,
            "database": database or "ok",
            "problems": problems,
            "cases": len(library.current.cases),
        }
        return jsonify(report), 200 if healthy else 503

    @app.errorhandler(Refused)
    def refused(error: Refused) -> tuple[str, int]:
        log.warning("%s 拒绝 %s：%s", request.path, error.status, error.reason)
        return "", error.status

    @app.errorhandler(Exception)
    def broken(error: Exception) -> tuple[str, int] | HTTPException:
        if isinstance(error, RequestEntityTooLarge):
            log.warning("%s 拒绝 400：正文超过 1 MiB", request.path)
            return "", 400
        if isinstance(error, HTTPException):
            return error
        log.exception("%s 出错", request.path)
        return "", 500

    return app


def _callback(desk: Desk) -> Callback:
    # The raw bytes whatever the Content-Type: WeCom posts JSON as text/xml.
    return Callback(request.args, request.get_data(cache=False), desk.clock())
