"""Profiles that merge, stock by batch, one opinion a visit."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "t0004"
down_revision = "t0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; `{login}` is the tenant's own login."""
    op.create_table(
        "customer_merges",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kept_id", sa.BigInteger(), nullable=False),
        sa.Column("gone_id", sa.BigInteger(), nullable=False),
        sa.Column("filled", postgresql.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("gone_state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_by", sa.Uuid(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["gone_id"], ["customers.id"], name=op.f("fk_customer_merges_gone_id")
        ),
        sa.ForeignKeyConstraint(
            ["kept_id"], ["customers.id"], name=op.f("fk_customer_merges_kept_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_merges")),
    )
    op.create_index(
        op.f("ix_customer_merges_gone_id"), "customer_merges", ["gone_id"], unique=False
    )
    op.create_index(
        op.f("ix_customer_merges_kept_id"), "customer_merges", ["kept_id"], unique=False
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON customer_merges TO {login}")
    op.create_table(
        "stock",
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("batch_no", sa.String(length=30), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_stock_item_id")),
        sa.PrimaryKeyConstraint("item_id", "batch_no", name=op.f("pk_stock")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON stock TO {login}")
    op.create_table(
        "stock_moves",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("batch_no", sa.String(length=30), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("moved_on", sa.Date(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('RECEIPT', 'COUNT', 'HANDOUT', 'SALE')", name=op.f("ck_stock_moves_kind")
        ),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_stock_moves_quantity")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_stock_moves_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_moves")),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_index("ix_stock_moves_item_id_id", "stock_moves", ["item_id", "id"], unique=False)
    op.execute("GRANT SELECT, INSERT ON stock_moves TO {login}")

    op.add_column("customers", sa.Column("merged_into", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_customers_merged_into"), "customers", "customers", ["merged_into"], ["id"]
    )
    op.create_check_constraint(
        op.f("ck_customers_merged"), "customers", "merged_into IS NULL OR state = 'VOID'"
    )
    op.create_index(op.f("ix_customers_merged_into"), "customers", ["merged_into"], unique=False)
    op.create_index(
        "uq_customers_phone_registered",
        "customers",
        ["phone"],
        unique=True,
        postgresql_where=sa.text("registered_on IS NOT NULL AND state <> 'VOID'"),
    )
    op.drop_constraint(op.f("ck_opinions_anonymous"), "opinions", type_="check")
    op.create_check_constraint(
        op.f("ck_opinions_anonymous"),
        "opinions",
        "NOT anonymous OR (customer IS NULL AND contact_phone IS NULL)",
    )
    op.create_index(
        "uq_opinions_customer_visit_on",
        "opinions",
        ["customer", "visit_on"],
        unique=True,
        postgresql_where=sa.text("state <> 'VOID'"),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("stock_moves")
    op.drop_table("stock")
    op.drop_table("customer_merges")
    op.drop_index("uq_opinions_customer_visit_on", table_name="opinions")
    op.drop_index("uq_customers_phone_registered", table_name="customers")
    op.drop_column("customers", "merged_into")
