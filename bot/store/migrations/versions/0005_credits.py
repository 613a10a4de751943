"""Which window a message opens is told by its own row, so that one statement settles it; credits are counted as they are spent.

The table of contacts stays for now: while a release rolls, processes of the version before go on writing to it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_GRANTS = ("message", "action")


def upgrade() -> None:
    op.add_column("messages", sa.Column("opens", sa.String(length=16), nullable=True))
    # Looked at once a day, for a deletion that may take its time; written with every message.
    op.drop_index("ix_messages_at", table_name="messages")
    op.create_table(
        "credits",
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("grant", sa.String(length=16), nullable=False),
        sa.Column("opener", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "person", "grant", name=op.f("pk_credits")),
    )
    for grant in _GRANTS:
        # A window that is open stays open.
        op.execute(
            f"UPDATE messages SET opens = '{grant}' WHERE EXISTS (SELECT 1 FROM contacts c"
            f" WHERE c.channel = messages.channel AND c.person = messages.person AND c.{grant}_at = messages.at)"
        )
        op.execute(
            'INSERT INTO credits (channel, person, "grant", opener, used)'
            f" SELECT c.channel, c.person, '{grant}', max(m.id), max(c.{grant}_used) FROM contacts c JOIN messages m"
            f" ON c.channel = m.channel AND c.person = m.person AND c.{grant}_at = m.at"
            f" WHERE c.{grant}_used > 0 GROUP BY c.channel, c.person"
        )


def downgrade() -> None:
    op.execute("DELETE FROM contacts")
    last = ", ".join(f"coalesce(max(CASE WHEN opens = '{grant}' THEN at END), 0)" for grant in _GRANTS)
    op.execute(
        f"INSERT INTO contacts (channel, person, message_at, action_at) SELECT channel, person, {last} FROM messages"
        " WHERE opens IS NOT NULL AND person <> '' GROUP BY channel, person"
    )
    for grant in _GRANTS:
        op.execute(
            f"UPDATE contacts SET {grant}_used = coalesce((SELECT c.used FROM credits c JOIN messages m ON m.id = c.opener"
            " WHERE c.channel = contacts.channel AND c.person = contacts.person"
            f" AND c.\"grant\" = '{grant}' AND m.at = contacts.{grant}_at), 0)"
        )
    op.drop_table("credits")
    op.create_index("ix_messages_at", "messages", ["at"], unique=False)
    op.drop_column("messages", "opens")
