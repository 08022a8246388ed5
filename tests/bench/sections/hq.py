"""A headquarters looks at a month's ranking: of 100 stores and of 10,000.

Both chains are ranked by the product's own job from snapshots put there by SQL; what is timed is
the first page of the ranking with its quartiles, as the page and the API ask for it.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from shared.domain.franchise.queries import ranking
from shared.domain.franchise.rules.benchmark import Ranking
from shared.domain.franchise.service import aggregation
from tenants.logins import connect
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.bench import town
from tests.bench.figures import Line, interleaved, seconds, share_of
from tests.bench.servers import our_server
from tests.bench.sizes import Sizes

PEERS = ()
PAGE = 50  # rows of the ranking asked for, as the API does when nothing is said
MONTH, PREVIOUS = date(2025, 6, 1), date(2025, 5, 1)
NOW = datetime(2025, 7, 3, tzinfo=UTC)
_SNAPSHOTS = """
    INSERT INTO store_months (tenant, month, revision, snapshot_no, state, is_stale, region,
        content_hash, published_at, letter_id, shut_days, decision_no, answered_no)
    SELECT tenant, m, 1, 1, 'CLOSED', false, region, '', now(), gen_random_uuid(), '[]', 0, 0
    FROM store_files CROSS JOIN unnest(%(months)s::date[]) m;
"""
_FIGURES = """
    INSERT INTO store_figures (tenant, month, indicator, part, amount)
    SELECT tenant, month, named.indicator, '', named.amount FROM store_months, LATERAL (VALUES
        ('turnover', (hashtext(tenant || month) & 16777215)::bigint),
        ('visits', 50 + (hashtext(month || tenant) & 1023)),
        ('new_customers', 1 + (hashtext(tenant) & 63))
    ) AS named (indicator, amount)
"""


def measure(sizes: Sizes) -> Iterator[Line]:
    """Rank both chains, then look at both in turn."""
    few, many = sizes.ranked
    with our_server(sizes):
        chains = {size: _chain(size) for size in (few, many)}
        ranked = {
            size: [seconds(lambda size=size: _rank(chains[size])) for _ in range(3)]
            for size in chains
        }
        got = interleaved(
            {str(size): lambda hq=hq: _look(hq) for size, hq in chains.items()},
            sizes.rank_rounds,
            warm=2,
        )
    yield share_of(
        "hq.ranking",
        f"a month's ranking of {many:,} stores looked at",
        (got[str(many)], got[str(few)]),
        beside_is=f"of {few}",
    )
    yield share_of(
        "hq.rank_job",
        f"the job that sums and ranks {many:,} stores",
        (ranked[many], ranked[few]),
        beside_is=f"{few} stores",
    )


def _chain(size: int) -> Tenant:
    hq = town.new_hq()
    town.register_names(hq, [f"t_{number:010d}" for number in range(size)])
    with connect("app_migrator", autocommit=True) as connection:
        connection.execute("SET ROLE app_owner")
        connection.execute(f"SET search_path = {hq.name}")
        connection.execute(_SNAPSHOTS, {"months": [PREVIOUS, MONTH]})
        connection.execute(_FIGURES)
    return hq


def _rank(hq: Tenant) -> None:
    with tenant_session(hq) as session:
        aggregation.aggregate_month(session, month=MONTH, now=NOW)
        session.commit()


def _look(hq: Tenant) -> None:
    with tenant_session(hq) as session:
        ranking.ranking(session, MONTH, Ranking.TURNOVER, limit=PAGE + 1)
        ranking.quartiles(session, MONTH, Ranking.TURNOVER)
