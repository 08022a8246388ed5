"""Reactions that guests tell of later; no two people on one place of a turn queue."""

import sqlalchemy as sa
from alembic import op

revision = "t0018"
down_revision = "t0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; `{login}` is the tenant's own login."""
    op.create_table(
        "late_reactions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("treatment_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("reaction", sa.String(length=8), nullable=True),
        sa.Column("words", sa.String(length=500), nullable=True),
        sa.Column("treated_on", sa.Date(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_to", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "reaction IN ('REDNESS', 'ITCHING', 'PAIN', 'SWELLING', 'OTHER')",
            name=op.f("ck_late_reactions_reaction"),
        ),
        sa.CheckConstraint("told_on >= treated_on", name=op.f("ck_late_reactions_order")),
        sa.ForeignKeyConstraint(
            ["treatment_id"], ["treatments.id"], name=op.f("fk_late_reactions_treatment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_reactions")),
        sa.UniqueConstraint("key", name=op.f("uq_late_reactions_key")),
    )
    op.create_index(
        op.f("ix_late_reactions_treatment_id"), "late_reactions", ["treatment_id"], unique=False
    )
    op.execute(
        "UPDATE turns SET place = counted.place FROM (SELECT day, person, row_number() OVER "
        "(PARTITION BY day ORDER BY place, person) AS place FROM turns) AS counted "
        "WHERE turns.day = counted.day AND turns.person = counted.person"
    )
    op.create_unique_constraint(op.f("uq_turns_day_place"), "turns", ["day", "place"])
    # a ledger, but for what erasure empties; `id` only lets rows be locked
    op.execute("GRANT SELECT, INSERT, UPDATE (id, reaction, words) ON late_reactions TO {login}")


def downgrade() -> None:
    """Forget them."""
    op.drop_constraint(op.f("uq_turns_day_place"), "turns")
    op.drop_table("late_reactions")
