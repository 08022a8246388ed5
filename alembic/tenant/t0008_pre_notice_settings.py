"""Settings, the store's own texts and channels, and what people switched off."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "t0008"
down_revision = "t0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; `{login}` is the tenant's own login. Give messages an id for receivers."""
    op.add_column(
        "deliveries",
        sa.Column("uid", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
    )
    op.create_table(
        "notice_endpoints",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("url", sa.String(length=400), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("hint", sa.String(length=8), nullable=False),
        sa.Column("locale", sa.String(length=2), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=40), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('WECOM', 'DINGTALK', 'FEISHU', 'WEBHOOK', 'SMS', 'WX')",
            name=op.f("ck_notice_endpoints_kind"),
        ),
        sa.CheckConstraint("locale IN ('zh', 'en')", name=op.f("ck_notice_endpoints_locale")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_endpoints")),
    )
    op.create_index(
        "uq_notice_endpoints_provider",
        "notice_endpoints",
        ["kind"],
        unique=True,
        postgresql_where=sa.text("kind IN ('SMS', 'WX') AND removed_at IS NULL"),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON notice_endpoints TO {login}")
    op.create_table(
        "notice_wordings",
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("audience", sa.String(length=5), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("zh", sa.String(length=500), nullable=True),
        sa.Column("en", sa.String(length=500), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_by_name", sa.String(length=80), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "audience IN ('staff', 'guest')", name=op.f("ck_notice_wordings_audience")
        ),
        sa.CheckConstraint("(zh IS NULL) = (en IS NULL)", name=op.f("ck_notice_wordings_both")),
        sa.PrimaryKeyConstraint("event", "audience", "number", name=op.f("pk_notice_wordings")),
        info={"grants": "SELECT, INSERT"},
    )
    op.execute("GRANT SELECT, INSERT ON notice_wordings TO {login}")
    op.create_table(
        "switched_off_channels",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=4), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "channel", name=op.f("pk_switched_off_channels")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON switched_off_channels TO {login}")
    op.create_table(
        "tenant_settings",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("name", "since", name=op.f("pk_tenant_settings")),
        info={"grants": "SELECT, INSERT"},
    )
    op.execute("GRANT SELECT, INSERT ON tenant_settings TO {login}")
    op.create_table(
        "notice_endpoint_topics",
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["notice_endpoints.id"],
            name=op.f("fk_notice_endpoint_topics_endpoint_id"),
        ),
        sa.PrimaryKeyConstraint("endpoint_id", "topic", name=op.f("pk_notice_endpoint_topics")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON notice_endpoint_topics TO {login}")


def downgrade() -> None:
    """Drop the tables."""
    op.drop_column("deliveries", "uid")
    op.drop_table("notice_endpoint_topics")
    op.drop_table("tenant_settings")
    op.drop_table("switched_off_channels")
    op.drop_table("notice_wordings")
    op.drop_table("notice_endpoints")
