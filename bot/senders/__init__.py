"""The channels that send notices."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from sqlalchemy import Engine

from bot.senders.api import Api, open_session
from bot.senders.limits import LIMITS, Limits
from bot.senders.official_account import OfficialAccount
from bot.senders.tokens import official_account_api, wecom_app_api
from bot.senders.wecom_app import WecomApp
from bot.senders.wecom_group import SecretOf, WecomGroup
from bot.settings import Settings
from bot.store.contacts import Contacts
from bot.store.sent_parts import SentParts
from bot.store.tokens import TokenStore
from scheduler.sender import Sender


@asynccontextmanager
async def build_senders(
    settings: Settings, engine: Engine, secret_of: SecretOf, limits: Limits = LIMITS
) -> AsyncIterator[Mapping[str, Sender]]:
    """A sender for every channel that is set up; `secret_of` knows the key or URL of a group robot's address."""
    parts, tokens = SentParts(engine), TokenStore(engine)
    account, app = settings.official_account, settings.wecom_app
    async with open_session() as session:
        wechat = Api(settings.wechat_api_base, session, account.app_secret if account else "")
        wecom = Api(settings.wecom_api_base, session, app.secret if app else "")
        senders: dict[str, Sender] = {WecomGroup.channel: WecomGroup(wecom, secret_of, parts, limits)}
        if app and app.secret and app.agent_id:
            senders[WecomApp.channel] = WecomApp(wecom_app_api(app, wecom, tokens), int(app.agent_id), parts, limits)
        if account and account.app_secret:
            senders[OfficialAccount.channel] = OfficialAccount(
                official_account_api(account, wechat, tokens),
                Contacts(engine, OfficialAccount.channel, limits.message_window, limits.action_window),
                parts,
                limits,
                settings.secret,
                account.template,
            )
        yield senders
