"""The first tables of a headquarters: stores, their months, the chain's figures."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "h0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; `{login}` is the tenant's own login."""
    op.create_table(
        "chain_months",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("stores_counted", sa.Integer(), nullable=False),
        sa.Column("stores_provisional", sa.Integer(), nullable=False),
        sa.Column("stores_expected", sa.Integer(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("month", "level", "name", name=op.f("pk_chain_months")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON chain_months TO {login}")
    op.create_table(
        "rank_groups",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("indicator", sa.String(length=20), nullable=False),
        sa.Column("peer_group", sa.String(length=40), nullable=False),
        sa.Column("peers", sa.Integer(), nullable=False),
        sa.Column("q1_e4", sa.Numeric(precision=24, scale=2), nullable=True),
        sa.Column("median_e4", sa.Numeric(precision=24, scale=2), nullable=True),
        sa.Column("q3_e4", sa.Numeric(precision=24, scale=2), nullable=True),
        sa.PrimaryKeyConstraint("month", "indicator", "peer_group", name=op.f("pk_rank_groups")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON rank_groups TO {login}")
    op.create_table(
        "store_files",
        sa.Column("tenant", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=3), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("size_class", sa.String(length=10), nullable=False),
        sa.Column("city_tier", sa.String(length=10), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.CheckConstraint("kind IN ('DIRECT', 'FRANCHISED')", name=op.f("ck_store_files_kind")),
        sa.CheckConstraint("closed_on >= opened_on", name=op.f("ck_store_files_closed")),
        sa.PrimaryKeyConstraint("tenant", name=op.f("pk_store_files")),
        sa.UniqueConstraint("code", name=op.f("uq_store_files_code")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON store_files TO {login}")
    op.create_table(
        "chain_figures",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("indicator", sa.String(length=20), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("closed_amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["month", "level", "name"],
            ["chain_months.month", "chain_months.level", "chain_months.name"],
            name=op.f("fk_chain_figures_month_level_name"),
        ),
        sa.PrimaryKeyConstraint(
            "month", "level", "name", "indicator", "part", name=op.f("pk_chain_figures")
        ),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON chain_figures TO {login}")
    op.create_table(
        "store_months",
        sa.Column("tenant", sa.String(length=20), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("snapshot_no", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("is_stale", sa.Boolean(), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("shut_days", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("first_closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.Column("decision_no", sa.Integer(), nullable=False),
        sa.Column("answered_no", sa.Integer(), nullable=False),
        sa.Column("refusal", sa.String(length=40), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant"], ["store_files.tenant"], name=op.f("fk_store_months_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant", "month", name=op.f("pk_store_months")),
    )
    op.create_index("ix_store_months_month", "store_months", ["month"], unique=False)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON store_months TO {login}")
    op.create_table(
        "store_ranks",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("indicator", sa.String(length=20), nullable=False),
        sa.Column("tenant", sa.String(length=20), nullable=False),
        sa.Column("peer_group", sa.String(length=40), nullable=False),
        sa.Column("numerator", sa.BigInteger(), nullable=False),
        sa.Column("denominator", sa.BigInteger(), nullable=False),
        sa.Column("value_e4", sa.BigInteger(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("peers", sa.Integer(), nullable=False),
        sa.Column("quartile", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant"], ["store_files.tenant"], name=op.f("fk_store_ranks_tenant")
        ),
        sa.PrimaryKeyConstraint("month", "indicator", "tenant", name=op.f("pk_store_ranks")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON store_ranks TO {login}")
    op.create_table(
        "store_cells",
        sa.Column("tenant", sa.String(length=20), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("category", sa.String(length=10), nullable=False),
        sa.Column("turnover_fen", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "month"],
            ["store_months.tenant", "store_months.month"],
            name=op.f("fk_store_cells_tenant_month"),
        ),
        sa.PrimaryKeyConstraint("tenant", "month", "day", "category", name=op.f("pk_store_cells")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON store_cells TO {login}")
    op.create_table(
        "store_figures",
        sa.Column("tenant", sa.String(length=20), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("indicator", sa.String(length=20), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "month"],
            ["store_months.tenant", "store_months.month"],
            name=op.f("fk_store_figures_tenant_month"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant", "month", "indicator", "part", name=op.f("pk_store_figures")
        ),
    )
    op.create_index(
        "ix_store_figures_month_indicator",
        "store_figures",
        ["month", "indicator", "part"],
        unique=False,
        postgresql_include=["tenant", "amount"],
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON store_figures TO {login}")


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("store_figures")
    op.drop_table("store_cells")
    op.drop_table("store_ranks")
    op.drop_table("store_months")
    op.drop_table("chain_figures")
    op.drop_table("store_files")
    op.drop_table("rank_groups")
    op.drop_table("chain_months")
