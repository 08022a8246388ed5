"""The ranking of a month in its own order, so that a page of it costs a page."""

from alembic import op

revision = "h0002"
down_revision = "h0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "ix_store_ranks_place",
        "store_ranks",
        ["month", "indicator", "peer_group", "rank"],
        unique=False,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_store_ranks_place", table_name="store_ranks")
