"""What a conversation remembers moves into the row of its last message."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_LAST = "id IN (SELECT max(id) FROM messages GROUP BY channel, chat, person)"
_SAME = "c.channel = messages.channel AND c.chat = messages.chat AND c.person = messages.person"


def upgrade() -> None:
    op.add_column("messages", sa.Column("memory", sa.Text(), server_default="{}", nullable=False))
    # A conversation that is going on goes on.
    op.execute(
        f"UPDATE messages SET memory = (SELECT c.memory FROM conversations c WHERE {_SAME})"
        f" WHERE {_LAST} AND EXISTS (SELECT 1 FROM conversations c WHERE {_SAME})"
    )
    op.drop_table("conversations")
    op.drop_index("ix_messages_person", table_name="messages")
    op.create_index("ix_messages_person", "messages", ["channel", "person", "chat", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_messages_person", table_name="messages")
    op.create_index("ix_messages_person", "messages", ["channel", "person"], unique=False)
    op.create_table(
        "conversations",
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("chat", sa.String(length=128), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("memory", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "chat", "person", name=op.f("pk_conversations")),
    )
    op.execute(
        "INSERT INTO conversations (channel, chat, person, memory, at)"
        f" SELECT channel, chat, person, memory, at FROM messages WHERE {_LAST} AND person <> ''"
    )
    op.drop_column("messages", "memory")
