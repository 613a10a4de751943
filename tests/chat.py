"""Talking to the built bot through the callbacks of its channels, with every message delivered twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from bot.build import Parts
from bot.store.tables import messages
from tests.wechat import OfficialAccount, message_xml, text_of
from tests.wecom import WecomAibot, WecomApp


class SafeAccount(OfficialAccount):
    """The 公众号 spoken to in safe mode, with the same words as the WeCom channels."""

    def message(self, content: str, person: str = "openid-1", **changes: Any) -> str:
        return message_xml(content, person, self.now, **changes)

    def send(self, plain: str, query: dict[str, str] | None = None) -> TestResponse:
        return self.post_encrypted(plain, query)

    def read(self, response: TestResponse) -> str:
        return "" if response.data == b"success" else text_of(self.decrypt(response))


Speaker = Any
SPEAKERS: dict[str, Callable[..., Speaker]] = {
    "official_account": SafeAccount,
    "wecom_app": WecomApp,
    "wecom_aibot": WecomAibot,
}


@dataclass(frozen=True)
class Heard:
    """What came back, and what the store noted of it."""

    text: str
    kind: str
    intent: str | None
    cases: tuple[str, ...]


class Chat:
    """Conversations of several people in several channels with one bot, which can be restarted."""

    def __init__(self, build: Callable[[], Parts], clock: Callable[[], float]) -> None:
        self._build = build
        self._clock = clock
        self.parts = build()

    def restart(self) -> None:
        """A new process on the same store."""
        self.parts.engine.dispose()
        self.parts = self._build()

    def say(self, text: str, who: str = "a", channel: str = "official_account", chat: str = "") -> Heard:
        """Say it; the platform delivers it a second time, which must bring the same reply and no second answer."""
        speaker = SPEAKERS[channel](self.parts.app, self._clock())
        plain = speaker.message(text, who, **({"chat": chat} if chat else {}))
        before = self._last()
        reply, again = (speaker.read(speaker.send(plain)) for _ in range(2))
        assert again == reply, f"the second delivery was answered differently: {again}"
        last = self._last()
        if last is None or (before and last.id == before.id):
            return Heard(reply, "silent", None, ())
        assert before is None or last.id == before.id + 1, "answered twice"
        assert last.reply == reply
        return Heard(reply, last.kind, last.intent, tuple(filter(None, last.cases.split(","))))

    def _last(self) -> Any:
        with self.parts.engine.connect() as connection:
            return connection.execute(select(messages).order_by(messages.c.id.desc()).limit(1)).first()
