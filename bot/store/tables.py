"""The tables of the bot. The scheduler keeps its own in `scheduler.ledger`; one Alembic history covers both."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from scheduler.tables import NAMES

metadata = MetaData(naming_convention=NAMES)

# One row a message: it is the lock against a second answer, the first reply for a retry, the guard against a replayed
# nonce, what the conversation remembers, which window it opens for customer-service messages, and the log that the admin
# reads. One row, so that one statement settles all of it.
messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("key", String(160), nullable=False),
    Column("nonce", String(160), nullable=True),
    Column("digest", String(64), nullable=False),
    Column("person", String(64), nullable=False),
    Column("chat", String(128), nullable=False),
    Column("at", Float, nullable=False),
    Column("role", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("intent", String(64), nullable=True),
    Column("cases", String(400), nullable=False),
    Column("reply", Text, nullable=False),
    Column("memory", Text, nullable=False, server_default="{}"),
    Column("opens", String(16), nullable=True),
    UniqueConstraint("channel", "key"),
    UniqueConstraint("channel", "nonce"),
    Index("ix_messages_person", "channel", "person", "chat", "id"),
)

workers = Table(
    "workers",
    metadata,
    Column("channel", String(32), primary_key=True),
    Column("person", String(64), primary_key=True),
    Column("at", Float, nullable=False),
)

invites = Table(
    "invites",
    metadata,
    Column("code", String(64), primary_key=True),
    Column("made_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("uses_left", Integer, nullable=False),
)

invite_tries = Table(
    "invite_tries",
    metadata,
    Column("channel", String(32), primary_key=True),
    Column("person", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("until", Float, nullable=False),
)

handovers = Table(
    "handovers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("person", String(64), nullable=False),
    Column("at", Float, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("question", Text, nullable=False),
    Column("context", Text, nullable=False),
    Column("done", Boolean, nullable=False, default=False),
)

# The plain openid or userid is kept only here and in sign-ups, because it is needed for sending.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("channel", String(32), primary_key=True),
    Column("address", String(128), primary_key=True),
    Column("topic", String(64), primary_key=True),
    Column("person", String(64), nullable=False),
    Column("at", Float, nullable=False),
    Index("ix_subscriptions_topic", "topic"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("person", String(64), nullable=False),
    Column("at", Float, nullable=False),
    Column("message", String(160), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("detail", Text, nullable=False),
)

# What a group was told lately, so that the same question is answered by pointing back.
group_answers = Table(
    "group_answers",
    metadata,
    Column("channel", String(32), primary_key=True),
    Column("chat", String(128), primary_key=True),
    Column("question", String(64), primary_key=True),
    Column("at", Float, nullable=False),
    Column("reply", Text, nullable=False),
)

# The token that all processes share. The lease lets one of them fetch at a time; refusals bound how often a token that the
# platform keeps refusing is fetched anew.
access_tokens = Table(
    "access_tokens",
    metadata,
    Column("account", String(160), primary_key=True),
    Column("token", Text, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("fetched_at", Float, nullable=False),
    Column("lease_until", Float, nullable=False),
    Column("refused_at", Float, nullable=False),
    Column("refusals", Integer, nullable=False),
)

# How many customer-service messages went out in the window that a message opened: the platform grants only a few.
credits = Table(
    "credits",
    metadata,
    Column("channel", String(32), primary_key=True),
    Column("person", String(64), primary_key=True),
    Column("grant", String(16), primary_key=True),
    Column("opener", Integer, nullable=False),
    Column("used", Integer, nullable=False),
)

# Not used any more; processes of the version before the credits write to it while a release rolls. The next migration drops it.
contacts = Table(
    "contacts",
    metadata,
    Column("channel", String(32), primary_key=True),
    Column("person", String(64), primary_key=True),
    Column("message_at", Float, nullable=False, server_default="0"),
    Column("message_used", Integer, nullable=False, server_default="0"),
    Column("action_at", Float, nullable=False, server_default="0"),
    Column("action_used", Integer, nullable=False, server_default="0"),
)

# How many parts of a long notice a delivery has sent, so that a second try goes on where the first one stopped.
sent_parts = Table(
    "sent_parts",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("parts", Integer, nullable=False),
    Column("at", Float, nullable=False),
)
