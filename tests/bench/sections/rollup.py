"""A month of all stores rolled up: in each store's schema, and by one statement over one table.

The one statement makes the same day rows and the same sums of the month from tables that hold all
stores' receipts. Ours is the product's own verb in each store's own login, one store after another:
marks taken, days written, the month's figures frozen with their fingerprint; connecting and the job
around it left out. Closing is three steps in a transaction each: computed with the changed days in
it, reviewed, closed on the headquarters' word, each day checked against its slips. The scheduled
run leaves nothing out: job rows, dispatcher, broker, two worker processes, leases, a login of each
store, snapshots, letters, the headquarters' sums and ranks.
"""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

from shared.domain.reporting.events import RollUpDays
from shared.domain.reporting.rules.states import JOB, Actor, Authority, Why
from shared.domain.reporting.service import closing, rollup
from tenants.logins import connect
from tenants.pool import pool
from tenants.registry import Tenant
from tenants.services import service
from tenants.sessions import tenant_session
from tests.bench import one_table, processes, seeds, town
from tests.bench.figures import Line, interleaved, seconds, share_of
from tests.bench.servers import our_server
from tests.bench.sizes import Sizes
from workers import rows

PEERS = ()
MONTH = date(2025, 6, 1)
NOW = datetime(2025, 6, 30, 15, 0, tzinfo=UTC)
LATER = datetime(2099, 1, 1, tzinfo=UTC)
LONGEST_RUN_SECONDS = 900
TEN = 10
ALL_DAYS = seeds.changed_days(0, seeds.DAYS - 1)
TWO_DAYS = seeds.changed_days(9, 10)
_HOUR_LATER = "UPDATE month_exchanges SET sent_at = sent_at - interval '1 hour'"
_MANAGER, _HQ = Actor(authority=Authority.STORE), Actor(authority=Authority.HQ)
_AFTERWARDS = date(2025, 7, 2)
_CASH_DAYS = f"""
    INSERT INTO cash_days (business_date, state, opened_at, opening_fen, bank_deposit_fen,
        counted_fen, closed_at)
    SELECT date '{seeds.FIRST_DAY}' + n, 'CLOSED', now(), 0, 0, 0, now()
    FROM generate_series(0, {seeds.DAYS - 1}) n ON CONFLICT DO NOTHING
"""
_UNFINISHED = """
    SELECT (SELECT count(*) FROM ops.job WHERE state <> 'done' AND run_at < now())
         + (SELECT count(*) FROM ops.letter WHERE delivered_at IS NULL) AS left
"""


def measure(sizes: Sizes) -> Iterator[Line]:
    """Fill both sides with the same receipts, then roll both up in turn."""
    with processes.broker_settings() as settings, our_server(sizes, **settings):
        hq = town.new_hq()
        stores = town.new_stores(sizes.rolled_up, hq=hq)
        town.register(hq, stores)
        seeds.give(stores, f"{seeds.catalogue()}; {seeds.receipts(sizes.sales)}; {seeds.ANALYZE}")
        one_table.make(stores)
        ten = stores[:: max(len(stores) // TEN, 1)][:TEN]
        _one_by_one(stores)  # warm, and the first figures
        got = interleaved(
            {
                "table": one_table.roll_up,
                "sql": lambda: _rolled_up(stores, ALL_DAYS),
                "ten": lambda: _rolled_up(ten, TWO_DAYS),
                "run": lambda: _scheduled(sizes, stores, ALL_DAYS),
                "run of ten": lambda: _scheduled(sizes, ten, TWO_DAYS),
            },
            sizes.rollup_rounds,
        )
        _scheduled(sizes, stores, TWO_DAYS)  # whatever was rolled up last, the chain hears of it
        _check(hq, stores)
        # afterwards: what closing sends up is delivered to nobody here
        closed = interleaved(
            {"table": one_table.roll_up, "close": lambda: _closed(stores)}, sizes.rollup_rounds
        )
    one = {"beside_is": "one statement, one table"}
    yield share_of(
        "rollup.sql",
        f"a month of {len(stores):,} stores rolled up in their schemas",
        (got["sql"], got["table"]),
        **one,
        note=f"{sizes.sales:,} receipts of 3 lines a store; one store after another, connected",
    )
    yield share_of(
        "rollup.ten_changed",
        f"two changed days in {len(ten)} of {len(stores):,} stores",
        (got["ten"], got["table"]),
        **one,
    )
    yield share_of(
        "rollup.close",
        f"a month of {len(stores):,} stores closed: computed, checked, reviewed, closed",
        (closed["close"], closed["table"]),
        **one,
        note="all days changed; one store after another, connected",
    )
    yield share_of(
        "rollup.scheduled",
        f"the whole scheduled run of {len(stores):,} stores",
        (got["run"], got["table"]),
        **one,
        note=f"{processes.name_of(settings)}; {len(stores) / _median(got['run']):.0f} stores/s",
    )
    yield share_of(
        "rollup.scheduled_ten",
        f"the whole run for two changed days in {len(ten)} stores",
        (got["run of ten"], got["run"]),
        beside_is="the whole run of all",
    )


def _median(samples: Sequence[float]) -> float:
    return sorted(samples)[len(samples) // 2]


def _one_by_one(stores: Sequence[Tenant]) -> float:
    took = 0.0
    for store in stores:
        with tenant_session(store) as session:
            session.connection()  # not measured here
            began = time.perf_counter()
            rollup.roll_up_days(session, now=NOW)
            session.commit()
            took += time.perf_counter() - began
    return took


def _rolled_up(stores: Sequence[Tenant], marks: str) -> float:
    seeds.give(stores, f"{seeds.ANOTHER}; {marks}")
    pool().close()
    took = _one_by_one(stores)
    _forget_jobs()
    return took


def _closed(stores: Sequence[Tenant]) -> float:
    seeds.give(stores, f"{seeds.ANOTHER}; {ALL_DAYS}; {_CASH_DAYS}")
    pool().close()
    took = 0.0
    for store in stores:
        with tenant_session(store) as session:
            session.connection()
            began = time.perf_counter()
            closing.compute_month(session, month=MONTH, actor=JOB, day=_AFTERWARDS, now=NOW)
            session.commit()
            closing.review_month(session, month=MONTH, actor=_MANAGER, now=NOW, acknowledged="无")
            session.commit()
            closing.close_month(session, month=MONTH, actor=_HQ, has_hq=True, now=NOW)
            session.commit()
            took += time.perf_counter() - began
            why = Why(reason="再来一轮", forms=("F10",))
            closing.reopen_month(session, month=MONTH, why=why, actor=_HQ, has_hq=True, now=NOW)
            session.commit()
    _forget_jobs()
    return took


def _scheduled(sizes: Sizes, stores: Sequence[Tenant], marks: str) -> float:
    seeds.give(stores, f"{seeds.ANOTHER}; {marks}; {_HOUR_LATER}")
    with service("app_dispatch") as connection:
        for store in stores:
            rows.write_job(
                connection, store.name, RollUpDays(), run_at=datetime.max.replace(tzinfo=UTC)
            )
    with processes.workers(sizes):
        took = seconds(_run)
    _forget_jobs()
    return took


def _run() -> None:
    until = time.monotonic() + LONGEST_RUN_SECONDS
    with service("app_dispatch") as connection:
        connection.execute("UPDATE ops.job SET run_at = now() WHERE state = 'queued'")
    while time.monotonic() < until:
        time.sleep(0.05)
        with service("app_dispatch") as connection:
            left = connection.execute(_UNFINISHED).fetchone()
        if left == {"left": 0}:
            return
    raise TimeoutError(f"unfinished jobs and letters: {left}")


def _forget_jobs() -> None:
    with service("app_dispatch") as connection:
        connection.execute("DELETE FROM ops.job")


def _check(hq: Tenant, stores: Sequence[Tenant]) -> None:
    """See that the headquarters has the sum of all stores, to the fen."""
    with connect("app_migrator", autocommit=True) as connection:
        connection.execute("SET ROLE app_owner")
        said = connection.execute(
            f"SELECT amount::bigint FROM {hq.name}.chain_figures WHERE level = 'CHAIN' "  # noqa: S608
            "AND indicator = 'turnover' AND part = ''"
        ).fetchone()
        parts = [
            connection.execute(f"SELECT sum(amount_fen)::bigint FROM {store.name}.sale_lines")  # noqa: S608
            for store in stores
        ]
        expected = sum((part.fetchone() or (0,))[0] for part in parts)
    if said != (expected,):
        raise RuntimeError(f"the chain says {said}, the receipts {expected}")
