"""The day close in its steps, settlement totals, corrections of closed days; the productivity plan."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "t0015"
down_revision = "t0014"
branch_labels = None
depends_on = None

_TABLES = (
    "cash_corrections", "tender_settlements", "cash_day_steps",
    "plan_solutions", "plan_variances", "plan_inputs", "plan_lines", "plan_figures", "plans",
)  # fmt: skip
_STATES = "'OPEN', 'COUNTING', 'SUBMITTED', 'CLOSED'"
_WHOLE = "opening_fen IS NOT NULL AND counted_fen IS NOT NULL AND closed_at IS NOT NULL"
# What the book of each closed day said: the history of variances asks for it.
_CLOSING = """
UPDATE cash_days d SET closing_fen = d.opening_fen - d.bank_deposit_fen
  + coalesce((SELECT sum(t.amount_fen) FROM sale_tenders t JOIN sales s ON s.id = t.sale_id
              WHERE s.business_date = d.business_date AND t.tender = 'CASH'), 0)
  - coalesce((SELECT sum(p.amount_fen) FROM cash_payments p
              WHERE p.business_date = d.business_date), 0)
WHERE d.state = 'CLOSED'
"""


def upgrade() -> None:
    """Add them; `{login}` is the tenant's own login."""
    for column in (
        sa.Column("denominations", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("cashier_sign", sa.Uuid(), nullable=True),
        sa.Column("manager_sign", sa.Uuid(), nullable=True),
        sa.Column("closing_fen", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.String(length=24), nullable=True),
    ):
        op.add_column("cash_days", column)
    op.create_unique_constraint(op.f("uq_cash_days_number"), "cash_days", ["number"])
    op.add_column("cash_payments", sa.Column("voucher", sa.Uuid(), nullable=True))
    _check("state", f"state IN ({_STATES})")
    _check("closed_whole", f"state <> 'CLOSED' OR ({_WHOLE})")
    op.execute(
        "UPDATE cash_days SET state = 'SUBMITTED' WHERE state = 'OPEN' AND counted_fen IS NOT NULL"
    )
    op.create_check_constraint(
        op.f("ck_cash_days_counted"), "cash_days", "state <> 'SUBMITTED' OR counted_fen IS NOT NULL"
    )
    op.execute(_CLOSING)
    _create_cash()
    _create_plans()
    _create_comparison()


def downgrade() -> None:
    """Drop them; a day that is being counted is open again."""
    for table in _TABLES:
        op.drop_table(table)
    op.drop_constraint(op.f("ck_cash_days_counted"), "cash_days", type_="check")
    op.execute("UPDATE cash_days SET state = 'OPEN' WHERE state IN ('COUNTING', 'SUBMITTED')")
    _check("state", "state IN ('OPEN', 'CLOSED')")
    _check("closed_whole", f"state = 'OPEN' OR ({_WHOLE})")
    op.drop_column("cash_payments", "voucher")
    for column in ("number", "closing_fen", "manager_sign", "cashier_sign", "denominations"):
        op.drop_column("cash_days", column)


def _check(name: str, condition: str) -> None:
    op.execute(f"ALTER TABLE cash_days DROP CONSTRAINT ck_cash_days_{name}")
    op.execute(f"ALTER TABLE cash_days ADD CONSTRAINT ck_cash_days_{name} CHECK ({condition})")


def _create_cash() -> None:
    op.create_table(
        "cash_day_steps",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("counted_fen", sa.BigInteger(), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "state IN ('OPEN', 'COUNTING', 'SUBMITTED', 'CLOSED')",
            name=op.f("ck_cash_day_steps_state"),
        ),
        sa.ForeignKeyConstraint(
            ["business_date"],
            ["cash_days.business_date"],
            name=op.f("fk_cash_day_steps_business_date"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_day_steps")),
    )
    op.create_index(
        op.f("ix_cash_day_steps_business_date"), "cash_day_steps", ["business_date"], unique=False
    )
    op.execute("GRANT SELECT, INSERT, UPDATE (id, reason) ON cash_day_steps TO {login}")
    op.create_table(
        "tender_settlements",
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("tender", sa.String(length=10), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "tender IN ('WECHAT', 'ALIPAY', 'BANKCARD', 'TRANSFER', 'VOUCHER')",
            name=op.f("ck_tender_settlements_tender"),
        ),
        sa.ForeignKeyConstraint(
            ["business_date"],
            ["cash_days.business_date"],
            name=op.f("fk_tender_settlements_business_date"),
        ),
        sa.PrimaryKeyConstraint("business_date", "tender", name=op.f("pk_tender_settlements")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON tender_settlements TO {login}")
    op.create_table(
        "cash_corrections",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("of_day", sa.Date(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("sale_id", sa.BigInteger(), nullable=True),
        sa.Column("payment_id", sa.BigInteger(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("cash_fen", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("approver_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'RECEIPT') = (sale_id IS NOT NULL) AND (kind = 'PAYMENT') = (payment_id IS NOT NULL)",
            name=op.f("ck_cash_corrections_slip"),
        ),
        sa.CheckConstraint("kind IN ('RECEIPT', 'PAYMENT')", name=op.f("ck_cash_corrections_kind")),
        sa.CheckConstraint("approver_id <> made_by", name=op.f("ck_cash_corrections_two_people")),
        sa.CheckConstraint("of_day < business_date", name=op.f("ck_cash_corrections_order")),
        sa.ForeignKeyConstraint(
            ["business_date"],
            ["cash_days.business_date"],
            name=op.f("fk_cash_corrections_business_date"),
        ),
        sa.ForeignKeyConstraint(
            ["of_day"], ["cash_days.business_date"], name=op.f("fk_cash_corrections_of_day")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["cash_payments.id"], name=op.f("fk_cash_corrections_payment_id")
        ),
        sa.ForeignKeyConstraint(
            ["sale_id"], ["sales.id"], name=op.f("fk_cash_corrections_sale_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_corrections")),
        sa.UniqueConstraint("key", name=op.f("uq_cash_corrections_key")),
        sa.UniqueConstraint("number", name=op.f("uq_cash_corrections_number")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_cash_corrections_payment_id")),
        sa.UniqueConstraint("sale_id", name=op.f("uq_cash_corrections_sale_id")),
    )
    op.create_index(
        op.f("ix_cash_corrections_business_date"),
        "cash_corrections",
        ["business_date"],
        unique=False,
    )
    op.create_index(
        op.f("ix_cash_corrections_of_day"), "cash_corrections", ["of_day"], unique=False
    )
    op.execute("GRANT SELECT, INSERT, UPDATE (id, reason) ON cash_corrections TO {login}")


def _create_plans() -> None:
    op.create_table(
        "plans",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rejection", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "state IN ('DRAFT', 'SUBMITTED', 'APPROVED', 'REPLACED')", name=op.f("ck_plans_state")
        ),
        sa.CheckConstraint(
            "state NOT IN ('APPROVED', 'REPLACED') OR approved_by <> submitted_by",
            name=op.f("ck_plans_two_people"),
        ),
        sa.CheckConstraint("year BETWEEN 1901 AND 2999", name=op.f("ck_plans_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("year", "revision", name=op.f("uq_plans_year_revision")),
    )
    op.create_index(
        "uq_plans_year_approved",
        "plans",
        ["year"],
        unique=True,
        postgresql_where=sa.text("state = 'APPROVED'"),
    )
    op.create_index(
        "uq_plans_year_open",
        "plans",
        ["year"],
        unique=True,
        postgresql_where=sa.text("state IN ('DRAFT', 'SUBMITTED')"),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON plans TO {login}")
    op.create_table(
        "plan_figures",
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("side", sa.String(length=5), nullable=False),
        sa.Column("name", sa.String(length=1), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "name IN ('R', 'W', 'E', 'I', 'H', 'V', 'N', 'K')", name=op.f("ck_plan_figures_name")
        ),
        sa.CheckConstraint("side IN ('PRIOR', 'PLAN')", name=op.f("ck_plan_figures_side")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_plan_figures_amount")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_plan_figures_plan_id")),
        sa.PrimaryKeyConstraint("plan_id", "side", "name", name=op.f("pk_plan_figures")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON plan_figures TO {login}")
    op.create_table(
        "plan_lines",
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("part", sa.String(length=36), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('STORE', 'CONSULTANT', 'CATEGORY')", name=op.f("ck_plan_lines_kind")
        ),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_plan_lines_amount")),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_plan_lines_month")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_plan_lines_plan_id")),
        sa.PrimaryKeyConstraint("plan_id", "month", "kind", "part", name=op.f("pk_plan_lines")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON plan_lines TO {login}")


def _create_comparison() -> None:
    op.create_table(
        "plan_inputs",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=1), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("name IN ('I', 'H', 'K')", name=op.f("ck_plan_inputs_name")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_plan_inputs_amount")),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_plan_inputs_month")),
        sa.PrimaryKeyConstraint("month", "name", name=op.f("pk_plan_inputs")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON plan_inputs TO {login}")
    op.create_table(
        "plan_variances",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("plan_fen", sa.BigInteger(), nullable=False),
        sa.Column("actual_fen", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_plan_variances_month")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_plan_variances_plan_id")),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_plan_variances")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON plan_variances TO {login}")
    op.create_table(
        "plan_solutions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_plan_solutions_month")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_solutions")),
    )
    op.create_index(op.f("ix_plan_solutions_month"), "plan_solutions", ["month"], unique=False)
    op.execute("GRANT SELECT, INSERT, UPDATE (id, text) ON plan_solutions TO {login}")
