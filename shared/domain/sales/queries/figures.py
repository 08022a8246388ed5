"""The figures of business days, computed from receipts and cards, for the day rows of reporting.

Form: F10 matrix and customers, F17 head and prepaid; the money words of specification 4.5.
Units: additive integers only. Turnover counts lines of kind SINGLE and PRODUCT and what cards paid,
consumption the treatments among them; a refund lowers the figures of its own day. `prepaid_fen` is
the change of the money that is still to be earned.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Date, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from shared.domain.cards.queries import figures as cards
from shared.domain.sales.rules.kinds import TURNOVER_KINDS

_TURNOVER = ", ".join(f"'{kind}'" for kind in TURNOVER_KINDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryDay:
    """One category on one business day; days and categories without lines are left out."""

    day: date
    category: str
    quantity: int
    turnover_fen: int
    consumption_fen: int
    cost_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalDay:
    """One business day; a day that was asked for is there, with zeros when nothing happened.

    Units: a visit is a customer who had turnover above 0 on the day in any receipt, or was served
    by a card (a later refund or reversal takes no visit back); each such receipt without a customer
    is one visit. `receipts` counts sales, not refunds. `refunds_fen` is positive: the money given
    back.
    """

    day: date
    visits: int
    receipts: int
    turnover_fen: int
    consumption_fen: int
    product_fen: int
    cash_sales_fen: int
    refunds_fen: int
    new_customers: int
    topups_fen: int
    packages_fen: int
    prepaid_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderDay:
    """Money received by one tender on one business day, refunds taken off."""

    day: date
    tender: str
    amount_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """All figures of some business days."""

    categories: Sequence[CategoryDay]
    totals: Sequence[TotalDay]
    tenders: Sequence[TenderDay]


# What the slips and the cards say of the days `:days`: the common table expressions that the three
# questions below are asked of; read here, and written as day rows by the reporting.
SLIPS_SQL = f"""
slip AS (
    SELECT id, business_date AS day, kind, customer_id, total_fen
    FROM sales WHERE business_date = ANY(:days)
),
line AS (
    SELECT slip.day, slip.id, slip.kind AS slip_kind, slip.customer_id,
           l.kind, l.category, l.quantity, l.amount_fen, l.cost_fen,
           l.kind IN ({_TURNOVER}) AS is_turnover
    FROM slip JOIN sale_lines l ON l.sale_id = slip.id
),
entry AS ({cards.ENTRIES_SQL}),
paid AS (
    SELECT day, customer_id FROM line WHERE slip_kind = 'SALE' AND is_turnover
    GROUP BY id, day, customer_id HAVING sum(amount_fen) > 0
),
guest AS (
    SELECT day, customer_id FROM paid WHERE customer_id IS NOT NULL UNION {cards.SERVED_SQL}
)
"""

CATEGORIES_SQL = """
SELECT day, category, sum(quantity)::bigint AS quantity,
       sum(turnover_fen)::bigint AS turnover_fen,
       coalesce(sum(turnover_fen) FILTER (WHERE is_treatment), 0)::bigint AS consumption_fen,
       sum(cost_fen)::bigint AS cost_fen
FROM (
    SELECT day, category, kind = 'SINGLE' AS is_treatment,
           CASE WHEN is_turnover THEN quantity ELSE 0 END AS quantity,
           CASE WHEN is_turnover THEN amount_fen ELSE 0 END AS turnover_fen, cost_fen
    FROM line WHERE category IS NOT NULL
    UNION ALL
    SELECT day, category, category <> 'PRODUCT', quantity, value_fen, cost_fen
    FROM entry WHERE category IS NOT NULL
) AS piece
GROUP BY day, category
"""

TOTALS_SQL = """
SELECT asked.day,
       coalesce(visits, 0)::bigint AS visits, coalesce(receipts, 0)::bigint AS receipts,
       (coalesce(sold.turnover_fen, 0) + coalesce(used.turnover_fen, 0))::bigint AS turnover_fen,
       (coalesce(sold.consumption_fen, 0) + coalesce(used.turnover_fen - used.product_fen, 0)
           )::bigint AS consumption_fen,
       (coalesce(sold.product_fen, 0) + coalesce(used.product_fen, 0))::bigint AS product_fen,
       coalesce(cash_sales_fen, 0)::bigint AS cash_sales_fen,
       coalesce(refunds_fen, 0)::bigint AS refunds_fen,
       coalesce(new_customers, 0)::bigint AS new_customers,
       coalesce(topups_fen, 0)::bigint AS topups_fen,
       coalesce(packages_fen, 0)::bigint AS packages_fen,
       coalesce(prepaid_fen, 0)::bigint AS prepaid_fen
FROM (SELECT DISTINCT unnest(:days) AS day) AS asked
LEFT JOIN (
    SELECT day, count(*) AS visits FROM (
        SELECT day FROM guest UNION ALL SELECT day FROM paid WHERE customer_id IS NULL
    ) AS visit GROUP BY day
) AS come USING (day)
LEFT JOIN (
    SELECT day, count(*) FILTER (WHERE kind = 'SALE') AS receipts,
           sum(total_fen) AS cash_sales_fen,
           -coalesce(sum(total_fen) FILTER (WHERE kind = 'REFUND'), 0) AS refunds_fen
    FROM slip GROUP BY day
) AS taken USING (day)
LEFT JOIN (
    SELECT day, coalesce(sum(amount_fen) FILTER (WHERE is_turnover), 0) AS turnover_fen,
           coalesce(sum(amount_fen) FILTER (WHERE kind = 'SINGLE'), 0) AS consumption_fen,
           coalesce(sum(amount_fen) FILTER (WHERE kind = 'PRODUCT'), 0) AS product_fen,
           coalesce(sum(amount_fen) FILTER (WHERE kind = 'TOPUP'), 0) AS topups_fen,
           coalesce(sum(amount_fen) FILTER (WHERE kind = 'PACKAGE'), 0) AS packages_fen
    FROM line GROUP BY day
) AS sold USING (day)
LEFT JOIN (
    SELECT day, coalesce(sum(value_fen) FILTER (WHERE category IS NOT NULL), 0) AS turnover_fen,
           coalesce(sum(value_fen) FILTER (WHERE category = 'PRODUCT'), 0) AS product_fen,
           sum(principal_fen) AS prepaid_fen
    FROM entry GROUP BY day
) AS used USING (day)
LEFT JOIN (
    SELECT first_paid_on AS day, count(*) AS new_customers
    FROM customers WHERE first_paid_on = ANY(:days) GROUP BY first_paid_on
) AS newcomer USING (day)
"""

TENDERS_SQL = """
SELECT slip.day, t.tender, sum(t.amount_fen)::bigint AS amount_fen
FROM slip JOIN sale_tenders t ON t.sale_id = slip.id GROUP BY slip.day, t.tender
"""

DAYS = bindparam("days", type_=ARRAY(Date))
_CATEGORIES = text(f"WITH {SLIPS_SQL} {CATEGORIES_SQL} ORDER BY 1, 2").bindparams(DAYS)
_TOTALS = text(f"WITH {SLIPS_SQL} {TOTALS_SQL} ORDER BY 1").bindparams(DAYS)
_TENDERS = text(f"WITH {SLIPS_SQL} {TENDERS_SQL} ORDER BY 1, 2").bindparams(DAYS)

_DISTINCT = text(
    f"""
    WITH entry AS ({cards.ENTRIES_BETWEEN_SQL})
    SELECT count(DISTINCT customer_id) FROM (
        SELECT s.customer_id
        FROM sales s JOIN sale_lines l ON l.sale_id = s.id
        WHERE s.business_date BETWEEN :first AND :last AND s.kind = 'SALE'
              AND l.kind IN ({_TURNOVER}) AND l.amount_fen > 0
        UNION ALL SELECT customer_id FROM ({cards.SERVED_SQL}) AS served
    ) AS guest
    """
)

_FIRST_PAID = text(
    f"""
    SELECT day, count(*) FROM (
        SELECT customer_id, min(day) AS day FROM (
            SELECT customer_id, business_date AS day FROM sales
            WHERE kind = 'SALE' AND total_fen > 0 AND customer_id IS NOT NULL
            UNION ALL {cards.FIRST_VALUE_SQL}
        ) AS paid GROUP BY customer_id
    ) AS first_paid
    WHERE day BETWEEN :first AND :last GROUP BY day
    """
)

_PREPAID_UNTIL = text(
    """
    SELECT coalesce(sum(principal_after_fen - principal_before_fen), 0)
    FROM card_entries WHERE business_date <= :last
    """
)

_ALL_DAYS = text(
    """
    SELECT business_date FROM sales WHERE business_date BETWEEN :first AND :last
    UNION SELECT business_date FROM card_entries WHERE business_date BETWEEN :first AND :last
        AND (category IS NOT NULL OR principal_after_fen <> principal_before_fen)
    ORDER BY business_date
    """
)


def day_figures(session: Session, days: Sequence[date]) -> DayFigures:
    """Compute the figures of these business days in three statements, however many days they are.

    Form: F10 matrix and customers, F17 head.
    """
    asked = {"days": list(days)}
    return DayFigures(
        categories=[CategoryDay(**row) for row in session.execute(_CATEGORIES, asked).mappings()],
        totals=day_totals(session, days),
        tenders=[TenderDay(**row) for row in session.execute(_TENDERS, asked).mappings()],
    )


def day_totals(session: Session, days: Sequence[date]) -> list[TotalDay]:
    """Compute the totals of these business days alone, in one statement, by day."""
    asked = {"days": list(days)}
    return [TotalDay(**row) for row in session.execute(_TOTALS, asked).mappings()]


def distinct_customers(session: Session, first: date, last: date) -> int:
    """Count the people behind the visits of a time; walk-ins are nobody.

    Units: both ends are included; not additive, so a month asks for itself.
    """
    return int(session.execute(_DISTINCT, {"first": first, "last": last}).scalar_one())


def prepaid_fen(session: Session, last: date) -> int:
    """Sum the money that cards still held at the end of a day: a liability of the store."""
    return int(session.execute(_PREPAID_UNTIL, {"last": last}).scalar_one())


def first_paid_counts(session: Session, first: date, last: date) -> dict[date, int]:
    """Count new customers per day straight from the receipts, to check what customers remember."""
    counted = session.execute(_FIRST_PAID, {"first": first, "last": last})
    return {day: int(count) for day, count in counted}


def days_with_sales(session: Session, first: date, last: date) -> list[date]:
    """List the business days that have a receipt, or an entry of a card that moves a figure.

    Units: both ends are included. To freeze, release or expire a card moves none and marks no day.
    """
    return list(session.execute(_ALL_DAYS, {"first": first, "last": last}).scalars())
