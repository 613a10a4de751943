"""Access tokens, windows of contacts, parts of long notices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_tokens",
        sa.Column("account", sa.String(length=160), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.Column("fetched_at", sa.Float(), nullable=False),
        sa.Column("lease_until", sa.Float(), nullable=False),
        sa.Column("refused_at", sa.Float(), nullable=False),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_access_tokens")),
    )
    op.create_table(
        "contacts",
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("message_at", sa.Float(), server_default="0", nullable=False),
        sa.Column("message_used", sa.Integer(), server_default="0", nullable=False),
        sa.Column("action_at", sa.Float(), server_default="0", nullable=False),
        sa.Column("action_used", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("channel", "person", name=op.f("pk_contacts")),
    )
    op.create_table(
        "sent_parts",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sent_parts")),
    )


def downgrade() -> None:
    op.drop_table("sent_parts")
    op.drop_table("contacts")
    op.drop_table("access_tokens")
