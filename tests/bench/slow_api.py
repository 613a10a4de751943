"""An API that answers after 20 ms, in a process of its own; GET /stats says how many calls came, and within which time."""

from __future__ import annotations

import asyncio
import sys
import time

from aiohttp import web

LATENCY = 0.02


class Api:
    """Counts what it is asked, by address."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.addresses: dict[str, int] = {}

    async def send(self, request: web.Request) -> web.Response:
        address = (await request.json())["touser"]
        self.times.append(time.perf_counter())
        self.addresses[address] = self.addresses.get(address, 0) + 1
        await asyncio.sleep(LATENCY)
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def stats(self, request: web.Request) -> web.Response:
        seconds = self.times[-1] - self.times[0] if self.times else 0.0
        return web.json_response({"calls": len(self.times), "addresses": len(self.addresses), "seconds": seconds})

    async def reset(self, request: web.Request) -> web.Response:
        self.times, self.addresses = [], {}
        return web.json_response({})


def main() -> None:
    api = Api()
    app = web.Application()
    app.router.add_post("/cgi-bin/send", api.send)
    app.router.add_get("/stats", api.stats)
    app.router.add_post("/reset", api.reset)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)


if __name__ == "__main__":
    main()
