"""Who subscribed to a topic: what the scheduler asks of the bot's store."""

from __future__ import annotations

from sqlalchemy import Connection, select

from bot.store.tables import subscriptions


def subscribers(connection: Connection, channel: str, topic: str) -> list[str]:
    """The plain ids of those who subscribed to this topic in this channel, in a fixed order."""
    mine = (subscriptions.c.channel == channel) & (subscriptions.c.topic == topic)
    found = select(subscriptions.c.address).where(mine).order_by(subscriptions.c.address)
    return list(connection.execute(found).scalars())
