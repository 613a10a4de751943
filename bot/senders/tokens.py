"""Access tokens: kept in the store, fetched by one process at a time, replaced once when the platform refuses one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.senders.api import Answer, Api, Undelivered
from bot.senders.errors import OFFICIAL_ACCOUNT_TOKEN, WECOM_APP, Meanings, outcome
from bot.settings import OfficialAccount, WecomApp
from bot.store.tokens import Token, TokenStore
from scheduler.sender import Outcome

Fetch = Callable[[], Awaitable[Answer]]
_LOOK, _LOOKS = 0.1, 80
"""How often and how many times to look whether another process has fetched the token."""


class Tokens:
    """The token of one account."""

    def __init__(self, store: TokenStore, account: str, fetch: Fetch, meanings: Meanings) -> None:
        self._store = store
        self._account = account
        self._fetch = fetch
        self._meanings = meanings
        self._gate = asyncio.Lock()
        # A copy for speed: what another process replaced is noticed when the platform refuses it.
        self._copy = Token("", 0.0, False)

    async def get(self, now: float) -> str:
        """A token to call with; raises Undelivered when there is none to be had."""
        if self._copy.fresh(now):
            return self._copy.value
        async with self._gate:
            if not self._copy.fresh(now):
                self._copy = await asyncio.to_thread(self._store.read, self._account, now)
            if not self._copy.fresh(now):
                await self._prolong(now)
        return self._copy.value

    async def replace(self, failed: str, now: float) -> str | None:
        """Another token than the one the platform refused; None when tokens were refused too often lately."""
        async with self._gate:
            if self._copy.value == failed:
                self._copy = await self._renew(failed, now) or self._copy
        return self._copy.value if self._copy.value != failed else None

    async def _prolong(self, now: float) -> None:
        try:
            self._copy = await self._renew("", now) or self._copy
        except Undelivered:
            # The old one still works for some minutes.
            if not self._copy.usable("", now):
                raise

    async def _renew(self, failed: str, now: float) -> Token | None:
        """Fetch under the lease, or wait for the process that has it; None when it is not worth a fetch."""
        for _ in range(_LOOKS):
            if await asyncio.to_thread(self._store.claim, self._account, failed, now):
                return await self._fetch_leased(now)
            stored = await asyncio.to_thread(self._store.read, self._account, now)
            if stored.usable(failed, now):
                return stored
            if failed and not stored.leased:
                return None
            await asyncio.sleep(_LOOK)
        raise Undelivered(Outcome("retry", "另一个进程正在取 access_token，消息没有发出，稍后自动再试"))

    async def _fetch_leased(self, now: float) -> Token:
        saved = False
        try:
            token = self._token(await self._answer(), now)
            await asyncio.to_thread(self._store.save, self._account, token.value, token.expires_at, now)
            saved = True
            return token
        finally:
            if not saved:
                await asyncio.to_thread(self._store.release, self._account)

    async def _answer(self) -> Answer:
        try:
            return await self._fetch()
        except Undelivered as error:
            if error.outcome.state != "unknown":
                raise
        # Whatever became of this call, the message itself has not gone out.
        raise Undelivered(Outcome("retry", "取 access_token 没有得到回答，消息没有发出，稍后自动再试"))

    def _token(self, answer: Answer, now: float) -> Token:
        value, seconds = answer.body.get("access_token"), answer.body.get("expires_in")
        if answer.code or not isinstance(value, str) or not isinstance(seconds, int):
            raise Undelivered(outcome(self._meanings, answer.code or -1, answer.errmsg, now))
        return Token(value, now + seconds, False)


class TokenApi:
    """Calls of one account, each with its token."""

    def __init__(self, api: Api, tokens: Tokens, stale: frozenset[int]) -> None:
        self._api = api
        self._tokens = tokens
        self._stale = stale

    async def post(self, path: str, body: Mapping[str, Any], now: float) -> Answer:
        """POST with a token, and once more when the token turns out to be stale; raises Undelivered."""
        token = await self._tokens.get(now)
        answer = await self._api.post(path, {"access_token": token}, body)
        if answer.code in self._stale:
            fresh = await self._tokens.replace(token, now)
            if fresh:
                return await self._api.post(path, {"access_token": fresh}, body)
        return answer


def official_account_api(account: OfficialAccount, api: Api, store: TokenStore) -> TokenApi:
    """The API of a 公众号. A stable token is fetched without force_refresh, which is for leaks only."""
    body = {"grant_type": "client_credential", "appid": account.app_id, "secret": account.app_secret}

    async def fetch() -> Answer:
        return await api.post("stable_token", {}, body)

    tokens = Tokens(store, f"official_account:{account.app_id}", fetch, OFFICIAL_ACCOUNT_TOKEN)
    return TokenApi(api, tokens, frozenset({40001, 40014, 42001}))


def wecom_app_api(app: WecomApp, api: Api, store: TokenStore) -> TokenApi:
    """The API of a WeCom app, whose 40001 means a wrong secret and not a stale token."""
    query = {"corpid": app.corp_id, "corpsecret": app.secret}

    async def fetch() -> Answer:
        return await api.get("gettoken", query)

    tokens = Tokens(store, f"wecom_app:{app.corp_id}:{app.agent_id}", fetch, WECOM_APP)
    return TokenApi(api, tokens, frozenset({40014, 42001}))
