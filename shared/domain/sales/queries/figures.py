"""The figures of business days, computed from the receipts, for the day rows of reporting.

Form: F10 matrix and customers, F17 head; the money words of specification 4.5.
Units: additive integers only; turnover and consumption count lines of kind SINGLE and PRODUCT,
consumption SINGLE alone; a refund lowers the figures of its own day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Date, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session


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

    Units: a visit is a customer who had turnover above 0 on the day in any receipt (a later refund
    takes no visit back); each such receipt without a customer is one visit. `receipts` counts
    sales, not refunds. `refunds_fen` is positive: the money given back.
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


# What the slips say of the days `:days`; read here, and written as day rows by the reporting.
CATEGORIES_SQL = """
SELECT s.business_date AS day, l.category,
       coalesce(sum(l.quantity) FILTER (WHERE l.kind IN ('SINGLE', 'PRODUCT')), 0)::bigint
           AS quantity,
       coalesce(sum(l.amount_fen) FILTER (WHERE l.kind IN ('SINGLE', 'PRODUCT')), 0)::bigint
           AS turnover_fen,
       coalesce(sum(l.amount_fen) FILTER (WHERE l.kind = 'SINGLE'), 0)::bigint
           AS consumption_fen,
       coalesce(sum(l.cost_fen), 0)::bigint AS cost_fen
FROM sales s JOIN sale_lines l ON l.sale_id = s.id
WHERE s.business_date = ANY(:days)
GROUP BY s.business_date, l.category ORDER BY 1, 2
"""

TOTALS_SQL = """
WITH receipt AS (
    SELECT s.business_date AS day, s.id, s.kind, s.customer_id, s.total_fen,
           coalesce(sum(l.amount_fen) FILTER (WHERE l.kind IN ('SINGLE', 'PRODUCT')), 0)
               AS turnover_fen,
           coalesce(sum(l.amount_fen) FILTER (WHERE l.kind = 'SINGLE'), 0) AS consumption_fen,
           coalesce(sum(l.amount_fen) FILTER (WHERE l.kind = 'PRODUCT'), 0) AS product_fen
    FROM sales s LEFT JOIN sale_lines l ON l.sale_id = s.id
    WHERE s.business_date = ANY(:days) GROUP BY s.id
),
sold AS (
    SELECT day,
           count(DISTINCT customer_id) FILTER (WHERE kind = 'SALE' AND turnover_fen > 0)
         + count(*) FILTER (WHERE kind = 'SALE' AND turnover_fen > 0 AND customer_id IS NULL)
           AS visits,
           count(*) FILTER (WHERE kind = 'SALE') AS receipts,
           sum(turnover_fen) AS turnover_fen,
           sum(consumption_fen) AS consumption_fen,
           sum(product_fen) AS product_fen,
           sum(total_fen) AS cash_sales_fen,
           -coalesce(sum(total_fen) FILTER (WHERE kind = 'REFUND'), 0) AS refunds_fen
    FROM receipt GROUP BY day
),
newcomer AS (
    SELECT first_paid_on AS day, count(*) AS new_customers
    FROM customers WHERE first_paid_on = ANY(:days) GROUP BY first_paid_on
)
SELECT asked.day,
       coalesce(visits, 0)::bigint AS visits, coalesce(receipts, 0)::bigint AS receipts,
       coalesce(turnover_fen, 0)::bigint AS turnover_fen,
       coalesce(consumption_fen, 0)::bigint AS consumption_fen,
       coalesce(product_fen, 0)::bigint AS product_fen,
       coalesce(cash_sales_fen, 0)::bigint AS cash_sales_fen,
       coalesce(refunds_fen, 0)::bigint AS refunds_fen,
       coalesce(new_customers, 0)::bigint AS new_customers
FROM (SELECT DISTINCT unnest(:days) AS day) asked
LEFT JOIN sold USING (day) LEFT JOIN newcomer USING (day) ORDER BY asked.day
"""

TENDERS_SQL = """
SELECT s.business_date AS day, t.tender, sum(t.amount_fen)::bigint AS amount_fen
FROM sales s JOIN sale_tenders t ON t.sale_id = s.id
WHERE s.business_date = ANY(:days) GROUP BY s.business_date, t.tender ORDER BY 1, 2
"""

DAYS = bindparam("days", type_=ARRAY(Date))
_CATEGORIES = text(CATEGORIES_SQL).bindparams(DAYS)
_TOTALS = text(TOTALS_SQL).bindparams(DAYS)
_TENDERS = text(TENDERS_SQL).bindparams(DAYS)

_DISTINCT = text(
    """
    SELECT count(DISTINCT s.customer_id)
    FROM sales s JOIN sale_lines l ON l.sale_id = s.id
    WHERE s.business_date BETWEEN :first AND :last AND s.kind = 'SALE'
          AND l.kind IN ('SINGLE', 'PRODUCT') AND l.amount_fen > 0
    """
)

_FIRST_PAID = text(
    """
    SELECT day, count(*) FROM (
        SELECT min(business_date) AS day FROM sales
        WHERE kind = 'SALE' AND total_fen > 0 AND customer_id IS NOT NULL GROUP BY customer_id
    ) AS first_paid
    WHERE day BETWEEN :first AND :last GROUP BY day
    """
)

_ALL_DAYS = text(
    """
    SELECT DISTINCT business_date FROM sales
    WHERE business_date BETWEEN :first AND :last ORDER BY business_date
    """
)


def day_figures(session: Session, days: Sequence[date]) -> DayFigures:
    """Compute the figures of these business days in three statements, however many days they are.

    Form: F10 matrix and customers, F17 head.
    """
    asked = {"days": list(days)}
    return DayFigures(
        categories=[CategoryDay(**row) for row in session.execute(_CATEGORIES, asked).mappings()],
        totals=[TotalDay(**row) for row in session.execute(_TOTALS, asked).mappings()],
        tenders=[TenderDay(**row) for row in session.execute(_TENDERS, asked).mappings()],
    )


def distinct_customers(session: Session, first: date, last: date) -> int:
    """Count the people behind the visits of a time; walk-ins are nobody.

    Units: both ends are included; not additive, so a month asks for itself.
    """
    return int(session.execute(_DISTINCT, {"first": first, "last": last}).scalar_one())


def first_paid_counts(session: Session, first: date, last: date) -> dict[date, int]:
    """Count new customers per day straight from the receipts, to check what customers remember."""
    counted = session.execute(_FIRST_PAID, {"first": first, "last": last})
    return {day: int(count) for day, count in counted}


def days_with_sales(session: Session, first: date, last: date) -> list[date]:
    """List the business days that have a receipt.

    Units: both ends are included.
    """
    return list(session.execute(_ALL_DAYS, {"first": first, "last": last}).scalars())
