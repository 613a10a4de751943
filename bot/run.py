"""`make run`: the whole product in one process, with pretend accounts and the chat page; needs no settings."""

from __future__ import annotations

import secrets
import signal
import socket
import string
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.serving import WSGIRequestHandler, make_server

from bot.build import Parts, build
from bot.page import page_blueprint
from bot.page.notices import group_of, sending_notices
from bot.page.platform import Platform
from bot.pretend import PretendApi
from bot.settings import Settings, SettingsError, read_settings
from bot.store.engine import migrate

HOST = "127.0.0.1"
"""The page lets anybody speak as anybody, so only this machine may open it."""

_RESPECTED = ("PORT", "DATABASE_URL", "BOT_HOME", "BOT_TIMEZONE", "ADMIN_PASSWORD")
_LETTERS = string.ascii_letters + string.digits


def run(environment: Mapping[str, str]) -> int:
    """Serve the chat page until Ctrl-C or SIGTERM; returns the exit code."""
    settings = settings_of(environment)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with running(settings, settings.port) as started:
        print(f"睦邻小助手已经准备好，请用浏览器打开 {started.address} （按 Ctrl-C 停下）", flush=True)
        stop.wait()
    print("睦邻小助手已停下，再见。", flush=True)
    return 0


def settings_of(environment: Mapping[str, str]) -> Settings:
    """Settings with three accounts made up for this process; whatever real ones the environment holds stay unused."""
    kept = {name: environment[name] for name in _RESPECTED if name in environment}
    settings = read_settings(kept | _accounts())
    return replace(settings, secret=_lasting_secret(settings.home / "data" / "page.secret"))


@dataclass(frozen=True)
class Running:
    """What `running` started."""

    address: str
    """Where the page is."""
    api: PretendApi
    """The platform's API, as notices reach it."""


@contextmanager
def running(settings: Settings, port: int) -> Iterator[Running]:
    """The bot, the platform's API and the page on this port (0: any free one); everything ends with the block."""
    with closing(_listen(port)) as listener, PretendApi() as api:
        address = f"http://{HOST}:{listener.getsockname()[1]}"
        settings = replace(settings, wechat_api_base=api.base, wecom_api_base=api.base)
        parts = _built(settings)
        with sending_notices(settings, parts.engine) as board, closing(parts.library):
            platform = Platform(settings, address, time.time)
            parts.app.register_blueprint(page_blueprint(platform, api.arrived, partial(group_of, board)))
            parts.library.watch()
            with _serving(parts.app, listener):
                yield Running(address, api)
        parts.engine.dispose()


def _built(settings: Settings) -> Parts:
    try:
        parts = build(settings)
        migrate(parts.engine)
    except (OSError, SQLAlchemyError) as error:
        why = getattr(error, "orig", None) or error
        raise SettingsError([f"数据库用不了（{why}）：请看 data 文件夹能不能写、磁盘满没满"]) from error
    return parts


@contextmanager
def _serving(app: Flask, listener: socket.socket) -> Iterator[None]:
    """The application answers on this socket, each request in a thread: the page's waits for the callback's."""
    server = make_server(HOST, 0, app, threaded=True, request_handler=_Handler, fd=listener.fileno())
    thread = threading.Thread(target=server.serve_forever, name="page", kwargs={"poll_interval": 0.1})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(WSGIRequestHandler):
    """Serves without a log line for each request: signed addresses belong into no log."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        raise SettingsError(
            [
                f"端口 {port} 用不了（{error.strerror}）：多半是别的程序占着。先关掉它，或换一个端口：PORT={port + 1} make run"
            ]
        ) from None


def _accounts() -> dict[str, str]:
    """Tokens and keys that live only in this process, so that every callback is signed and encrypted."""
    return {
        "WECHAT_TOKEN": _letters(32),
        "WECHAT_AES_KEY": _letters(43),
        "WECHAT_APP_ID": f"wx{secrets.token_hex(8)}",
        "WECHAT_APP_SECRET": secrets.token_hex(16),
        "WECOM_CORP_ID": f"ww{secrets.token_hex(8)}",
        "WECOM_AGENT_ID": "1000002",
        "WECOM_SECRET": _letters(43),
        "WECOM_DUTY_USER": "duty",
        "WECOM_TOKEN": _letters(32),
        "WECOM_AES_KEY": _letters(43),
        "WECOM_AIBOT_TOKEN": _letters(32),
        "WECOM_AIBOT_AES_KEY": _letters(43),
    }


def _letters(count: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(count))


def _lasting_secret(file: Path) -> str:
    """The secret that keys stored names; kept in a file, so that a restarted bot still knows who asked."""
    try:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)
            file.write_text(secrets.token_hex(32))
        return file.read_text()
    except OSError as error:
        raise SettingsError([f"{file} 写不了（{error.strerror}）：请看这个文件夹能不能写"]) from error
