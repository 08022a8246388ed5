"""Receipts by plain SQL, the same text for a tenant of ours and for one of the peers'."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from tenants.logins import connect
from tenants.registry import Tenant

DAYS = 30
FIRST_DAY = "2025-06-01"
_CATEGORIES = "'{FACIAL,BODY,SLIMMING,PRODUCT}'::text[]"


def catalogue(*, customers: int = 100) -> str:
    """Write the SQL for twelve items and some customers."""
    return f"""
        INSERT INTO items (code, name, category, price_fen, cost_fen, on_sale_from, created_at)
        SELECT 'B' || n, '护理' || n, ({_CATEGORIES})[1 + n % 4], 10000, 100, '1990-01-01', now()
        FROM generate_series(1, 12) n;
        INSERT INTO customers (number, name, first_paid_on, created_at)
        SELECT 'C' || n, '顾客' || n, date '{FIRST_DAY}' + n % {DAYS}, now()
        FROM generate_series(1, {customers}) n
    """


# Named, because ANALYZE alone would read, and hold, the tables of every tenant.
ANALYZE = "ANALYZE customers, items, sales, sale_lines, sale_tenders"


def receipts(count: int, *, lines: int = 3, months: int = 1) -> str:
    """Write the SQL for a month's receipts, and for the months before; needs the catalogue."""
    return f"""
        INSERT INTO sales (key, receipt_no, kind, customer_id, business_date, sold_at, recorded_at,
                           source, total_fen)
        SELECT gen_random_uuid(), 'R' || ago || '-' || n, 'SALE', c.first + n % c.count,
               (date '{FIRST_DAY}' + n % {DAYS} - make_interval(months => ago))::date, now(), now(),
               'API', {lines} * (1000 + n % 977)
        FROM generate_series(1, {count}) n, generate_series(0, {months} - 1) ago,
             (SELECT min(id) AS first, count(*) AS count FROM customers) c;
        INSERT INTO sale_lines (sale_id, item_id, kind, category, quantity, amount_fen, cost_fen)
        SELECT s.id, i.id, CASE i.category WHEN 'PRODUCT' THEN 'PRODUCT' ELSE 'SINGLE' END,
               i.category, 1, s.total_fen / {lines}, 100
        FROM sales s CROSS JOIN generate_series(1, {lines}) n
             JOIN (SELECT items.*, row_number() OVER (ORDER BY id) AS place FROM items) i
             ON i.place = 1 + (s.id + n) % 12;
        INSERT INTO sale_tenders (sale_id, tender, amount_fen)
        SELECT id, ('{{CASH,WECHAT,ALIPAY}}'::text[])[1 + id % 3], total_fen FROM sales
    """


# What has changed: a receipt more, so that the figures move.
ANOTHER = """
    WITH one AS (
        INSERT INTO sales (key, receipt_no, kind, business_date, sold_at, recorded_at, source,
                           total_fen)
        SELECT gen_random_uuid(), left(gen_random_uuid()::text, 20), 'SALE', '2025-06-10', now(),
               now(), 'API', 100 RETURNING id)
    INSERT INTO sale_lines (sale_id, item_id, kind, category, quantity, amount_fen, cost_fen)
    SELECT one.id, 1, 'SINGLE', 'FACIAL', 1, 100, 0 FROM one
"""


def changed_days(first: int, last: int) -> str:
    """Write the SQL for the marks that sales leave on some days of the month, counted from 0."""
    return f"""
        INSERT INTO changed_days
        SELECT date '{FIRST_DAY}' + n, now() FROM generate_series({first}, {last}) n
        ON CONFLICT DO NOTHING
    """


def give(stores: Sequence[Tenant], text: str) -> None:
    """Run SQL in some stores as the owner of the tables, past the ledgers' grants."""

    def work(some: Sequence[Tenant]) -> None:
        with connect("app_migrator", autocommit=True) as connection:
            connection.execute("SET ROLE app_owner")
            connection.execute("SET synchronous_commit = off")
            for store in some:
                connection.execute(f"BEGIN; SET LOCAL search_path = {store.name}; {text}; COMMIT")

    with ThreadPoolExecutor(2) as two:
        list(two.map(work, (stores[::2], stores[1::2])))
