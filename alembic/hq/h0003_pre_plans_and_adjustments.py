"""The plans of the stores, every closed revision of their months, and the statements' adjustments."""

import sqlalchemy as sa
from alembic import op

revision = "h0003"
down_revision = "h0002"
branch_labels = None
depends_on = None

_TABLES = (
    "adjustments", "closed_figures", "closed_months",
    "store_plan_lines", "store_plan_figures", "store_plans",
)  # fmt: skip
# What stands closed today is what the next closed revision is compared with.
_KNOWN = (
    """
    INSERT INTO closed_months (tenant, month, revision, letter_id, published_at)
    SELECT tenant, month, revision, letter_id, published_at FROM store_months
    WHERE state = 'CLOSED'
    """,
    """
    INSERT INTO closed_figures (tenant, month, revision, indicator, part, amount)
    SELECT f.tenant, f.month, m.revision, f.indicator, f.part, f.amount
    FROM store_figures f JOIN store_months m ON m.tenant = f.tenant AND m.month = f.month
    WHERE m.state = 'CLOSED'
    """,
)


def upgrade() -> None:
    """Create the tables; `{login}` is the tenant's own login."""
    _create_plans()
    _create_restating()
    for statement in _KNOWN:
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    for table in _TABLES:
        op.drop_table(table)


def _create_plans() -> None:
    op.create_table(
        "store_plans",
        sa.Column("tenant", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("letter_no", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.Column("decision_reason", sa.String(length=500), nullable=True),
        sa.Column("decision_no", sa.Integer(), nullable=False),
        sa.Column("answered_no", sa.Integer(), nullable=False),
        sa.Column("refusal", sa.String(length=40), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant"], ["store_files.tenant"], name=op.f("fk_store_plans_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant", "year", "revision", name=op.f("pk_store_plans")),
    )
    op.create_index("ix_store_plans_state", "store_plans", ["state"], unique=False)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON store_plans TO {login}")
    op.create_table(
        "store_plan_figures",
        sa.Column("tenant", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("side", sa.String(length=5), nullable=False),
        sa.Column("name", sa.String(length=1), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("side IN ('PRIOR', 'PLAN')", name=op.f("ck_store_plan_figures_side")),
        sa.ForeignKeyConstraint(
            ["tenant", "year", "revision"],
            ["store_plans.tenant", "store_plans.year", "store_plans.revision"],
            name=op.f("fk_store_plan_figures_tenant_year_revision"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant", "year", "revision", "side", "name", name=op.f("pk_store_plan_figures")
        ),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON store_plan_figures TO {login}")
    op.create_table(
        "store_plan_lines",
        sa.Column("tenant", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("category", sa.String(length=10), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_store_plan_lines_month")),
        sa.ForeignKeyConstraint(
            ["tenant", "year", "revision"],
            ["store_plans.tenant", "store_plans.year", "store_plans.revision"],
            name=op.f("fk_store_plan_lines_tenant_year_revision"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant", "year", "revision", "month", "category", name=op.f("pk_store_plan_lines")
        ),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON store_plan_lines TO {login}")


def _create_restating() -> None:
    op.create_table(
        "closed_months",
        sa.Column("tenant", sa.String(length=20), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant"], ["store_files.tenant"], name=op.f("fk_closed_months_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant", "month", "revision", name=op.f("pk_closed_months")),
    )
    op.execute("GRANT SELECT, INSERT ON closed_months TO {login}")
    op.create_table(
        "closed_figures",
        sa.Column("tenant", sa.String(length=20), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("indicator", sa.String(length=20), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "month", "revision"],
            ["closed_months.tenant", "closed_months.month", "closed_months.revision"],
            name=op.f("fk_closed_figures_tenant_month_revision"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant", "month", "revision", "indicator", "part", name=op.f("pk_closed_figures")
        ),
    )
    op.execute("GRANT SELECT, INSERT ON closed_figures TO {login}")
    op.create_table(
        "adjustments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("tenant", sa.String(length=20), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("base", sa.String(length=10), nullable=False),
        sa.Column("from_revision", sa.Integer(), nullable=False),
        sa.Column("to_revision", sa.Integer(), nullable=False),
        sa.Column("old_fen", sa.BigInteger(), nullable=False),
        sa.Column("new_fen", sa.BigInteger(), nullable=False),
        sa.Column("difference_fen", sa.BigInteger(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("base IN ('TURNOVER', 'CASH')", name=op.f("ck_adjustments_base")),
        sa.CheckConstraint(
            "difference_fen = new_fen - old_fen AND difference_fen <> 0",
            name=op.f("ck_adjustments_difference"),
        ),
        sa.CheckConstraint("from_revision < to_revision", name=op.f("ck_adjustments_order")),
        sa.ForeignKeyConstraint(
            ["tenant"], ["store_files.tenant"], name=op.f("fk_adjustments_tenant")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustments")),
        sa.UniqueConstraint(
            "tenant", "month", "base", "from_revision",
            name=op.f("uq_adjustments_tenant_month_base_from_revision"),
        ),
        sa.UniqueConstraint(
            "tenant", "month", "base", "to_revision",
            name=op.f("uq_adjustments_tenant_month_base_to_revision"),
        ),
    )  # fmt: skip
    op.execute("GRANT SELECT, INSERT ON adjustments TO {login}")
