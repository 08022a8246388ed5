"""Plans that a headquarters approves, what passed about them; which forms a month is reopened for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "t0019"
down_revision = "t0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; `{login}` is the tenant's own login."""
    op.add_column("plans", sa.Column("decided_by_name", sa.String(length=80), nullable=True))
    op.add_column(
        "month_steps",
        sa.Column("forms", postgresql.ARRAY(sa.String(length=10)), nullable=True),
    )
    op.create_table(
        "plan_exchanges",
        sa.Column("plan_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("letter_no", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_no", sa.Integer(), nullable=False),
        sa.Column("answered_no", sa.Integer(), nullable=False),
        sa.Column("refusal", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_plan_exchanges_plan_id")),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_plan_exchanges")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON plan_exchanges TO {login}")


def downgrade() -> None:
    """Drop them."""
    op.drop_table("plan_exchanges")
    op.drop_column("month_steps", "forms")
    op.drop_column("plans", "decided_by_name")
