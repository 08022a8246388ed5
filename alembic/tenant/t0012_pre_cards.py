"""Cards: offers, cards, their ledger; receipts that sell them; what day rows count of them."""

import sqlalchemy as sa
from alembic import op

revision = "t0012"
down_revision = "t0011"
branch_labels = None
depends_on = None

_LINE_KINDS = "'SINGLE', 'PRODUCT', 'OTHER'"
_DAY_FIGURES = ("topups_fen", "packages_fen", "prepaid_fen")
_ALL = "GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {{login}}"
_ENTRY_KINDS = (
    "'ISSUE', 'TOPUP', 'DEDUCT', 'GIFT_SESSION', 'REVERSAL', 'TRANSFER_OUT', 'TRANSFER_IN', "
    "'FREEZE', 'RELEASE', 'EXPIRE', 'WRITE_OFF', 'REFUND'"
)


def upgrade() -> None:
    """Make the tables; `{login}` is the tenant's own login."""
    _offers()
    _cards()
    _entries()
    for column, kind in (("balance_fen", sa.BigInteger()), ("sessions_left", sa.Integer())):
        op.add_column("customers", sa.Column(column, kind, server_default="0", nullable=False))
    for column in _DAY_FIGURES:
        op.add_column(
            "day_totals",
            sa.Column(column, sa.BigInteger(), server_default="0", nullable=False),
        )
    op.alter_column("sale_lines", "item_id", nullable=True)
    op.alter_column("sale_lines", "category", nullable=True)
    for column, table in (("offer_id", "card_offers"), ("card_id", "cards")):
        op.add_column("sale_lines", sa.Column(column, sa.BigInteger(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_sale_lines_{column}"), "sale_lines", table, [column], ["id"]
        )
    op.create_index(op.f("ix_sale_lines_card_id"), "sale_lines", ["card_id"], unique=False)
    op.execute("ALTER TABLE sale_lines DROP CONSTRAINT ck_sale_lines_kind")
    op.execute(
        "ALTER TABLE sale_lines ADD CONSTRAINT ck_sale_lines_kind CHECK "
        "(kind IN ('SINGLE', 'TOPUP', 'PACKAGE', 'PRODUCT', 'DEPOSIT', 'OTHER'))"
    )
    op.execute(
        "ALTER TABLE sale_lines ADD CONSTRAINT ck_sale_lines_what CHECK ("
        "num_nonnulls(item_id, category) = CASE WHEN kind IN ('SINGLE', 'PRODUCT', 'OTHER')"
        " THEN 2 ELSE 0 END AND num_nonnulls(offer_id, card_id) ="
        " CASE WHEN kind IN ('TOPUP', 'PACKAGE') THEN 2 ELSE 0 END)"
    )


def downgrade() -> None:
    """Forget the cards; the lines that sold them become other money of the first item there is."""
    op.execute("ALTER TABLE sale_lines DROP CONSTRAINT ck_sale_lines_what")
    op.execute("ALTER TABLE sale_lines DROP CONSTRAINT ck_sale_lines_kind")
    op.execute(
        "UPDATE sale_lines SET kind = 'OTHER', item_id = first.id, category = first.category "
        "FROM (SELECT id, category FROM items ORDER BY id LIMIT 1) AS first "
        f"WHERE kind NOT IN ({_LINE_KINDS})"
    )
    op.execute(
        f"ALTER TABLE sale_lines ADD CONSTRAINT ck_sale_lines_kind CHECK (kind IN ({_LINE_KINDS}))"
    )
    op.drop_column("sale_lines", "card_id")
    op.drop_column("sale_lines", "offer_id")
    op.alter_column("sale_lines", "category", nullable=False)
    op.alter_column("sale_lines", "item_id", nullable=False)
    for column in _DAY_FIGURES:
        op.drop_column("day_totals", column)
    op.drop_column("customers", "sessions_left")
    op.drop_column("customers", "balance_fen")
    op.drop_table("card_entries")
    op.drop_table("cards")
    op.drop_table("card_offers")


def _offers() -> None:
    op.create_table(
        "card_offers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=True),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("bonus_fen", sa.BigInteger(), nullable=False),
        sa.Column("paid_sessions", sa.Integer(), nullable=False),
        sa.Column("gift_sessions", sa.Integer(), nullable=False),
        sa.Column("valid_months", sa.Integer(), nullable=True),
        sa.Column("on_sale_from", sa.Date(), nullable=False),
        sa.Column("on_sale_to", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('STORED', 'PACKAGE')", name=op.f("ck_card_offers_kind")),
        sa.CheckConstraint("price_fen >= 0 AND bonus_fen >= 0", name=op.f("ck_card_offers_price")),
        sa.CheckConstraint(
            "(kind = 'STORED' AND item_id IS NULL AND paid_sessions = 0 AND gift_sessions = 0"
            " AND (price_fen > 0 OR bonus_fen = 0))"
            " OR (kind = 'PACKAGE' AND item_id IS NOT NULL AND bonus_fen = 0"
            " AND paid_sessions > 0 AND gift_sessions >= 0)",
            name=op.f("ck_card_offers_shape"),
        ),
        sa.CheckConstraint("valid_months > 0", name=op.f("ck_card_offers_valid_months")),
        sa.CheckConstraint("on_sale_to >= on_sale_from", name=op.f("ck_card_offers_on_sale")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_card_offers_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_offers")),
        sa.UniqueConstraint("code", name=op.f("uq_card_offers_code")),
    )
    op.execute(_ALL.format(table="card_offers"))


def _cards() -> None:
    op.create_table(
        "cards",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=True),
        sa.Column("unit_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("transferred_from", sa.BigInteger(), nullable=True),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("last_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('STORED', 'PACKAGE')", name=op.f("ck_cards_kind")),
        sa.CheckConstraint(
            "state IN ('ACTIVE', 'FROZEN', 'SPENT', 'EXPIRED', 'REFUNDED')",
            name=op.f("ck_cards_state"),
        ),
        sa.CheckConstraint(
            "(kind = 'PACKAGE') = (item_id IS NOT NULL)", name=op.f("ck_cards_item")
        ),
        sa.CheckConstraint("unit_fen >= 0 AND last_seq >= 0", name=op.f("ck_cards_figures")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_cards_customer_id")
        ),
        sa.ForeignKeyConstraint(["offer_id"], ["card_offers.id"], name=op.f("fk_cards_offer_id")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_cards_item_id")),
        sa.ForeignKeyConstraint(
            ["transferred_from"], ["cards.id"], name=op.f("fk_cards_transferred_from")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cards")),
        sa.UniqueConstraint("number", name=op.f("uq_cards_number")),
    )
    op.create_index(op.f("ix_cards_customer_id"), "cards", ["customer_id"], unique=False)
    op.create_index("ix_cards_valid_until", "cards", ["valid_until"], unique=False)
    op.execute(_ALL.format(table="cards"))


def _entries() -> None:
    op.create_table(
        "card_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("card_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("approver_id", sa.Uuid(), nullable=True),
        sa.Column("sign", sa.Uuid(), nullable=True),
        sa.Column("second_sign", sa.Uuid(), nullable=True),
        sa.Column("item_id", sa.BigInteger(), nullable=True),
        sa.Column("category", sa.String(length=10), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("principal_before_fen", sa.BigInteger(), nullable=False),
        sa.Column("principal_after_fen", sa.BigInteger(), nullable=False),
        sa.Column("bonus_before_fen", sa.BigInteger(), nullable=False),
        sa.Column("bonus_after_fen", sa.BigInteger(), nullable=False),
        sa.Column("paid_before", sa.Integer(), nullable=False),
        sa.Column("paid_after", sa.Integer(), nullable=False),
        sa.Column("gift_before", sa.Integer(), nullable=False),
        sa.Column("gift_after", sa.Integer(), nullable=False),
        sa.Column("value_fen", sa.BigInteger(), nullable=False),
        sa.Column("cost_fen", sa.BigInteger(), nullable=False),
        sa.Column("list_fen", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("reverses", sa.Integer(), nullable=True),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        *_entry_checks(),
        sa.ForeignKeyConstraint(["card_id"], ["cards.id"], name=op.f("fk_card_entries_card_id")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_card_entries_item_id")),
        sa.ForeignKeyConstraint(["sign"], ["attachments.id"], name=op.f("fk_card_entries_sign")),
        sa.ForeignKeyConstraint(
            ["second_sign"], ["attachments.id"], name=op.f("fk_card_entries_second_sign")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_entries")),
        sa.UniqueConstraint("key", name=op.f("uq_card_entries_key")),
        sa.UniqueConstraint("card_id", "seq", name=op.f("uq_card_entries_card_id_seq")),
        sa.UniqueConstraint("card_id", "reverses", name=op.f("uq_card_entries_card_id_reverses")),
    )
    op.create_index(
        op.f("ix_card_entries_business_date"), "card_entries", ["business_date"], unique=False
    )
    op.execute("GRANT SELECT, INSERT, UPDATE (id, reason) ON card_entries TO {login}")


def _entry_checks() -> list[sa.CheckConstraint]:
    checks = {
        "kind": f"kind IN ({_ENTRY_KINDS})",
        "balances": "principal_before_fen >= 0 AND principal_after_fen >= 0"
        " AND bonus_before_fen >= 0 AND bonus_after_fen >= 0"
        " AND paid_before >= 0 AND paid_after >= 0 AND gift_before >= 0 AND gift_after >= 0",
        "first": "(seq = 1) = (kind IN ('ISSUE', 'TRANSFER_IN'))",
        "deduction": "kind NOT IN ('DEDUCT', 'GIFT_SESSION') OR (sign IS NOT NULL"
        " AND item_id IS NOT NULL AND value_fen = principal_before_fen - principal_after_fen)",
        "reverses": "(kind = 'REVERSAL') = (reverses IS NOT NULL)",
        "category": "(item_id IS NULL) = (category IS NULL)",
    }
    return [
        sa.CheckConstraint(said, name=op.f(f"ck_card_entries_{name}"))
        for name, said in checks.items()
    ]
