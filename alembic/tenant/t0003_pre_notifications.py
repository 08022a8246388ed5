"""Notices: messages to recipients, what each of them tells, and whose turn it is."""

import sqlalchemy as sa
from alembic import op

revision = "t0003"
down_revision = "t0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; `{login}` is the tenant's own login."""
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=4), nullable=False),
        sa.Column("recipient", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "channel IN ('APP', 'MAIL', 'SMS', 'WX', 'BOT', 'HOOK')",
            name=op.f("ck_deliveries_channel"),
        ),
        sa.CheckConstraint(
            "state IN ('WAITING', 'SENT', 'FAILED', 'WITHHELD')", name=op.f("ck_deliveries_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index("ix_deliveries_event", "deliveries", ["event", "created_at"], unique=False)
    op.create_index(
        "ix_deliveries_inbox",
        "deliveries",
        ["recipient", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("channel = 'APP'"),
    )
    op.create_index("ix_deliveries_log", "deliveries", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_deliveries_unread",
        "deliveries",
        ["recipient", "due_at"],
        unique=False,
        postgresql_where=sa.text("channel = 'APP' AND read_at IS NULL"),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON deliveries TO {login}")
    op.create_table(
        "event_turns",
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("event", name=op.f("pk_event_turns")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON event_turns TO {login}")
    op.create_table(
        "told_events",
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("recipient", sa.String(length=60), nullable=False),
        sa.Column("channel", sa.String(length=4), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_told_events_delivery_id")
        ),
        sa.PrimaryKeyConstraint(
            "event", "key", "recipient", "channel", name=op.f("pk_told_events")
        ),
    )
    op.create_index(
        op.f("ix_told_events_delivery_id"), "told_events", ["delivery_id"], unique=False
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON told_events TO {login}")


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("told_events")
    op.drop_table("event_turns")
    op.drop_table("deliveries")
