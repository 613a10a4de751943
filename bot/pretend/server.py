"""The pretend API's HTTP server, in a thread of its own."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Literal

from aiohttp import web

from bot.pretend import wechat, wecom
from bot.pretend.answers import refusal
from bot.pretend.faults import Fault, Faults
from bot.pretend.world import Arrived, Request, World

When = Literal["before", "after"]
Handler = Callable[[World, Request], dict[str, Any]]
_HANDLERS: dict[str, Handler] = {
    "gettoken": wecom.gettoken,
    "message/send": wecom.message_send,
    "webhook/send": wecom.webhook_send,
    "token": wechat.token,
    "stable_token": wechat.stable_token,
    "message/custom/send": wechat.custom_send,
    "message/subscribe/bizsend": wechat.subscribe_bizsend,
    "message/mass/sendall": wechat.mass_sendall,
    "message/mass/get": wechat.mass_get,
}
_WECOM = frozenset({"gettoken", "message/send", "webhook/send"})


class PretendApi:
    """A pretend WeChat and WeCom on 127.0.0.1; `with PretendApi() as api: api.base`."""

    def __init__(self, world: World | None = None, port: int = 0) -> None:
        self.world = world or World()
        self.faults = Faults()
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="pretend-api", daemon=True)
        self._runner: web.AppRunner | None = None

    @property
    def base(self) -> str:
        """What to set as WECHAT_API_BASE and WECOM_API_BASE."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def arrived(self) -> list[Arrived]:
        """What reached people, in order."""
        return self.world.arrived

    @property
    def requests(self) -> list[Request]:
        """Every call, in order."""
        return self.world.requests

    def calls(self, path: str) -> list[Request]:
        """The calls of one path, in order."""
        return [request for request in self.requests if request.path == path]

    def listen(self, listener: Callable[[Arrived], None]) -> None:
        """Call this with every message that arrives, in the server's thread."""
        self.world.listeners.append(listener)

    def answer(self, code: int, path: str = "", address: str = "", times: int | None = 1, **fields: Any) -> None:
        """Answer with this code, next time or times, or for ever with None."""
        self.faults.add(Fault(path, address, times, code=code, fields=fields))

    def answer_raw(self, status: int, raw: bytes, path: str = "", times: int | None = 1) -> None:
        """Answer with this HTTP status and body, as a gateway in between might."""
        self.faults.add(Fault(path, times=times, status=status, raw=raw))

    def delay(self, seconds: float, path: str = "", times: int | None = None) -> None:
        """Take so long with each answer."""
        self.faults.add(Fault(path, times=times, stage="delay", seconds=seconds))

    def cut(self, when: When, path: str = "", address: str = "", times: int | None = 1) -> None:
        """Cut the connection `before` reading the body, or `after` the message was taken but before it is answered."""
        self.faults.add(Fault(path, address, times, stage="unread" if when == "before" else "answer", cut=True))

    def limit(self, after: int, path: str = "", times: int | None = None) -> None:
        """45009 after so many good calls."""
        self.faults.add(Fault(path, times=times, skip=after, code=45009))

    def halve(self, times: int | None = 1) -> None:
        """message/send reaches the first half only and names the others in invaliduser."""
        self.faults.add(Fault("message/send", times=times, halve=True))

    def expire_tokens(self, code: int = 42001) -> None:
        """Refuse every token given out so far."""
        self.world.expire_tokens(code)

    def start(self) -> PretendApi:
        """Listen; the port is known afterwards."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        return self

    def stop(self) -> None:
        """Close every connection and end the thread."""
        if self._runner:
            asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> PretendApi:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def _listen(self) -> None:
        app = web.Application(client_max_size=1 << 22)
        app.router.add_route("*", "/cgi-bin/{path:.+}", self._handle)
        # No access log: the lines would hold keys and tokens.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def _handle(self, http: web.Request) -> web.StreamResponse:
        path, query = http.match_info["path"], dict(http.query)
        if self.faults.next(Request(path, query, {}), "unread"):
            return _cut(http)
        content = await http.read()
        request = Request(path, query, _parse(content) or {})
        self.requests.append(request)
        if slow := self.faults.next(request, "delay"):
            await asyncio.sleep(slow.seconds)
        fault = self.faults.next(request, "answer") or Fault()
        if fault.raw is not None:
            return web.Response(status=fault.status, body=fault.raw)
        unread = http.method == "POST" and _parse(content) is None
        answer = refusal(47001 if content else 44002, path in _WECOM) if unread else self._answer(request, fault)
        if fault.cut:
            return _cut(http)
        # The real ones say 200 whatever happened.
        return web.json_response(answer)

    def _answer(self, request: Request, fault: Fault) -> dict[str, Any]:
        wecom_call = request.path in _WECOM
        if fault.code:
            return refusal(fault.code, wecom_call, **fault.fields)
        handler = _HANDLERS.get(request.path)
        if handler is None:
            return refusal(40066, wecom_call)
        if fault.halve:
            return self._halved(handler, request)
        return handler(self.world, request)

    def _halved(self, handler: Handler, request: Request) -> dict[str, Any]:
        users = str(request.body.get("touser") or "").split("|")
        half = (len(users) + 1) // 2
        body = {**request.body, "touser": "|".join(users[:half])}
        answer = handler(self.world, Request(request.path, request.query, body))
        return {**answer, "invaliduser": "|".join(user.lower() for user in users[half:])}


def _parse(content: bytes) -> dict[str, Any] | None:
    try:
        body = json.loads(content or b"null")
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _cut(http: web.Request) -> web.StreamResponse:
    """End the connection without an answer."""
    if http.transport:
        http.transport.abort()
    return web.Response()
