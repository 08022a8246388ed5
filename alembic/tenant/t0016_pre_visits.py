"""Visits and treatment cards: who is in the house, what was quoted, done, used and signed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "t0016"
down_revision = "t0015"
branch_labels = None
depends_on = None

_TABLES = ("visits", "visit_lines", "visit_steps", "treatments", "treatment_products")
_ALL = "SELECT, INSERT, UPDATE, DELETE"
_GRANTS = {"visit_steps": "SELECT, INSERT, UPDATE (id, reason)"}
_KINDS = "'RECEIPT', 'COUNT', 'HANDOUT', 'SALE'"


def upgrade() -> None:
    """Make the tables; `{login}` is the tenant's own login."""
    _visits()
    _visit_lines()
    _visit_steps()
    _treatments()
    _treatment_products()
    for table in _TABLES:
        op.execute(f"GRANT {_GRANTS.get(table, _ALL)} ON {table} TO {{login}}")
    _stock_move_kinds(f"{_KINDS}, 'TREATMENT'")


def downgrade() -> None:
    """Forget visits and treatments; what they used counts as sold."""
    op.execute("UPDATE stock_moves SET kind = 'SALE' WHERE kind = 'TREATMENT'")
    _stock_move_kinds(_KINDS)
    for table in reversed(_TABLES):
        op.drop_table(table)


def _stock_move_kinds(kinds: str) -> None:
    op.execute("ALTER TABLE stock_moves DROP CONSTRAINT ck_stock_moves_kind")
    op.execute(
        f"ALTER TABLE stock_moves ADD CONSTRAINT ck_stock_moves_kind CHECK (kind IN ({kinds}))"
    )


def _visits() -> None:
    op.create_table(
        "visits",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("appointment_id", sa.BigInteger(), nullable=True),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("is_requested", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("greeted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_health_declined", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("needs", sa.String(length=300), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promised_end_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_on_time", sa.Boolean(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settle_key", sa.Uuid(), nullable=True),
        sa.Column("sale_id", sa.BigInteger(), nullable=True),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("home_advice", sa.String(length=200), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_reason", sa.String(length=8), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "left_reason IN ('WAITED', 'PRICE', 'HEALTH', 'CHANGED', 'OTHER')",
            name=op.f("ck_visits_left_reason"),
        ),
        sa.CheckConstraint("left_reason IS NULL OR stage = 'LEFT'", name=op.f("ck_visits_left")),
        sa.CheckConstraint(
            "stage IN ('WAITING', 'CONSULTING', 'QUOTED', 'IN_SERVICE', 'CHECKED', 'SETTLED', 'LEFT')",
            name=op.f("ck_visits_stage"),
        ),
        sa.CheckConstraint(
            "(is_on_time IS NULL) = (checked_at IS NULL)", name=op.f("ck_visits_on_time")
        ),
        sa.CheckConstraint(
            "sale_id IS NULL OR settled_at IS NOT NULL", name=op.f("ck_visits_settled")
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_visits_appointment_id")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_visits_customer_id")
        ),
        sa.ForeignKeyConstraint(["place_id"], ["resources.id"], name=op.f("fk_visits_place_id")),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_visits_sale_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_visits_appointment_id")),
        sa.UniqueConstraint("number", name=op.f("uq_visits_number")),
        sa.UniqueConstraint("sale_id", name=op.f("uq_visits_sale_id")),
        sa.UniqueConstraint("settle_key", name=op.f("uq_visits_settle_key")),
    )
    op.create_index(op.f("ix_visits_arrived_at"), "visits", ["arrived_at"], unique=False)
    op.create_index(
        "ix_visits_business_date_stage", "visits", ["business_date", "stage"], unique=False
    )
    op.create_index(op.f("ix_visits_customer_id"), "visits", ["customer_id"], unique=False)
    op.create_index(
        "uq_visits_customer_here",
        "visits",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("stage NOT IN ('SETTLED', 'LEFT')"),
    )


def _visit_lines() -> None:
    op.create_table(
        "visit_lines",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("pay_by", sa.String(length=7), nullable=False),
        sa.Column("card_id", sa.BigInteger(), nullable=True),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("is_extra", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("quoted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("quoted_by", sa.Uuid(), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(pay_by IN ('STORED', 'PACKAGE')) = (card_id IS NOT NULL)",
            name=op.f("ck_visit_lines_card"),
        ),
        sa.CheckConstraint(
            "pay_by IN ('SINGLE', 'STORED', 'PACKAGE', 'GIFT', 'REWORK')",
            name=op.f("ck_visit_lines_pay_by"),
        ),
        sa.CheckConstraint(
            "agreed_at IS NULL OR declined_at IS NULL", name=op.f("ck_visit_lines_decided")
        ),
        sa.CheckConstraint(
            "price_fen >= 0 AND quantity > 0 AND minutes >= 0", name=op.f("ck_visit_lines_figures")
        ),
        sa.ForeignKeyConstraint(["card_id"], ["cards.id"], name=op.f("fk_visit_lines_card_id")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_visit_lines_item_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_visit_lines_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_lines")),
    )
    op.create_index(op.f("ix_visit_lines_visit_id"), "visit_lines", ["visit_id"], unique=False)


def _visit_steps() -> None:
    op.create_table(
        "visit_steps",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.String(length=8), nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "stage IN ('WAITING', 'CONSULTING', 'QUOTED', 'IN_SERVICE', 'CHECKED', 'SETTLED', 'LEFT')",
            name=op.f("ck_visit_steps_stage"),
        ),
        sa.CheckConstraint(
            "step IN ('ARRIVE', 'GREET', 'CONSULT', 'QUOTE', 'AGREE', 'START', 'EXTRA', 'CHECK', 'SETTLE', 'FAREWELL', 'LEAVE')",
            name=op.f("ck_visit_steps_step"),
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_visit_steps_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_steps")),
        info={"grants": "SELECT, INSERT, UPDATE (id, reason)"},
    )
    op.create_index(op.f("ix_visit_steps_visit_id"), "visit_steps", ["visit_id"], unique=False)


def _treatments() -> None:
    op.create_table(
        "treatments",
        sa.Column("visit", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("customer", sa.BigInteger(), nullable=False),
        sa.Column("item", sa.BigInteger(), nullable=False),
        sa.Column("beautician", sa.Uuid(), nullable=False),
        sa.Column("assistant", sa.Uuid(), nullable=True),
        sa.Column("assigned_by", sa.String(length=10), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pay_by", sa.String(length=7), nullable=False),
        sa.Column("unit_value_fen", sa.BigInteger(), nullable=True),
        sa.Column("sessions_before", sa.Integer(), nullable=True),
        sa.Column("sessions_after", sa.Integer(), nullable=True),
        sa.Column("skin_before", sa.String(length=300), nullable=True),
        sa.Column("skin_after", sa.String(length=300), nullable=True),
        sa.Column("products_used", sa.String(length=600), nullable=True),
        sa.Column("equipment", sa.BigInteger(), nullable=True),
        sa.Column("parameters", sa.String(length=100), nullable=True),
        sa.Column("reaction", sa.String(length=8), nullable=True),
        sa.Column("photo_before", sa.Uuid(), nullable=True),
        sa.Column("photo_after", sa.Uuid(), nullable=True),
        sa.Column("guest_feeling", sa.String(length=17), nullable=True),
        sa.Column("feeling_reason", sa.String(length=200), nullable=True),
        sa.Column("preferences", sa.String(length=200), nullable=True),
        sa.Column("recommended", postgresql.ARRAY(sa.BigInteger()), nullable=True),
        sa.Column("next_date", sa.Date(), nullable=True),
        sa.Column("home_advice", sa.String(length=200), nullable=True),
        sa.Column("guest_sign", sa.Uuid(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("card_seq", sa.Integer(), nullable=True),
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
        sa.CheckConstraint(
            "assigned_by IN ('REQUESTED', 'TURN', 'CONSULTANT')",
            name=op.f("ck_treatments_assigned_by"),
        ),
        sa.CheckConstraint(
            "guest_feeling IN ('VERY_SATISFIED', 'SATISFIED', 'NEUTRAL', 'DISSATISFIED', 'VERY_DISSATISFIED')",
            name=op.f("ck_treatments_guest_feeling"),
        ),
        sa.CheckConstraint(
            "pay_by IN ('SINGLE', 'STORED', 'PACKAGE', 'GIFT', 'REWORK')",
            name=op.f("ck_treatments_pay_by"),
        ),
        sa.CheckConstraint(
            "reaction IN ('NONE', 'REDNESS', 'ITCHING', 'PAIN', 'SWELLING', 'OTHER')",
            name=op.f("ck_treatments_reaction"),
        ),
        sa.CheckConstraint(
            "signed_at IS NULL OR pay_by NOT IN ('STORED', 'PACKAGE') OR card_seq IS NOT NULL",
            name=op.f("ck_treatments_deducted"),
        ),
        sa.CheckConstraint(
            "state IN ('DRAFT', 'SUBMITTED', 'APPROVED', 'LOCKED', 'VOID')",
            name=op.f("ck_treatments_state"),
        ),
        sa.CheckConstraint("ended_at > started_at", name=op.f("ck_treatments_order")),
        sa.CheckConstraint(
            "sessions_after = sessions_before - 1", name=op.f("ck_treatments_sessions")
        ),
        sa.ForeignKeyConstraint(
            ["customer"], ["customers.id"], name=op.f("fk_treatments_customer")
        ),
        sa.ForeignKeyConstraint(
            ["equipment"], ["resources.id"], name=op.f("fk_treatments_equipment")
        ),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name=op.f("fk_treatments_item")),
        sa.ForeignKeyConstraint(["line"], ["visit_lines.id"], name=op.f("fk_treatments_line")),
        sa.ForeignKeyConstraint(["visit"], ["visits.id"], name=op.f("fk_treatments_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_treatments")),
        sa.UniqueConstraint("number", name=op.f("uq_treatments_number")),
    )
    op.create_index(op.f("ix_treatments_beautician"), "treatments", ["beautician"], unique=False)
    op.create_index(
        op.f("ix_treatments_business_date"), "treatments", ["business_date"], unique=False
    )
    op.create_index(op.f("ix_treatments_customer"), "treatments", ["customer"], unique=False)
    op.create_index(op.f("ix_treatments_visit"), "treatments", ["visit"], unique=False)
    op.create_index(
        "uq_treatments_line",
        "treatments",
        ["line"],
        unique=True,
        postgresql_where=sa.text("state <> 'VOID'"),
    )


def _treatment_products() -> None:
    op.create_table(
        "treatment_products",
        sa.Column("treatment_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("batch_no", sa.String(length=30), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "quantity BETWEEN 1 AND 99", name=op.f("ck_treatment_products_quantity")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_treatment_products_item_id")
        ),
        sa.ForeignKeyConstraint(
            ["treatment_id"], ["treatments.id"], name=op.f("fk_treatment_products_treatment_id")
        ),
        sa.PrimaryKeyConstraint("treatment_id", "place", name=op.f("pk_treatment_products")),
    )
    op.create_index(
        "ix_treatment_products_item_id_batch_no",
        "treatment_products",
        ["item_id", "batch_no"],
        unique=False,
    )
    # ### end Alembic commands ###
