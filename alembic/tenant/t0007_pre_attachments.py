"""Photos and signatures of declared forms."""

import sqlalchemy as sa
from alembic import op

revision = "t0007"
down_revision = "t0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; `{login}` is the tenant's own login."""
    op.create_table(
        "attachments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.String(length=8), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=True),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("content_type", sa.String(length=20), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "content_type IN ('image/jpeg', 'image/png', 'image/webp')",
            name=op.f("ck_attachments_content_type"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    op.create_index(
        "ix_attachments_form_record_id", "attachments", ["form", "record_id"], unique=False
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON attachments TO {login}")


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("attachments")
