"""Copies and erasure of personal data: receipts, whom a notice is about, words of ledgers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "t0010"
down_revision = "t0009"
branch_labels = None
depends_on = None

# What a guest's erasure must reach on a ledger: words alone, never who, when or how much.
_WORDS = (("id, reason", "record_changes, month_steps, sales"), ("id, note", "stock_moves"),
          ("id, payee", "cash_payments"))  # fmt: skip
_KINDS = "'EXPORT', 'IMPORT', 'PAPER'"
_FORMATS = "'XLSX', 'CSV', 'PDF'"


def upgrade() -> None:
    """Add them; `{login}` is the tenant's own login."""
    op.add_column("customers", sa.Column("restricted_at", sa.DateTime(timezone=True)))
    op.add_column(
        "told_events",
        sa.Column("about", postgresql.ARRAY(sa.String(60)), server_default="{}", nullable=False),
    )
    op.create_table(
        "erasures",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "erased", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("files", sa.Integer(), server_default="0", nullable=False),
        sa.Column("words", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_erasures_customer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_index(op.f("ix_erasures_customer_id"), "erasures", ["customer_id"], unique=False)
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (reason, finished_at, erased, files, words) ON erasures "
        "TO {login}"
    )
    for columns, tables in _WORDS:
        op.execute(f"GRANT UPDATE ({columns}) ON {tables} TO {{login}}")
    _allow(f"{_KINDS}, 'COPY'", f"{_FORMATS}, 'ZIP'")


def downgrade() -> None:
    """Forget them; copies that were asked for go with it."""
    op.execute("DELETE FROM record_runs WHERE kind = 'COPY'")
    _allow(_KINDS, _FORMATS)
    for columns, tables in _WORDS:
        kept = ", ".join(name for name in tables.split(", ") if name != "sales")
        if kept:
            op.execute(f"REVOKE UPDATE ({columns}) ON {kept} FROM {{login}}")
    op.execute("REVOKE UPDATE (reason) ON sales FROM {login}")
    op.drop_table("erasures")
    op.drop_column("told_events", "about")
    op.drop_column("customers", "restricted_at")


def _allow(kinds: str, formats: str) -> None:
    for name, column, listed in (("kind", "kind", kinds), ("file_format", "file_format", formats)):
        op.execute(f"ALTER TABLE record_runs DROP CONSTRAINT ck_record_runs_{name}")
        op.execute(
            f"ALTER TABLE record_runs ADD CONSTRAINT ck_record_runs_{name} "
            f"CHECK ({column} IN ({listed}))"
        )
