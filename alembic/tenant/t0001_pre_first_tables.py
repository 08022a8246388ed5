"""The first tables of every tenant: items, customers, slips, cash days, months."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "t0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; `{login}` is the tenant's own login."""
    op.create_table(
        "cash_days",
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opening_fen", sa.BigInteger(), nullable=True),
        sa.Column("opening_reason", sa.String(length=200), nullable=True),
        sa.Column("bank_deposit_fen", sa.BigInteger(), nullable=False),
        sa.Column("counted_fen", sa.BigInteger(), nullable=True),
        sa.Column("counted_by", sa.Uuid(), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("variance_reason", sa.String(length=200), nullable=True),
        sa.Column("manager_reason", sa.String(length=200), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state = 'OPEN' OR (opening_fen IS NOT NULL AND counted_fen IS NOT NULL AND closed_at IS NOT NULL)",
            name=op.f("ck_cash_days_closed_whole"),
        ),
        sa.CheckConstraint("state IN ('OPEN', 'CLOSED')", name=op.f("ck_cash_days_state")),
        sa.CheckConstraint("bank_deposit_fen >= 0", name=op.f("ck_cash_days_deposit")),
        sa.PrimaryKeyConstraint("business_date", name=op.f("pk_cash_days")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON cash_days TO {login}")
    op.create_table(
        "cash_payments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("payee", sa.String(length=80), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_by", sa.Uuid(), nullable=False),
        sa.Column("approver_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('PURCHASE', 'RENT', 'UTILITIES', 'WAGE_ADVANCE', 'MISC')",
            name=op.f("ck_cash_payments_purpose"),
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_cash_payments_amount")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_payments")),
        sa.UniqueConstraint("key", name=op.f("uq_cash_payments_key")),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_index(
        op.f("ix_cash_payments_business_date"), "cash_payments", ["business_date"], unique=False
    )
    op.execute("GRANT SELECT, INSERT ON cash_payments TO {login}")
    op.create_table(
        "changed_days",
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("business_date", name=op.f("pk_changed_days")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON changed_days TO {login}")
    op.create_table(
        "closed_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_closed_days")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON closed_days TO {login}")
    op.create_table(
        "customers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("first_paid_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
        sa.UniqueConstraint("number", name=op.f("uq_customers_number")),
    )
    op.create_index(
        op.f("ix_customers_first_paid_on"), "customers", ["first_paid_on"], unique=False
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON customers TO {login}")
    op.create_table(
        "day_items",
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("category", sa.String(length=10), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("turnover_fen", sa.BigInteger(), nullable=False),
        sa.Column("consumption_fen", sa.BigInteger(), nullable=False),
        sa.Column("direct_cost_fen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("business_date", "category", name=op.f("pk_day_items")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON day_items TO {login}")
    op.create_table(
        "day_tenders",
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("tender", sa.String(length=10), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("business_date", "tender", name=op.f("pk_day_tenders")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON day_tenders TO {login}")
    op.create_table(
        "day_totals",
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("new_customers", sa.Integer(), nullable=False),
        sa.Column("receipts", sa.Integer(), nullable=False),
        sa.Column("turnover_fen", sa.BigInteger(), nullable=False),
        sa.Column("consumption_fen", sa.BigInteger(), nullable=False),
        sa.Column("cash_sales_fen", sa.BigInteger(), nullable=False),
        sa.Column("refunds_fen", sa.BigInteger(), nullable=False),
        sa.Column("product_fen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("business_date", name=op.f("pk_day_totals")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON day_totals TO {login}")
    op.create_table(
        "import_runs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_format", sa.String(length=4), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("columns", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rows_total", sa.Integer(), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("rows_saved", sa.Integer(), nullable=False),
        sa.Column("rows_known", sa.Integer(), nullable=False),
        sa.Column("rows_bad", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "file_format IN ('CSV', 'XLSX')", name=op.f("ck_import_runs_file_format")
        ),
        sa.CheckConstraint(
            "state IN ('RECEIVED', 'RUNNING', 'DONE')", name=op.f("ck_import_runs_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_runs")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON import_runs TO {login}")
    op.create_table(
        "items",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("category", sa.String(length=10), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("cost_fen", sa.BigInteger(), nullable=False),
        sa.Column("on_sale_from", sa.Date(), nullable=False),
        sa.Column("on_sale_to", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "category IN ('FACIAL', 'BODY', 'SLIMMING', 'OTHER', 'PRODUCT')",
            name=op.f("ck_items_category"),
        ),
        sa.CheckConstraint("cost_fen >= 0", name=op.f("ck_items_cost")),
        sa.CheckConstraint("on_sale_to >= on_sale_from", name=op.f("ck_items_on_sale")),
        sa.CheckConstraint("price_fen >= 0", name=op.f("ck_items_price")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
        sa.UniqueConstraint("code", name=op.f("uq_items_code")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON items TO {login}")
    op.create_table(
        "month_costs",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('WAGES', 'RENT', 'MATERIALS', 'UTILITIES', 'MARKETING', 'OTHER')",
            name=op.f("ck_month_costs_kind"),
        ),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_month_costs_amount")),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_month_costs_month")),
        sa.PrimaryKeyConstraint("month", "kind", name=op.f("pk_month_costs")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON month_costs TO {login}")
    op.create_table(
        "month_exchanges",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("snapshot_no", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("is_stale", sa.Boolean(), nullable=False),
        sa.Column("inputs_hash", sa.String(length=64), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_no", sa.Integer(), nullable=False),
        sa.Column("answered_no", sa.Integer(), nullable=False),
        sa.Column("refusal", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_month_exchanges")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON month_exchanges TO {login}")
    op.create_table(
        "months",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('OPEN', 'COMPUTED', 'REVIEWED', 'CLOSED', 'REOPENED')",
            name=op.f("ck_months_state"),
        ),
        sa.CheckConstraint(
            "state IN ('OPEN', 'REOPENED') OR revision > 0", name=op.f("ck_months_computed")
        ),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_months_month")),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_months")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON months TO {login}")
    op.create_table(
        "opening_hours",
        sa.Column("weekday", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("opens_at", sa.Time(), nullable=False),
        sa.Column("closes_at", sa.Time(), nullable=False),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_opening_hours_order")),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("ck_opening_hours_weekday")),
        sa.PrimaryKeyConstraint("weekday", name=op.f("pk_opening_hours")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON opening_hours TO {login}")
    op.create_table(
        "refused_letters",
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("sender", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.String(length=500), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_refused_letters")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON refused_letters TO {login}")
    op.create_table(
        "sales_months",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("last_no", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_sales_months")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON sales_months TO {login}")
    op.create_table(
        "month_revisions",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("inputs_hash", sa.String(length=64), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["month"], ["months.month"], name=op.f("fk_month_revisions_month")),
        sa.PrimaryKeyConstraint("month", "revision", name=op.f("pk_month_revisions")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON month_revisions TO {login}")
    op.create_table(
        "month_steps",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("from_state", sa.String(length=10), nullable=False),
        sa.Column("to_state", sa.String(length=10), nullable=False),
        sa.Column("authority", sa.String(length=10), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["month"], ["months.month"], name=op.f("fk_month_steps_month")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_month_steps")),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_index(op.f("ix_month_steps_month"), "month_steps", ["month"], unique=False)
    op.execute("GRANT SELECT, INSERT ON month_steps TO {login}")
    op.create_table(
        "sales",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("receipt_no", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("refund_of", sa.BigInteger(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("sold_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=True),
        sa.Column("approver_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("paper_no", sa.String(length=40), nullable=True),
        sa.Column("import_run_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'SALE' AND total_fen >= 0 AND refund_of IS NULL) OR (kind = 'REFUND' AND total_fen <= 0 AND refund_of IS NOT NULL)",
            name=op.f("ck_sales_sign"),
        ),
        sa.CheckConstraint("kind IN ('SALE', 'REFUND')", name=op.f("ck_sales_kind")),
        sa.CheckConstraint("source IN ('DESK', 'IMPORT', 'API')", name=op.f("ck_sales_source")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_sales_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["import_run_id"], ["import_runs.id"], name=op.f("fk_sales_import_run_id")
        ),
        sa.ForeignKeyConstraint(["refund_of"], ["sales.id"], name=op.f("fk_sales_refund_of")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales")),
        sa.UniqueConstraint("key", name=op.f("uq_sales_key")),
        sa.UniqueConstraint("receipt_no", name=op.f("uq_sales_receipt_no")),
        info={"grants": "SELECT, INSERT, UPDATE (id)"},
    )
    op.create_index(op.f("ix_sales_business_date"), "sales", ["business_date"], unique=False)
    op.create_index(op.f("ix_sales_customer_id"), "sales", ["customer_id"], unique=False)
    op.create_index(op.f("ix_sales_refund_of"), "sales", ["refund_of"], unique=False)
    op.execute("GRANT SELECT, INSERT, UPDATE (id) ON sales TO {login}")
    op.create_table(
        "import_rows",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sale_no", sa.Integer(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=True),
        sa.Column("raw", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "parsed", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("problems", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sale_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('NEW', 'SAVED', 'KNOWN', 'BAD')", name=op.f("ck_import_rows_state")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["import_runs.id"], name=op.f("fk_import_rows_run_id")),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_import_rows_sale_id")),
        sa.PrimaryKeyConstraint("run_id", "line_no", name=op.f("pk_import_rows")),
    )
    op.create_index(
        "ix_import_rows_run_id_sale_no", "import_rows", ["run_id", "sale_no"], unique=False
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON import_rows TO {login}")
    op.create_table(
        "month_cells",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("category", sa.String(length=10), nullable=False),
        sa.Column("turnover_fen", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["month", "revision"],
            ["month_revisions.month", "month_revisions.revision"],
            name=op.f("fk_month_cells_month_revision"),
        ),
        sa.PrimaryKeyConstraint(
            "month", "revision", "day", "category", name=op.f("pk_month_cells")
        ),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON month_cells TO {login}")
    op.create_table(
        "month_figures",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("indicator", sa.String(length=20), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["month", "revision"],
            ["month_revisions.month", "month_revisions.revision"],
            name=op.f("fk_month_figures_month_revision"),
        ),
        sa.PrimaryKeyConstraint(
            "month", "revision", "indicator", "part", name=op.f("pk_month_figures")
        ),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON month_figures TO {login}")
    op.create_table(
        "sale_lines",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("sale_id", sa.BigInteger(), nullable=False),
        sa.Column("refund_of", sa.BigInteger(), nullable=True),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("category", sa.String(length=10), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("cost_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('SINGLE', 'PRODUCT', 'OTHER')", name=op.f("ck_sale_lines_kind")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_sale_lines_item_id")),
        sa.ForeignKeyConstraint(
            ["refund_of"], ["sale_lines.id"], name=op.f("fk_sale_lines_refund_of")
        ),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_sale_lines_sale_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sale_lines")),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_index(op.f("ix_sale_lines_refund_of"), "sale_lines", ["refund_of"], unique=False)
    op.create_index(op.f("ix_sale_lines_sale_id"), "sale_lines", ["sale_id"], unique=False)
    op.execute("GRANT SELECT, INSERT ON sale_lines TO {login}")
    op.create_table(
        "sale_tenders",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("sale_id", sa.BigInteger(), nullable=False),
        sa.Column("tender", sa.String(length=10), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "tender IN ('CASH', 'WECHAT', 'ALIPAY', 'BANKCARD', 'TRANSFER', 'VOUCHER')",
            name=op.f("ck_sale_tenders_tender"),
        ),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_sale_tenders_sale_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sale_tenders")),
        sa.UniqueConstraint("sale_id", "tender", name=op.f("uq_sale_tenders_sale_id_tender")),
        info={"grants": "SELECT, INSERT"},
    )
    op.execute("GRANT SELECT, INSERT ON sale_tenders TO {login}")


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("sale_tenders")
    op.drop_table("sale_lines")
    op.drop_table("month_figures")
    op.drop_table("month_cells")
    op.drop_table("import_rows")
    op.drop_table("sales")
    op.drop_table("month_steps")
    op.drop_table("month_revisions")
    op.drop_table("sales_months")
    op.drop_table("refused_letters")
    op.drop_table("opening_hours")
    op.drop_table("months")
    op.drop_table("month_exchanges")
    op.drop_table("month_costs")
    op.drop_table("items")
    op.drop_table("import_runs")
    op.drop_table("day_totals")
    op.drop_table("day_tenders")
    op.drop_table("day_items")
    op.drop_table("customers")
    op.drop_table("closed_days")
    op.drop_table("changed_days")
    op.drop_table("cash_payments")
    op.drop_table("cash_days")
