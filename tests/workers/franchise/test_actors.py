"""From receipts in two stores to the chain's figures, by jobs and letters alone."""

from datetime import date
from typing import Any

from sqlalchemy import text

from deploy.local.postgres import Cluster
from shared.domain.franchise.events import AggregateMonth, ReadLetters, SendSnapshots
from shared.domain.reporting.events import RollUpDays
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories.franchise import arrived, new_chain, sell
from tests.workers.conftest import ask, jobs
from workers.testing import drain

DAY = date(2025, 6, 3)
MONTH = date(2025, 6, 1)


def chain(hq: Tenant) -> dict[str, list[Any]]:
    """Read what a headquarters knows, without the instants at which it learned it."""
    columns = {
        "store_months": "tenant, month, revision, content_hash",
        "store_figures": "tenant, month, indicator, part, amount",
        "chain_figures": "month, level, name, indicator, part, amount",
        "store_ranks": "month, indicator, tenant, rank",
    }
    with tenant_session(hq) as session:
        return {
            table: sorted(map(tuple, session.execute(text(f"SELECT {names} FROM {table}"))))
            for table, names in columns.items()
        }


def test_receipts_reach_the_headquarters_by_letters_and_twice_changes_nothing(
    cluster: Cluster,
) -> None:
    hq, stores = new_chain("华东", "华北")
    sell(stores[0], 198_00, day=DAY)
    sell(stores[1], 302_00, day=DAY)
    for store in stores:
        ask(store, RollUpDays())

    outcomes = drain(hq, *stores)
    once = chain(hq)

    assert {outcome for _, outcome in outcomes} == {"done"}
    total = [row for row in once["chain_figures"] if row[1] == "CHAIN" and row[3] == "turnover"]
    assert [row[5] for row in total if row[4] == ""] == [500_00]
    assert {row.kind for row in jobs(hq)} == {"franchise.read_letters", "franchise.aggregate_month"}

    with tenant_session(hq) as session:
        letters = tuple(arrived(session, hq))
    ask(hq, ReadLetters(letters=letters), AggregateMonth(month=MONTH))
    for store in stores:
        ask(store, SendSnapshots())
    drain(hq, *stores)

    assert chain(hq) == once


def test_another_tenants_letters_are_not_there_to_be_read(cluster: Cluster) -> None:
    hq, (store,) = new_chain("华东")
    stranger, _ = new_chain("华南")
    sell(store, 198_00, day=DAY)
    ask(store, RollUpDays())
    drain(store)  # posted, not yet read
    with tenant_session(store) as session:
        letters = tuple(arrived(session, hq))
    assert letters

    ask(stranger, ReadLetters(letters=letters))
    drain(stranger)

    assert chain(stranger)["store_months"] == []
