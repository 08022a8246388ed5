"""Links through which guests give opinions."""

import sqlalchemy as sa
from alembic import op

revision = "t0009"
down_revision = "t0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; `{login}` is the tenant's own login."""
    op.create_table(
        "opinion_links",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("customer", sa.BigInteger(), nullable=True),
        sa.Column("visit_on", sa.Date(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('LINK', 'TABLET')", name=op.f("ck_opinion_links_kind")),
        sa.ForeignKeyConstraint(
            ["customer"], ["customers.id"], name=op.f("fk_opinion_links_customer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion_links")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_opinion_links_key_hash")),
    )
    op.create_index(op.f("ix_opinion_links_customer"), "opinion_links", ["customer"], unique=False)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON opinion_links TO {login}")


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("opinion_links")
