"""What a month is made from: its day rows, costs and counts, as figures and as one fingerprint.

Units: additive integers; a month is the sum of its days, distinct customers apart.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Date, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from shared import days
from shared.domain.catalog import queries as catalog
from shared.domain.reporting.models.days import DayTotal
from shared.domain.sales.queries import figures as sales
from shared.records import opening

# (day, categories | totals | tenders) -> the rows' values, sorted
DayRows = dict[tuple[date, str], list[tuple[str | int, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What of a month is not a sum of its day rows."""

    month: date
    customers: int
    open_days: int
    on_sale: tuple[str, ...]

    def parameters(self) -> dict[str, object]:
        """Name the values as the statements of this module do."""
        return {
            "month": self.month,
            "first": self.month,
            "last": days.last_day(self.month),
            "customers": self.customers,
            "open_days": self.open_days,
            "on_sale": list(self.on_sale),
        }


# Every additive number of a month, frozen by the service. Parts that are nothing but zeros are left
# out, as the fingerprint leaves them out: else a card given back for nothing would stand in one
# month and not in another of the same fingerprint.
FIGURES_SQL = """
    WITH item AS (
        SELECT category, sum(quantity) AS quantity, sum(turnover_fen) AS turnover_fen,
               sum(consumption_fen) AS consumption_fen, sum(direct_cost_fen) AS direct_cost_fen
        FROM day_items WHERE business_date BETWEEN :first AND :last GROUP BY category
        HAVING (sum(quantity), sum(turnover_fen), sum(consumption_fen), sum(direct_cost_fen))
            <> (0, 0, 0, 0)
    ),
    total AS (
        SELECT coalesce(sum(visits), 0) AS visits, coalesce(sum(new_customers), 0) AS newcomers,
               coalesce(sum(receipts), 0) AS receipts,
               coalesce(sum(turnover_fen), 0) AS turnover_fen,
               coalesce(sum(consumption_fen), 0) AS consumption_fen,
               coalesce(sum(cash_sales_fen), 0) AS cash_sales_fen,
               coalesce(sum(refunds_fen), 0) AS refunds_fen,
               coalesce(sum(product_fen), 0) AS product_fen,
               coalesce(sum(topups_fen), 0) AS topups_fen,
               coalesce(sum(packages_fen), 0) AS packages_fen
        FROM day_totals WHERE business_date BETWEEN :first AND :last
    ),
    prepaid AS (
        SELECT coalesce(sum(prepaid_fen), 0) AS prepaid_fen
        FROM day_totals WHERE business_date <= :last
    )
    SELECT named.indicator, '' AS part, named.amount::bigint AS amount
    FROM total, prepaid, LATERAL (VALUES
        ('turnover', turnover_fen), ('consumption', consumption_fen),
        ('product_sales', product_fen), ('topups', topups_fen), ('packages', packages_fen),
        ('prepaid', prepaid_fen), ('cash_sales', cash_sales_fen), ('refunds', refunds_fen),
        ('receipts', receipts), ('visits', visits), ('new_customers', newcomers),
        ('customers', CAST(:customers AS bigint)), ('open_days', CAST(:open_days AS bigint))
    ) AS named (indicator, amount)
    UNION ALL
    SELECT named.indicator, item.category, named.amount::bigint FROM item, LATERAL (VALUES
        ('turnover', turnover_fen), ('quantity', quantity), ('consumption', consumption_fen),
        ('direct_cost', direct_cost_fen)
    ) AS named (indicator, amount)
    UNION ALL
    SELECT 'cash_receipts', tender, sum(amount_fen)::bigint
    FROM day_tenders WHERE business_date BETWEEN :first AND :last GROUP BY tender
    HAVING sum(amount_fen) <> 0
    UNION ALL
    SELECT 'cost', kind, amount_fen FROM month_costs WHERE month = :month
    UNION ALL
    SELECT 'on_sale', category, 1 FROM unnest(CAST(:on_sale AS text[])) AS category
"""

# One line of text per input row, in a fixed order: equal inputs, equal fingerprint. Rows of zeros
# say nothing and are left out, so that looking at an empty day again changes nothing.
_HASH = text(
    """
    SELECT encode(sha256(convert_to(coalesce(
        string_agg(line, E'\\n' ORDER BY line COLLATE "C"), ''), 'UTF8')), 'hex')
    FROM (
        SELECT concat_ws('|', 'item', to_char(business_date, 'YYYY-MM-DD'), category, quantity,
                         turnover_fen, consumption_fen, direct_cost_fen) AS line
        FROM day_items WHERE business_date BETWEEN :first AND :last
             AND (quantity, turnover_fen, consumption_fen, direct_cost_fen) <> (0, 0, 0, 0)
        UNION ALL
        SELECT concat_ws('|', 'total', to_char(business_date, 'YYYY-MM-DD'), visits,
                         new_customers, receipts, turnover_fen, consumption_fen, cash_sales_fen,
                         refunds_fen, product_fen)
        FROM day_totals WHERE business_date BETWEEN :first AND :last
             AND (visits, new_customers, receipts, turnover_fen, cash_sales_fen, refunds_fen)
                 <> (0, 0, 0, 0, 0, 0)
        UNION ALL
        SELECT concat_ws('|', 'cards', to_char(business_date, 'YYYY-MM-DD'), topups_fen,
                         packages_fen, prepaid_fen)
        FROM day_totals WHERE business_date BETWEEN :first AND :last
             AND (topups_fen, packages_fen, prepaid_fen) <> (0, 0, 0)
        UNION ALL
        SELECT concat_ws('|', 'prepaid', sum(prepaid_fen)) FROM day_totals
        WHERE business_date < :first HAVING sum(prepaid_fen) <> 0
        UNION ALL
        SELECT concat_ws('|', 'tender', to_char(business_date, 'YYYY-MM-DD'), tender, amount_fen)
        FROM day_tenders WHERE business_date BETWEEN :first AND :last AND amount_fen <> 0
        UNION ALL
        SELECT concat_ws('|', 'cost', kind, amount_fen) FROM month_costs WHERE month = :month
        UNION ALL
        SELECT concat_ws('|', 'on_sale', category)
        FROM unnest(CAST(:on_sale AS text[])) AS category
        UNION ALL
        SELECT concat_ws('|', 'counts', CAST(:customers AS bigint), CAST(:open_days AS bigint))
    ) AS input
    """
)

_DATES = bindparam("dates", type_=ARRAY(Date))


def counts(session: Session, month: date, *, is_over: bool) -> Counts:
    """Count what of a month is not a sum of its days.

    Units: the open days of a month that is not over end with the last day on which there was a
        receipt or a visit.
    """
    last = days.last_day(month)
    through = last if is_over else _last_day_row(session, month)
    return Counts(
        month=month,
        customers=sales.distinct_customers(session, month, last),
        open_days=0 if through is None else len(opening.open_days(session, month, through)),
        on_sale=catalog.categories_on_sale(session, month, last),
    )


def inputs_hash(session: Session, counted: Counts) -> str:
    """Fingerprint everything a month is made from.

    Shape: SHA-256 in hex over the ordered input rows.
    """
    return str(session.execute(_HASH, counted.parameters()).scalar_one())


def day_rows(session: Session, dates: Collection[date]) -> DayRows:
    """Give the stored rows of some days, without those that say nothing, to compare them."""
    asked = {"dates": list(dates)}
    rows: DayRows = {}
    for what, statement in _STORED.items():
        for day, *values in session.execute(statement, asked):
            rows.setdefault((day, what), []).append(tuple(values))
    return rows


def slip_rows(session: Session, dates: Sequence[date]) -> DayRows:
    """Compute the same from the slips."""
    found = sales.day_figures(session, dates)
    rows: DayRows = {}

    def add(day: date, what: str, name: tuple[str, ...], *values: int) -> None:
        if any(values):
            rows.setdefault((day, what), []).append((*name, *values))

    for item in found.categories:
        money = (item.turnover_fen, item.consumption_fen, item.cost_fen)
        add(item.day, "categories", (item.category,), item.quantity, *money)
    for total in found.totals:
        people = (total.visits, total.receipts, total.new_customers)
        money = (total.turnover_fen, total.consumption_fen, total.product_fen)
        cash = (total.cash_sales_fen, total.refunds_fen)
        cards = (total.topups_fen, total.packages_fen, total.prepaid_fen)
        add(total.day, "totals", (), *people, *money, *cash, *cards)
    for tender in found.tenders:
        add(tender.day, "tenders", (tender.tender,), tender.amount_fen)
    return rows


_STORED = {
    "categories": text(
        """
        SELECT business_date, category, quantity, turnover_fen, consumption_fen, direct_cost_fen
        FROM day_items WHERE business_date = ANY(:dates)
             AND (quantity, turnover_fen, consumption_fen, direct_cost_fen) <> (0, 0, 0, 0)
        ORDER BY 1, 2
        """
    ).bindparams(_DATES),
    "totals": text(
        """
        SELECT business_date, visits, receipts, new_customers, turnover_fen, consumption_fen,
               product_fen, cash_sales_fen, refunds_fen, topups_fen, packages_fen, prepaid_fen
        FROM day_totals WHERE business_date = ANY(:dates)
             AND (visits, receipts, new_customers, turnover_fen, consumption_fen, product_fen,
                  cash_sales_fen, refunds_fen, topups_fen, packages_fen, prepaid_fen)
                 <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        ORDER BY 1
        """
    ).bindparams(_DATES),
    "tenders": text(
        """
        SELECT business_date, tender, amount_fen FROM day_tenders
        WHERE business_date = ANY(:dates) AND amount_fen <> 0 ORDER BY 1, 2
        """
    ).bindparams(_DATES),
}


def _last_day_row(session: Session, month: date) -> date | None:
    within = DayTotal.business_date.between(month, days.last_day(month))
    is_used = (DayTotal.receipts != 0) | (DayTotal.refunds_fen != 0) | (DayTotal.visits != 0)
    return session.scalars(select(func.max(DayTotal.business_date)).where(within, is_used)).one()
