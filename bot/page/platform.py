"""Plays WeChat and WeCom: what is done on the page goes to our own callback over HTTP, and the reply comes back."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from bot.channels import Refused
from bot.page.accounts import Account, Act, OfficialAccountSide, WecomAibotSide, WecomAppSide
from bot.settings import Settings

log = logging.getLogger(__name__)

_PATIENCE = 5.0
"""Seconds after which WeChat gives up on a callback."""
_TRIES = 3


class Outage(Exception):
    """The callback gave no answer that the platform could show."""


class Platform:
    """The platform's servers for all accounts that are set up."""

    def __init__(self, settings: Settings, base: str, clock: Callable[[], float]) -> None:
        self.name = settings.wecom_aibot.name if settings.wecom_aibot else ""
        """What the robot is called in groups."""
        self._mention = re.compile(rf"[@＠]{re.escape(self.name)}")
        self._base = base
        self._clock = clock
        # A proxy of the environment must not see what stays on this machine.
        self._opener = build_opener(ProxyHandler({}))
        self._accounts = {account.name: account for account in _accounts(settings)}

    def deliver(self, channel: str, act: Act) -> str:
        """Post the act as a callback and return the text of the reply, empty for silence; raises Outage."""
        if act.group and not self._mention.search(act.text):
            # Of what a group says, WeCom passes on only what mentions the robot.
            return ""
        account = self._accounts[channel]
        post = account.seal(act, self._clock())
        url = f"{self._base}/wechat/{account.name}?{urlencode(post.query)}"
        answer = self._post(Request(url, post.body, {"Content-Type": "text/xml"}))
        try:
            return account.open(answer)
        except (Refused, ValueError, LookupError, TypeError) as error:
            raise Outage(f"回复读不懂：{error}") from error

    def _post(self, request: Request) -> bytes:
        """The body of the answer; a callback that is not answered in time is posted again, as it was."""
        for attempt in range(1, _TRIES + 1):
            try:
                with self._opener.open(request, timeout=_PATIENCE) as response:
                    return bytes(response.read())
            except HTTPError as error:
                raise Outage(f"回调答 {error.code}") from error
            except OSError as error:
                log.warning("%s 第 %s 次没有答：%s", request.selector.partition("?")[0], attempt, error)
        raise Outage("回调没有答")


def _accounts(settings: Settings) -> list[Account]:
    found: list[Account] = []
    if settings.official_account:
        found.append(OfficialAccountSide(settings.official_account))
    if settings.wecom_app:
        found.append(WecomAppSide(settings.wecom_app))
    if settings.wecom_aibot:
        found.append(WecomAibotSide(settings.wecom_aibot))
    return found
