"""The tables of the scheduler: what is to be sent, was sent, failed and why, and who signed up."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
}
"""What constraints and indexes are called, here and in the bot's tables: one Alembic history covers both."""

metadata = MetaData(naming_convention=NAMES)

# One row a slot and not one a delivery holds the text: an edit changes it for everybody who has not got it yet.
# Times of slots are whole seconds since the epoch, because they are compared for equality.
slots = Table(
    "slots",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("notice", String(64), nullable=False),
    # notice: a slot of the rule. cancelled, promoted: news for people, at the moment it happened.
    Column("kind", String(16), nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("event", BigInteger, nullable=False),
    Column("deadline", BigInteger, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("text", Text, nullable=False),
    Column("markdown", Boolean, nullable=False),
    Column("mentions", Text, nullable=False),
    UniqueConstraint("notice", "kind", "due", "event"),
)

# Whatever is edited, a notice has one slot at a time, so nobody gets it twice for that time.
Index(
    "uq_slots_due",
    slots.c.notice,
    slots.c.due,
    unique=True,
    sqlite_where=slots.c.kind == "notice",
    postgresql_where=slots.c.kind == "notice",
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("slot", Integer, ForeignKey("slots.id"), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("address", String(160), nullable=False),
    # Empty until a process that knows the senders has put it in its lane.
    Column("lane", String(200), nullable=False),
    Column("keyed", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("code", Integer, nullable=True),
    Column("tries", Integer, nullable=False),
    # planned: not before this time. Later: when it went out, by which quotas are counted.
    Column("ready", Float, nullable=False),
    Column("deadline", BigInteger, nullable=False),
    Column("claim", String(32), nullable=False),
    Column("lease", Float, nullable=False),
    Column("receipt", String(80), nullable=False),
    Column("at", Float, nullable=False),
    UniqueConstraint("slot", "channel", "address"),
    Index("ix_deliveries_lane", "lane", "state", "ready", "id"),
    Index("ix_deliveries_state", "state", "lease"),
    Index("ix_deliveries_receipt", "receipt"),
)

transitions = Table(
    "transitions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("delivery", Integer, ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("at", Float, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=False),
)

# What is paced and paused together: the time of its next call, and why it pauses.
lanes = Table(
    "lanes",
    metadata,
    Column("lane", String(200), primary_key=True),
    Column("free_at", Float, nullable=False),
    Column("reason", Text, nullable=False),
)

# One row: slots up to this time have been planned or recorded as missed.
ticks = Table(
    "ticks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seen", Float, nullable=False),
)

# An event that somebody signed up for or that was cancelled; its row is the lock on the last seat.
events = Table(
    "events",
    metadata,
    Column("notice", String(64), primary_key=True),
    Column("event", BigInteger, primary_key=True),
    Column("cancelled_at", Float, nullable=True),
    Column("reason", Text, nullable=False),
)

# One row a seat: somebody who brings another person has two. The plain address is kept because it is needed for sending.
signups = Table(
    "signups",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("notice", String(64), nullable=False),
    Column("event", BigInteger, nullable=False),
    Column("channel", String(32), nullable=False),
    Column("address", String(160), nullable=False),
    Column("person", String(64), nullable=False),
    Column("seat", Integer, nullable=False),
    Column("name", String(64), nullable=False),
    Column("waiting", Boolean, nullable=False),
    Column("at", Float, nullable=False),
    UniqueConstraint("notice", "event", "channel", "person", "seat"),
    Index("ix_signups_person", "channel", "person"),
)
