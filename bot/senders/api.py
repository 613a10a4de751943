"""HTTP calls to one platform, with an honest account of what became of them, and never a secret in it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot.senders.errors import reference
from scheduler.sender import Outcome

log = logging.getLogger(__name__)

_CONNECT, _WHOLE = 4.0, 8.0
_IDLE = 4.0
"""Seconds a connection may idle: one that the platform has just closed would turn a sending into an unknown."""
_LOST = "不知道对方收到没有：请管理员去看一眼，没收到再补发"


class Undelivered(Exception):
    """A call that brought no answer; carries what that means for the delivery."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__(outcome.reason)


@dataclass(frozen=True)
class Answer:
    """What the platform answered; no code when it gave none."""

    code: int | None
    errmsg: str
    body: Mapping[str, Any] = field(repr=False)


@asynccontextmanager
async def open_session() -> AsyncIterator[aiohttp.ClientSession]:
    """The connections of all senders of one process."""
    timeout = aiohttp.ClientTimeout(total=None, connect=_CONNECT)
    connector = aiohttp.TCPConnector(keepalive_timeout=_IDLE)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        yield session


class Api:
    """One platform's HTTP API."""

    def __init__(self, base: str, session: aiohttp.ClientSession, secret: str) -> None:
        self._base = base
        self._session = session
        self._secret = secret

    async def get(self, path: str, query: Mapping[str, str]) -> Answer:
        """GET a path; raises Undelivered."""
        return await self._call("GET", path, query, None)

    async def post(self, path: str, query: Mapping[str, str], body: Mapping[str, Any]) -> Answer:
        """POST a JSON body; raises Undelivered."""
        return await self._call("POST", path, query, body)

    async def _call(self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None) -> Answer:
        exchanged = await self._exchange(method, path, query, body)
        secrets = [*query.values(), self._secret]
        answer = exchanged if isinstance(exchanged, Outcome) else _read(*exchanged, secrets)
        # Raised here and not where it happened: the causes of aiohttp's errors hold the URL with its secrets.
        if isinstance(answer, Outcome):
            log.warning("%s：%s", path, answer.reason)
            raise Undelivered(answer)
        if answer.code:
            log.warning("%s 返回错误码 %s，编号 %s", path, answer.code, reference(answer.errmsg))
        return answer

    async def _exchange(
        self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None
    ) -> tuple[int, bytes] | Outcome:
        # Raw UTF-8: some of the platform's APIs refuse \uXXXX.
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        headers = {"Content-Type": "application/json; charset=utf-8"} if data else {}
        url = f"{self._base}/cgi-bin/{path}"
        try:
            async with (
                asyncio.timeout(_WHOLE),
                self._session.request(
                    method, url, params=query, data=data, headers=headers, allow_redirects=False
                ) as response,
            ):
                return response.status, await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return Outcome("retry", f"{_why_unconnected(error)}，消息没有发出，稍后自动再试")
        except TimeoutError:
            return Outcome("unknown", f"消息发出后 {_WHOLE:.0f} 秒没有回音，{_LOST}")
        except (aiohttp.ClientError, OSError):
            return Outcome("unknown", f"消息发出后连接断了，{_LOST}")


def _why_unconnected(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "查不到平台的网络地址（DNS）"
    if isinstance(error, aiohttp.ClientSSLError):
        return "和平台建不起加密连接（证书或代理的问题，请管理员看看）"
    return "连不上平台"


def _read(status: int, content: bytes, secrets: list[str]) -> Answer | Outcome:
    if status == 429:
        return Outcome("retry", "平台的网关说请求太多（HTTP 429），消息没有发出，稍后自动再试")
    if 300 <= status < 500:
        return Outcome(
            "failed", f"平台的网关拒绝了请求（HTTP {status}）：请管理员核对 WECHAT_API_BASE、WECOM_API_BASE 和代理"
        )
    try:
        body = json.loads(content)
        code = body.get("errcode")
        code = None if code is None else int(code)
    except (ValueError, TypeError, AttributeError):
        body, code = None, None
    if status != 200 or body is None:
        return Outcome("unknown", f"平台的回答读不懂（HTTP {status}），{_LOST}")
    return Answer(code, _scrub(str(body.get("errmsg", "")), secrets), body)


def _scrub(text: str, secrets: list[str]) -> str:
    """The platform's words, should they repeat what we sent."""
    for secret in secrets:
        text = text.replace(secret, "***") if len(secret) > 3 else text
    return text
