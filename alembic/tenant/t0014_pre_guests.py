"""Grades and activity of guests; when each last came."""

import sqlalchemy as sa
from alembic import op

revision = "t0014"
down_revision = "t0013"
branch_labels = None
depends_on = None

_GRADES = "'A', 'B', 'C', 'P'"
_ACTIVITIES = "'ACTIVE', 'WATCH', 'COLD', 'HANDOVER', 'DORMANT', 'LOST'"
_STATES = "'DRAFT', 'SUBMITTED', 'APPROVED', 'LOCKED', 'VOID'"


def upgrade() -> None:
    """Add them; `{login}` is the tenant's own login."""
    op.add_column("customers", sa.Column("grade", sa.String(length=1), nullable=True))
    op.add_column("customers", sa.Column("last_visit", sa.Date(), nullable=True))
    op.create_check_constraint(op.f("ck_customers_grade"), "customers", f"grade IN ({_GRADES})")
    op.create_index(op.f("ix_customers_grade"), "customers", ["grade"], unique=False)
    _gradings()
    op.create_table(
        "guest_activities",
        sa.Column("customer", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("judged_on", sa.Date(), nullable=False),
        sa.Column("last_visit", sa.Date(), nullable=False),
        sa.Column("spend_12m_fen", sa.BigInteger(), nullable=False),
        sa.Column("at_risk_fen", sa.BigInteger(), nullable=False),
        sa.Column("next_contact", sa.Date(), nullable=False),
        sa.CheckConstraint(f"state IN ({_ACTIVITIES})", name=op.f("ck_guest_activities_state")),
        sa.ForeignKeyConstraint(
            ["customer"], ["customers.id"], name=op.f("fk_guest_activities_customer")
        ),
        sa.PrimaryKeyConstraint("customer", name=op.f("pk_guest_activities")),
    )
    op.create_index(
        "ix_guest_activities_at_risk_fen_customer", "guest_activities", ["at_risk_fen", "customer"]
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON gradings TO {login}")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON guest_activities TO {login}")


def downgrade() -> None:
    """Drop them."""
    op.drop_table("guest_activities")
    op.drop_table("gradings")
    op.drop_index(op.f("ix_customers_grade"), "customers")
    op.drop_column("customers", "last_visit")
    op.drop_column("customers", "grade")


def _gradings() -> None:
    op.create_table(
        "gradings",
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("customer", sa.BigInteger(), nullable=False),
        sa.Column("spend_12m_fen", sa.BigInteger(), nullable=False),
        sa.Column("spend_365_fen", sa.BigInteger(), nullable=False),
        sa.Column("before_fen", sa.BigInteger(), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("visits_12m", sa.Integer(), nullable=False),
        sa.Column("visits_180", sa.Integer(), nullable=False),
        sa.Column("last_visit", sa.Date(), nullable=True),
        sa.Column("grade", sa.String(length=1), nullable=False),
        sa.Column("computed_grade", sa.String(length=1), nullable=False),
        sa.Column("rfm", sa.String(length=3), nullable=True),
        sa.Column("segment", sa.String(length=3), nullable=True),
        sa.Column("activity", sa.String(length=8), nullable=True),
        sa.Column("override_grade", sa.String(length=1), nullable=True),
        sa.Column("override_reason", sa.String(length=100), nullable=True),
        sa.Column("override_until", sa.Date(), nullable=True),
        sa.Column("consultant", sa.Uuid(), nullable=True),
        sa.Column("contact_cycle", sa.Integer(), nullable=False),
        sa.Column("next_contact", sa.Date(), nullable=False),
        sa.Column("grade_before", sa.String(length=1), nullable=True),
        sa.Column("moved", sa.String(length=4), nullable=True),
        *_record_columns(),
        sa.CheckConstraint(f"grade IN ({_GRADES})", name=op.f("ck_gradings_grade")),
        sa.CheckConstraint(
            f"computed_grade IN ({_GRADES})", name=op.f("ck_gradings_computed_grade")
        ),
        sa.CheckConstraint(
            "override_grade IS NULL OR override_until IS NOT NULL",
            name=op.f("ck_gradings_override"),
        ),
        sa.CheckConstraint(
            "override_grade <> 'P' OR computed_grade = 'P'", name=op.f("ck_gradings_paying")
        ),
        sa.CheckConstraint(f"state IN ({_STATES})", name=op.f("ck_gradings_state")),
        sa.ForeignKeyConstraint(["customer"], ["customers.id"], name=op.f("fk_gradings_customer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gradings")),
        sa.UniqueConstraint("customer", "as_of", name=op.f("uq_gradings_customer_as_of")),
        sa.UniqueConstraint("number", name=op.f("uq_gradings_number")),
    )
    op.create_index("ix_gradings_as_of_grade", "gradings", ["as_of", "grade"], unique=False)
    for name in ("business_date", "consultant"):
        op.create_index(op.f(f"ix_gradings_{name}"), "gradings", [name], unique=False)


def _record_columns() -> tuple[sa.Column, ...]:
    return (
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="SUBMITTED", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("search_text", sa.String(length=600), server_default="", nullable=False),
    )
