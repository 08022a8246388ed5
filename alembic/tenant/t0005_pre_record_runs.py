"""Workbooks taken out and brought in: runs, lines of files, keys of kept lines."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "t0005"
down_revision = "t0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; `{login}` is the tenant's own login."""
    op.create_table(
        "record_keys",
        sa.Column("form", sa.String(length=8), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("form", "key", name=op.f("pk_record_keys")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON record_keys TO {login}")
    op.create_table(
        "record_runs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("form", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("file_format", sa.String(length=4), nullable=False),
        sa.Column("asked", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("purpose", sa.String(length=100), nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_key", sa.Uuid(), nullable=False),
        sa.Column(
            "columns", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False
        ),
        sa.Column(
            "refusal", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False
        ),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_new", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_changed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_same", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_conflict", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_bad", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_saved", sa.Integer(), server_default="0", nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "file_format IN ('XLSX', 'CSV', 'PDF')", name=op.f("ck_record_runs_file_format")
        ),
        sa.CheckConstraint(
            "kind IN ('EXPORT', 'IMPORT', 'PAPER')", name=op.f("ck_record_runs_kind")
        ),
        sa.CheckConstraint(
            "state IN ('WAITING', 'READY', 'TAKEN', 'JUDGED', 'SAVING', 'DONE', 'REFUSED', 'CANCELLED', 'EXPIRED')",
            name=op.f("ck_record_runs_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_runs")),
    )
    op.create_index(op.f("ix_record_runs_expires_at"), "record_runs", ["expires_at"], unique=False)
    op.create_index(
        "ix_record_runs_form_asked_by", "record_runs", ["form", "asked_by"], unique=False
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON record_runs TO {login}")
    op.create_table(
        "record_lines",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("raw", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column(
            "typed", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("key", sa.Uuid(), nullable=True),
        sa.Column(
            "problems", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False
        ),
        sa.CheckConstraint(
            "state IN ('WAITING', 'NEW', 'CHANGED', 'SAME', 'CONFLICT', 'BAD', 'SAVED')",
            name=op.f("ck_record_lines_state"),
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["record_runs.id"], name=op.f("fk_record_lines_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "line_no", name=op.f("pk_record_lines")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON record_lines TO {login}")


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("record_lines")
    op.drop_table("record_runs")
    op.drop_table("record_keys")
