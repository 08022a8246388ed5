"""A store with three years of receipts beside one with a month: the pages of the monthly detail.

Both stores have the same last month. The pages are asked of the application in this process, signed
in, every statement sent to the server. Beside it, two changed days rolled up and a whole month, in
the store with three years.
"""

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import partial

import structlog
from flask.testing import FlaskClient
from sqlalchemy import text

from shared.domain.reporting.service import rollup
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import browser_of
from tests.bench import seeds, town
from tests.bench.figures import Line, interleaved, seconds, share_of
from tests.bench.servers import our_server
from tests.bench.sizes import Sizes
from tests.factories.tenants import new_person
from web.app import create_app

PEERS = ()
MONTH = date(2025, 6, 1)
NOW = datetime(2025, 6, 30, 15, 0, tzinfo=UTC)
PAGES = 3  # a round
_ALL = "INSERT INTO changed_days SELECT DISTINCT business_date, now() FROM sales"
_ANALYZE = f"{seeds.ANALYZE}, day_items, day_totals, day_tenders, month_figures"


def measure(sizes: Sizes) -> Iterator[Line]:
    """Fill two stores, then ask both for the same pages in turn."""
    with our_server(sizes):
        young, old = town.new_stores(2)
        for store, months in ((young, 1), (old, sizes.months)):
            filled = seeds.receipts(sizes.sales, months=months)
            seeds.give([store], f"{seeds.catalogue()}; {filled}; {seeds.ANALYZE}; {_ALL}")
            _roll_up_all(store)
            seeds.give([store], _ANALYZE)
        app = create_app({"TESTING": True})
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
        of = {one: browser_of(app, new_person((one, "MGR"))) for one in (young, old)}
        got = interleaved(
            {
                f"{page} {name}": partial(_ask, of[store], f"/s/{store.slug}/months{page}")
                for page in (f"/{MONTH:%Y-%m}", "")
                for name, store in (("young", young), ("old", old))
            },
            sizes.month_rounds,
            warm=2,
        )
        rolled = interleaved(
            {"two": lambda: _roll_up(old, 9, 10), "all": lambda: _roll_up(old, 0, seeds.DAYS - 1)},
            sizes.month_rounds,
            warm=1,
        )
    for key, page, says in (
        ("months.page", f"/{MONTH:%Y-%m}", "the monthly detail"),
        ("months.list", "", "the list of months"),
    ):
        yield share_of(
            key,
            f"{says} of a store with {sizes.months} months",
            (got[f"{page} old"], got[f"{page} young"]),
            beside_is="a store with one month",
            note=f"{sizes.sales:,} receipts a month; {PAGES} pages a round",
        )
    yield share_of(
        "months.two_days",
        f"two changed days rolled up after {sizes.months} months",
        (rolled["two"], rolled["all"]),
        beside_is="all days of the month",
    )


def _ask(browser: FlaskClient, page: str) -> None:
    for _ in range(PAGES):
        answer = browser.get(page)
        assert answer.status_code == 200, answer.text[:500]


def _roll_up_all(store: Tenant) -> None:
    with tenant_session(store) as session:
        while rollup.roll_up_days(session, now=NOW):
            session.commit()
        session.commit()


def _roll_up(store: Tenant, first: int, last: int) -> float:
    with tenant_session(store) as session:
        for statement in (seeds.ANOTHER, seeds.changed_days(first, last)):
            session.execute(text(statement))
        took = seconds(lambda: rollup.roll_up_days(session, now=NOW))
        session.rollback()
    return took
