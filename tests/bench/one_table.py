"""All stores' receipts in one set of tables, and the one statement that rolls a month of them up.

It makes what the product makes of each store: day rows by category, by tender and in all, and the
month's sums. Lives in a schema of its own beside the tenants, in the same server.
"""

from collections.abc import Sequence

from tenants.logins import connect
from tenants.registry import Tenant
from tests.bench.figures import seconds

_TABLES = """
    CREATE SCHEMA one;
    SET search_path = one;
    CREATE TABLE sales (store integer, id bigint, kind varchar(10), customer_id bigint,
        business_date date, total_fen bigint, PRIMARY KEY (store, id));
    CREATE TABLE sale_lines (store integer, id bigint, sale_id bigint, kind varchar(10),
        category varchar(10), quantity integer, amount_fen bigint, cost_fen bigint,
        PRIMARY KEY (store, id));
    CREATE TABLE sale_tenders (store integer, id bigint, sale_id bigint, tender varchar(10),
        amount_fen bigint, PRIMARY KEY (store, id));
    CREATE TABLE customers (store integer, id bigint, first_paid_on date, PRIMARY KEY (store, id));
    CREATE TABLE day_items (store integer, business_date date, category varchar(10),
        quantity integer, turnover_fen bigint, consumption_fen bigint, direct_cost_fen bigint,
        PRIMARY KEY (store, business_date, category));
    CREATE TABLE day_tenders (store integer, business_date date, tender varchar(10),
        amount_fen bigint, PRIMARY KEY (store, business_date, tender));
    CREATE TABLE day_totals (store integer, business_date date, visits integer,
        new_customers integer, receipts integer, turnover_fen bigint, consumption_fen bigint,
        cash_sales_fen bigint, refunds_fen bigint, product_fen bigint,
        PRIMARY KEY (store, business_date));
    CREATE TABLE month_figures (store integer, month date, indicator varchar(20),
        part varchar(20), amount bigint, PRIMARY KEY (store, month, indicator, part));
"""
_COPIED = {
    "sales": "id, kind, customer_id, business_date, total_fen",
    "sale_lines": "id, sale_id, kind, category, quantity, amount_fen, cost_fen",
    "sale_tenders": "id, sale_id, tender, amount_fen",
    "customers": "id, first_paid_on",
}
_MADE = ("day_items", "day_tenders", "day_totals", "month_figures")
_STATEMENT = """
    WITH item AS (
        INSERT INTO day_items
        SELECT s.store, s.business_date, l.category,
               coalesce(sum(l.quantity) FILTER (WHERE l.kind <> 'OTHER'), 0),
               coalesce(sum(l.amount_fen) FILTER (WHERE l.kind <> 'OTHER'), 0),
               coalesce(sum(l.amount_fen) FILTER (WHERE l.kind = 'SINGLE'), 0), sum(l.cost_fen)
        FROM sales s JOIN sale_lines l ON (l.store, l.sale_id) = (s.store, s.id)
        WHERE s.business_date BETWEEN '2025-06-01' AND '2025-06-30'
        GROUP BY s.store, s.business_date, l.category
        RETURNING *
    ),
    tender AS (
        INSERT INTO day_tenders
        SELECT s.store, s.business_date, t.tender, sum(t.amount_fen)
        FROM sales s JOIN sale_tenders t ON (t.store, t.sale_id) = (s.store, s.id)
        WHERE s.business_date BETWEEN '2025-06-01' AND '2025-06-30'
        GROUP BY s.store, s.business_date, t.tender
        RETURNING *
    ),
    receipt AS (
        SELECT s.store, s.business_date, s.kind, s.customer_id, s.total_fen,
               coalesce(sum(l.amount_fen) FILTER (WHERE l.kind <> 'OTHER'), 0) AS turnover_fen,
               coalesce(sum(l.amount_fen) FILTER (WHERE l.kind = 'SINGLE'), 0) AS consumption_fen,
               coalesce(sum(l.amount_fen) FILTER (WHERE l.kind = 'PRODUCT'), 0) AS product_fen
        FROM sales s JOIN sale_lines l ON (l.store, l.sale_id) = (s.store, s.id)
        WHERE s.business_date BETWEEN '2025-06-01' AND '2025-06-30'
        GROUP BY s.store, s.id
    ),
    newcomer AS (
        SELECT store, first_paid_on AS business_date, count(*) AS new_customers
        FROM customers WHERE first_paid_on BETWEEN '2025-06-01' AND '2025-06-30' GROUP BY 1, 2
    ),
    sold AS (
        SELECT store, business_date,
               count(DISTINCT customer_id) FILTER (WHERE kind = 'SALE' AND turnover_fen > 0)
             + count(*) FILTER (WHERE kind = 'SALE' AND turnover_fen > 0 AND customer_id IS NULL)
               AS visits,
               count(*) FILTER (WHERE kind = 'SALE') AS receipts,
               sum(turnover_fen) AS turnover_fen, sum(consumption_fen) AS consumption_fen,
               sum(total_fen) AS cash_sales_fen,
               -coalesce(sum(total_fen) FILTER (WHERE kind = 'REFUND'), 0) AS refunds_fen,
               sum(product_fen) AS product_fen
        FROM receipt GROUP BY store, business_date
    ),
    total AS (
        INSERT INTO day_totals
        SELECT store, business_date, visits, coalesce(new_customers, 0), receipts, turnover_fen,
               consumption_fen, cash_sales_fen, refunds_fen, product_fen
        FROM sold LEFT JOIN newcomer USING (store, business_date)
        RETURNING *
    )
    INSERT INTO month_figures
    SELECT store, date '2025-06-01', named.indicator, category, sum(named.amount) FROM item,
        LATERAL (VALUES ('turnover', turnover_fen), ('quantity', quantity),
            ('consumption', consumption_fen), ('direct_cost', direct_cost_fen)
        ) AS named (indicator, amount) GROUP BY 1, 3, 4
    UNION ALL
    SELECT store, date '2025-06-01', 'cash_receipts', tender, sum(amount_fen)
    FROM tender GROUP BY 1, 4
    UNION ALL
    SELECT store, date '2025-06-01', named.indicator, '', sum(named.amount) FROM total,
        LATERAL (VALUES ('turnover', turnover_fen), ('consumption', consumption_fen),
            ('product_sales', product_fen), ('cash_sales', cash_sales_fen),
            ('refunds', refunds_fen), ('receipts', receipts), ('visits', visits),
            ('new_customers', new_customers)
        ) AS named (indicator, amount) GROUP BY 1, 3
    UNION ALL
    SELECT store, date '2025-06-01', 'customers', '', count(DISTINCT customer_id)
    FROM receipt WHERE kind = 'SALE' AND turnover_fen > 0 GROUP BY store
"""


def make(stores: Sequence[Tenant]) -> None:
    """Copy the stores' receipts into one set of tables."""
    with connect("app_migrator", autocommit=True) as connection:
        connection.execute("SET ROLE app_owner")
        connection.execute("SET synchronous_commit = off")
        connection.execute(_TABLES)
        for number, store in enumerate(stores):
            copies = [
                f"INSERT INTO one.{table} SELECT {number}, {columns} FROM {store.name}.{table}"  # noqa: S608
                for table, columns in _COPIED.items()
            ]
            connection.execute("; ".join(copies))
        connection.execute("; ".join(f"ANALYZE one.{table}" for table in _COPIED))


def roll_up() -> float:
    """Make everything anew by the one statement; give its seconds with the commit."""
    with connect("app_migrator", autocommit=True) as connection:
        connection.execute("SET ROLE app_owner")
        connection.execute("SET search_path = one")
        connection.execute(f"TRUNCATE {', '.join(_MADE)}")
        return seconds(lambda: connection.execute(_STATEMENT))
