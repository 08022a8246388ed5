"""Appointments, what they keep busy, rooms and devices, turns; how long items take."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "t0013"
down_revision = "t0012"
branch_labels = None
depends_on = None

_TABLES = ("resources", "appointments", "occupancies", "turns")


def upgrade() -> None:
    """Create the tables and add the columns; `{login}` is the tenant's own login."""
    _items()
    _resources()
    _appointments()
    _occupancies()
    _deposits()
    op.create_table(
        "turns",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("is_paused", sa.Boolean(), server_default="false", nullable=False),
        sa.PrimaryKeyConstraint("day", "person", name=op.f("pk_turns")),
    )
    for table in _TABLES:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {{login}}")


def downgrade() -> None:
    """Drop the tables and the columns."""
    op.drop_index(op.f("ix_sales_appointment_id"), table_name="sales")
    op.drop_column("sales", "appointment_id")
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.drop_constraint(op.f("ck_items_duration"), "items")
    for column in ("contraindications", "device_kind", "duration_minutes"):
        op.drop_column("items", column)


def _items() -> None:
    op.add_column(
        "items", sa.Column("duration_minutes", sa.Integer(), server_default="60", nullable=False)
    )
    op.add_column("items", sa.Column("device_kind", sa.String(length=40), nullable=True))
    op.add_column(
        "items",
        sa.Column("contraindications", postgresql.ARRAY(sa.String(length=14)), nullable=True),
    )
    op.create_check_constraint(
        op.f("ck_items_duration"), "items", "duration_minutes BETWEEN 5 AND 360"
    )


def _deposits() -> None:
    op.add_column("sales", sa.Column("appointment_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_sales_appointment_id"), "sales", "appointments", ["appointment_id"], ["id"]
    )
    op.create_index(op.f("ix_sales_appointment_id"), "sales", ["appointment_id"], unique=False)


def _resources() -> None:
    op.create_table(
        "resources",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("device_kind", sa.String(length=40), nullable=True),
        sa.Column("condition", sa.String(length=4), server_default="GOOD", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("place_no", sa.Integer(), server_default="0", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("condition IN ('GOOD', 'DOWN')", name=op.f("ck_resources_condition")),
        sa.CheckConstraint(
            "kind = 'DEVICE' OR device_kind IS NULL", name=op.f("ck_resources_device_kind")
        ),
        sa.CheckConstraint("kind IN ('PLACE', 'DEVICE')", name=op.f("ck_resources_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resources")),
        sa.UniqueConstraint("kind", "name", name=op.f("uq_resources_kind_name")),
    )


def _appointments() -> None:
    op.create_table("appointments", *_record_columns(), *_own_columns(), *_constraints())
    for columns in (
        ["business_date"], ["contact_phone"], ["customer", "start_at"], ["stage", "start_at"],
    ):  # fmt: skip
        op.create_index(op.f(f"ix_appointments_{'_'.join(columns)}"), "appointments", columns)


def _record_columns() -> list[sa.Column]:
    return [
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
    ]


def _own_columns() -> list[sa.Column]:
    return [
        sa.Column("customer", sa.BigInteger(), nullable=True),
        sa.Column("contact_name", sa.String(length=40), nullable=True),
        sa.Column("contact_phone", sa.String(length=20), nullable=True),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("items", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("duration", sa.Integer(), nullable=False),
        sa.Column("requested_staff", sa.Uuid(), nullable=True),
        sa.Column("assigned_staff", sa.Uuid(), nullable=True),
        sa.Column("room", sa.BigInteger(), nullable=True),
        sa.Column("equipment", postgresql.ARRAY(sa.BigInteger()), nullable=True),
        sa.Column("wishes", sa.String(length=300), nullable=True),
        sa.Column("readback_done", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("deposit_fen", sa.BigInteger(), nullable=True),
        sa.Column("deposit_paid_fen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("cancel_reason", sa.String(length=9), nullable=True),
        sa.Column("is_late_cancel", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("greeted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reminded_day_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_hours_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("guest_key", sa.LargeBinary(), nullable=True),
    ]


def _constraints() -> list[sa.Constraint]:
    checks = {
        "cancel_reason": "cancel_reason IN ('CUSTOMER', 'STORE', 'STAFF', 'EQUIPMENT', 'OTHER')",
        "cancelled": "(stage = 'CANCELLED') = (cancel_reason IS NOT NULL)",
        "channel": "channel IN ('PHONE', 'WECHAT', 'ONLINE', 'EMAIL', 'WALKIN', 'OUTBOUND')",
        "confirmed": "stage IN ('REQUESTED', 'CANCELLED') "
        "OR (assigned_staff IS NOT NULL AND room IS NOT NULL)",
        "deposit": "deposit_fen >= 0 AND deposit_paid_fen >= 0",
        "guest": "customer IS NOT NULL OR contact_phone IS NOT NULL",
        "order": "end_at > start_at",
        "stage": "stage IN ('REQUESTED', 'CONFIRMED', 'ARRIVED', 'IN_SERVICE', 'COMPLETED', "
        "'NO_SHOW', 'CANCELLED')",
        "state": "state IN ('DRAFT', 'SUBMITTED', 'APPROVED', 'LOCKED', 'VOID')",
    }
    return [
        *(
            sa.CheckConstraint(said, name=op.f(f"ck_appointments_{name}"))
            for name, said in checks.items()
        ),
        sa.ForeignKeyConstraint(
            ["customer"], ["customers.id"], name=op.f("fk_appointments_customer")
        ),
        sa.ForeignKeyConstraint(["room"], ["resources.id"], name=op.f("fk_appointments_room")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
        sa.UniqueConstraint("guest_key", name=op.f("uq_appointments_guest_key")),
        sa.UniqueConstraint("number", name=op.f("uq_appointments_number")),
    ]


def _occupancies() -> None:
    op.create_table(
        "occupancies",
        sa.Column("appointment_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("who", sa.String(length=36), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("is_deliberate", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "is_deliberate = (approved_by IS NOT NULL) AND (kind <> 'GUEST' OR NOT is_deliberate)",
            name=op.f("ck_occupancies_deliberate"),
        ),
        sa.CheckConstraint(
            "kind IN ('GUEST', 'STAFF', 'PLACE', 'DEVICE')", name=op.f("ck_occupancies_kind")
        ),
        postgresql.ExcludeConstraint(
            ("kind", "="),
            ("who", "="),
            ("during", "&&"),
            where=sa.text("NOT is_deliberate"),
            using="gist",
            name="ex_occupancies_kind_who_during",
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"],
            name=op.f("fk_occupancies_appointment_id"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("appointment_id", "kind", "who", name=op.f("pk_occupancies")),
    )  # fmt: skip
