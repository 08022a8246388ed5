"""Photos of a profile; versions of the channels of notices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "t0011"
down_revision = "t0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("customers", sa.Column("photos", postgresql.ARRAY(sa.Uuid()), nullable=True))
    op.add_column(
        "notice_endpoints",
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
    )


def downgrade() -> None:
    """Drop the columns."""
    op.drop_column("notice_endpoints", "version")
    op.drop_column("customers", "photos")
