"""Forms declared once: numbers, months, histories; handouts, opinions, whole customer profiles."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "t0002"
down_revision = "t0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; `{login}` is the tenant's own login."""
    op.create_table(
        "record_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("form", sa.String(length=8), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_changes")),
        info={"grants": "SELECT, INSERT"},
    )
    op.create_index(
        "ix_record_changes_form_record_id", "record_changes", ["form", "record_id"], unique=False
    )
    op.execute("GRANT SELECT, INSERT ON record_changes TO {login}")
    op.create_table(
        "record_months",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_record_months")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON record_months TO {login}")
    op.create_table(
        "record_numbers",
        sa.Column("form", sa.String(length=8), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("last_no", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("form", "month", name=op.f("pk_record_numbers")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON record_numbers TO {login}")
    op.create_table(
        "handouts",
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("item", sa.BigInteger(), nullable=False),
        sa.Column("batch_no", sa.String(length=30), nullable=True),
        sa.Column("qty", sa.Integer(), nullable=False),
        sa.Column("unit_cost_fen", sa.BigInteger(), nullable=False),
        sa.Column("cost_fen", sa.BigInteger(), nullable=False),
        sa.Column("customer", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("case_ref", sa.String(length=40), nullable=True),
        sa.Column("campaign", sa.String(length=60), nullable=True),
        sa.Column("handed_by", sa.Uuid(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("receiver_sign", sa.Uuid(), nullable=True),
        sa.Column("feedback", sa.String(length=200), nullable=True),
        sa.Column("converted_30d", sa.Boolean(), server_default="false", nullable=False),
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
        sa.CheckConstraint("kind IN ('SAMPLE', 'GIFT', 'TRIAL')", name=op.f("ck_handouts_kind")),
        sa.CheckConstraint(
            "reason IN ('NEW', 'BIRTHDAY', 'TOPUP', 'CAMPAIGN', 'REFERRAL', 'COMPLAINT', 'SUGGESTION')",
            name=op.f("ck_handouts_reason"),
        ),
        sa.CheckConstraint(
            "state IN ('DRAFT', 'SUBMITTED', 'APPROVED', 'LOCKED', 'VOID')",
            name=op.f("ck_handouts_state"),
        ),
        sa.CheckConstraint("approved_by <> handed_by", name=op.f("ck_handouts_four_eyes")),
        sa.CheckConstraint("qty BETWEEN 1 AND 99", name=op.f("ck_handouts_qty")),
        sa.CheckConstraint(
            "unit_cost_fen >= 0 AND cost_fen = unit_cost_fen * qty", name=op.f("ck_handouts_cost")
        ),
        sa.ForeignKeyConstraint(["customer"], ["customers.id"], name=op.f("fk_handouts_customer")),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name=op.f("fk_handouts_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handouts")),
        sa.UniqueConstraint("number", name=op.f("uq_handouts_number")),
    )
    op.create_index(op.f("ix_handouts_business_date"), "handouts", ["business_date"], unique=False)
    op.create_index(op.f("ix_handouts_customer"), "handouts", ["customer"], unique=False)
    op.create_index(op.f("ix_handouts_handed_at"), "handouts", ["handed_at"], unique=False)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON handouts TO {login}")
    op.create_table(
        "opinions",
        sa.Column("overall", sa.String(length=20), nullable=False),
        sa.Column("environment", sa.String(length=20), nullable=True),
        sa.Column("reception", sa.String(length=20), nullable=True),
        sa.Column("technique", sa.String(length=20), nullable=True),
        sa.Column("effect", sa.String(length=20), nullable=True),
        sa.Column("product", sa.String(length=20), nullable=True),
        sa.Column("price", sa.String(length=20), nullable=True),
        sa.Column("hygiene", sa.String(length=20), nullable=True),
        sa.Column("waiting", sa.String(length=20), nullable=True),
        sa.Column("needs", sa.String(length=500), nullable=True),
        sa.Column("likes", sa.String(length=500), nullable=True),
        sa.Column("dislikes", sa.String(length=500), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("suggestion", sa.String(length=500), nullable=True),
        sa.Column("anonymous", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("customer", sa.BigInteger(), nullable=True),
        sa.Column("visit_on", sa.Date(), nullable=True),
        sa.Column("want_contact", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("contact_phone", sa.String(length=20), nullable=True),
        sa.Column("way", sa.String(length=6), nullable=False),
        sa.Column("suggestion_state", sa.String(length=8), nullable=True),
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
            "overall IN ('VERY_SATISFIED', 'SATISFIED', 'NEUTRAL', 'DISSATISFIED', 'VERY_DISSATISFIED')",
            name=op.f("ck_opinions_overall"),
        ),
        sa.CheckConstraint(
            "state IN ('DRAFT', 'SUBMITTED', 'APPROVED', 'LOCKED', 'VOID')",
            name=op.f("ck_opinions_state"),
        ),
        sa.CheckConstraint(
            "NOT anonymous OR (customer IS NULL AND contact_phone IS NULL AND created_by IS NULL)",
            name=op.f("ck_opinions_anonymous"),
        ),
        sa.ForeignKeyConstraint(["customer"], ["customers.id"], name=op.f("fk_opinions_customer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinions")),
        sa.UniqueConstraint("number", name=op.f("uq_opinions_number")),
    )
    op.create_index(op.f("ix_opinions_business_date"), "opinions", ["business_date"], unique=False)
    op.create_index(op.f("ix_opinions_customer"), "opinions", ["customer"], unique=False)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON opinions TO {login}")
    op.create_table(
        "record_change_values",
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("old", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("new", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(
            ["change_id"], ["record_changes.id"], name=op.f("fk_record_change_values_change_id")
        ),
        sa.PrimaryKeyConstraint("change_id", "field", name=op.f("pk_record_change_values")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON record_change_values TO {login}")

    op.add_column("customers", sa.Column("business_date", sa.Date(), nullable=True))
    op.add_column("customers", sa.Column("registered_on", sa.Date(), nullable=True))
    op.add_column("customers", sa.Column("front_desk_no", sa.Uuid(), nullable=True))
    op.add_column("customers", sa.Column("gender", sa.String(length=1), nullable=True))
    op.add_column("customers", sa.Column("birthday", sa.String(length=10), nullable=True))
    op.add_column("customers", sa.Column("wechat", sa.String(length=40), nullable=True))
    op.add_column("customers", sa.Column("email", sa.String(length=120), nullable=True))
    op.add_column("customers", sa.Column("source", sa.String(length=10), nullable=True))
    op.add_column("customers", sa.Column("referrer", sa.BigInteger(), nullable=True))
    op.add_column("customers", sa.Column("occupation", sa.String(length=40), nullable=True))
    op.add_column("customers", sa.Column("education", sa.String(length=40), nullable=True))
    op.add_column("customers", sa.Column("family", sa.String(length=80), nullable=True))
    op.add_column("customers", sa.Column("income_band", sa.String(length=10), nullable=True))
    op.add_column("customers", sa.Column("address_area", sa.String(length=120), nullable=True))
    op.add_column("customers", sa.Column("personality", sa.String(length=200), nullable=True))
    op.add_column("customers", sa.Column("interests", sa.String(length=200), nullable=True))
    op.add_column("customers", sa.Column("buying_attitude", sa.String(length=200), nullable=True))
    op.add_column("customers", sa.Column("wishes", sa.String(length=200), nullable=True))
    op.add_column("customers", sa.Column("skin_type", sa.String(length=12), nullable=True))
    op.add_column(
        "customers",
        sa.Column("skin_problems", postgresql.ARRAY(sa.String(length=12)), nullable=True),
    )
    op.add_column("customers", sa.Column("diagnosis_chart", sa.Uuid(), nullable=True))
    op.add_column("customers", sa.Column("allergies", sa.String(length=200), nullable=True))
    op.add_column(
        "customers",
        sa.Column("contraindications", postgresql.ARRAY(sa.String(length=14)), nullable=True),
    )
    op.add_column("customers", sa.Column("care_history", sa.String(length=300), nullable=True))
    op.add_column("customers", sa.Column("home_care", sa.String(length=300), nullable=True))
    op.add_column("customers", sa.Column("consultant", sa.Uuid(), nullable=True))
    op.add_column("customers", sa.Column("preferred_staff", sa.Uuid(), nullable=True))
    op.add_column(
        "customers", sa.Column("channel_pref", postgresql.ARRAY(sa.String(length=8)), nullable=True)
    )
    op.add_column(
        "customers",
        sa.Column("no_call_times", postgresql.ARRAY(sa.String(length=11)), nullable=True),
    )
    op.add_column(
        "customers",
        sa.Column("consent_service", sa.Boolean(), server_default="false", nullable=False),
    )
    op.add_column(
        "customers",
        sa.Column("consent_sensitive", sa.Boolean(), server_default="false", nullable=False),
    )
    op.add_column(
        "customers",
        sa.Column("consent_marketing", sa.Boolean(), server_default="false", nullable=False),
    )
    op.add_column(
        "customers",
        sa.Column("consent_photo", sa.Boolean(), server_default="false", nullable=False),
    )
    op.add_column("customers", sa.Column("guardian_name", sa.String(length=40), nullable=True))
    op.add_column("customers", sa.Column("customer_sign", sa.Uuid(), nullable=True))
    op.add_column(
        "customers", sa.Column("is_complete", sa.Boolean(), server_default="false", nullable=False)
    )
    op.add_column(
        "customers",
        sa.Column("state", sa.String(length=10), server_default="SUBMITTED", nullable=False),
    )
    op.add_column(
        "customers", sa.Column("version", sa.Integer(), server_default="1", nullable=False)
    )
    op.add_column("customers", sa.Column("created_by", sa.Uuid(), nullable=True))
    op.add_column("customers", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("customers", sa.Column("changed_by", sa.Uuid(), nullable=True))
    op.add_column("customers", sa.Column("reviewed_by", sa.Uuid(), nullable=True))
    op.add_column("customers", sa.Column("void_reason", sa.String(length=200), nullable=True))
    op.add_column(
        "customers",
        sa.Column("search_text", sa.String(length=600), server_default="", nullable=False),
    )
    op.create_index(
        op.f("ix_customers_business_date"), "customers", ["business_date"], unique=False
    )
    op.create_index(op.f("ix_customers_consultant"), "customers", ["consultant"], unique=False)
    op.create_index(op.f("ix_customers_phone"), "customers", ["phone"], unique=False)
    op.create_check_constraint(
        op.f("ck_customers_state"),
        "customers",
        "state IN ('DRAFT', 'SUBMITTED', 'APPROVED', 'LOCKED', 'VOID')",
    )
    op.create_check_constraint(op.f("ck_customers_referrer"), "customers", "referrer <> id")
    op.create_foreign_key(
        op.f("fk_customers_referrer"), "customers", "customers", ["referrer"], ["id"]
    )
    op.execute("UPDATE customers SET search_text = lower(concat_ws(E'\\n', name, phone, number))")


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("record_change_values")
    op.drop_table("opinions")
    op.drop_table("handouts")
    op.drop_table("record_numbers")
    op.drop_table("record_months")
    op.drop_table("record_changes")
    op.drop_column("customers", "business_date")
    op.drop_column("customers", "registered_on")
    op.drop_column("customers", "front_desk_no")
    op.drop_column("customers", "gender")
    op.drop_column("customers", "birthday")
    op.drop_column("customers", "wechat")
    op.drop_column("customers", "email")
    op.drop_column("customers", "source")
    op.drop_column("customers", "referrer")
    op.drop_column("customers", "occupation")
    op.drop_column("customers", "education")
    op.drop_column("customers", "family")
    op.drop_column("customers", "income_band")
    op.drop_column("customers", "address_area")
    op.drop_column("customers", "personality")
    op.drop_column("customers", "interests")
    op.drop_column("customers", "buying_attitude")
    op.drop_column("customers", "wishes")
    op.drop_column("customers", "skin_type")
    op.drop_column("customers", "skin_problems")
    op.drop_column("customers", "diagnosis_chart")
    op.drop_column("customers", "allergies")
    op.drop_column("customers", "contraindications")
    op.drop_column("customers", "care_history")
    op.drop_column("customers", "home_care")
    op.drop_column("customers", "consultant")
    op.drop_column("customers", "preferred_staff")
    op.drop_column("customers", "channel_pref")
    op.drop_column("customers", "no_call_times")
    op.drop_column("customers", "consent_service")
    op.drop_column("customers", "consent_sensitive")
    op.drop_column("customers", "consent_marketing")
    op.drop_column("customers", "consent_photo")
    op.drop_column("customers", "guardian_name")
    op.drop_column("customers", "customer_sign")
    op.drop_column("customers", "is_complete")
    op.drop_column("customers", "state")
    op.drop_column("customers", "version")
    op.drop_column("customers", "created_by")
    op.drop_column("customers", "changed_at")
    op.drop_column("customers", "changed_by")
    op.drop_column("customers", "reviewed_by")
    op.drop_column("customers", "void_reason")
    op.drop_column("customers", "search_text")
