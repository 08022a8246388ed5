"""Sum a month over the chain and its regions, and rank the stores.

Form: J19; aggregation (9.3), ranking (9.4), calculation C13.
"""

from datetime import date, datetime

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared import days
from shared.domain.franchise.models.chain import ChainMonth

# A store counts from the month it opens in to the month it closes in, or when it reported at all.
_COVERAGE = text(
    """
    INSERT INTO chain_months (month, level, name, stores_counted, stores_provisional,
                              stores_expected, computed_at)
    SELECT CAST(:month AS date), CASE WHEN grouping(region) = 1 THEN 'CHAIN' ELSE 'REGION' END,
           coalesce(region, ''), count(*) FILTER (WHERE state = 'CLOSED'),
           count(*) FILTER (WHERE state <> 'CLOSED'), count(*), :now
    FROM (
        SELECT coalesce(m.region, f.region) AS region, m.state
        FROM store_files f LEFT JOIN store_months m ON m.tenant = f.tenant AND m.month = :month
        WHERE m.tenant IS NOT NULL
           OR (f.opened_on <= :last AND (f.closed_on IS NULL OR f.closed_on >= :month))
    ) AS expected
    GROUP BY GROUPING SETS ((), (region)) HAVING grouping(region) = 1 OR region <> ''
    ON CONFLICT (month, level, name) DO UPDATE SET
        stores_counted = excluded.stores_counted,
        stores_provisional = excluded.stores_provisional,
        stores_expected = excluded.stores_expected, computed_at = excluded.computed_at
    """
)
_SUMS = text(
    """
    INSERT INTO chain_figures (month, level, name, indicator, part, amount, closed_amount)
    SELECT CAST(:month AS date), CASE WHEN grouping(m.region) = 1 THEN 'CHAIN' ELSE 'REGION' END,
           coalesce(m.region, ''), f.indicator, f.part, sum(f.amount)::bigint,
           coalesce(sum(f.amount) FILTER (WHERE m.state = 'CLOSED'), 0)::bigint
    FROM store_figures f JOIN store_months m USING (tenant, month)
    WHERE f.month = :month
    GROUP BY GROUPING SETS ((f.indicator, f.part), (m.region, f.indicator, f.part))
    HAVING grouping(m.region) = 1 OR m.region <> ''
    """
)
# Values in ten-thousandths by whole-number division, half up away from zero: equal to 4 decimals
# is equal. `ranked_from`: the first of three full months of trading, this one the last.
_RANKS = text(
    """
    WITH figure AS (
        SELECT tenant, coalesce(max(amount) FILTER (WHERE indicator = 'turnover'), 0) AS turnover,
               coalesce(max(amount) FILTER (WHERE indicator = 'visits'), 0) AS visits,
               coalesce(max(amount) FILTER (WHERE indicator = 'new_customers'), 0) AS newcomers
        FROM store_figures WHERE month = :month AND part = '' GROUP BY tenant
    ),
    before AS (
        SELECT tenant, amount AS newcomers FROM store_figures
        WHERE month = :previous AND indicator = 'new_customers' AND part = ''
    ),
    raw AS (
        SELECT f.tenant, f.kind || '/' || f.size_class || '/' || f.city_tier AS peer_group,
               CASE WHEN extract(day FROM f.opened_on) = 1 THEN f.opened_on
                    ELSE (date_trunc('month', f.opened_on) + interval '1 month')::date
               END <= CAST(:ranked_from AS date) AS is_old, named.*
        FROM store_files f JOIN figure USING (tenant) LEFT JOIN before USING (tenant),
        LATERAL (VALUES
            ('turnover', figure.turnover, 1::bigint),
            ('spend_per_customer', figure.turnover, figure.visits),
            ('new_growth', figure.newcomers - coalesce(before.newcomers, 0),
             coalesce(before.newcomers, 0))
        ) AS named (indicator, numerator, denominator)
    ),
    valued AS (
        SELECT raw.*, CASE WHEN denominator > 0 THEN
            sign(top) * div(abs(top) * 20000 + denominator, denominator * 2) END::bigint AS value_e4
        FROM raw, LATERAL (SELECT numerator::numeric AS top) AS exact  -- a bigint's sign is a float
    ),
    peer AS (
        SELECT indicator, tenant,
               rank() OVER (PARTITION BY indicator, peer_group ORDER BY value_e4 DESC) AS rank
        FROM valued WHERE is_old AND value_e4 IS NOT NULL
    ),
    peer_group AS (
        SELECT indicator, peer_group, count(*) AS peers,
               array_agg(value_e4 ORDER BY value_e4) AS ordered
        FROM valued WHERE is_old AND value_e4 IS NOT NULL GROUP BY indicator, peer_group
    ),
    quarter AS (
        SELECT indicator, peer_group, peers, part.q1, part.median, part.q3
        FROM peer_group LEFT JOIN LATERAL (
            SELECT max(limit_e4) FILTER (WHERE k = 1) AS q1,
                   max(limit_e4) FILTER (WHERE k = 2) AS median,
                   max(limit_e4) FILTER (WHERE k = 3) AS q3
            FROM (
                SELECT k, ordered[place + 1]
                    + (coalesce(ordered[place + 2], 0) - ordered[place + 1]) * rest / 4.0
                    AS limit_e4
                FROM (SELECT k, ((peers - 1) * k / 4)::int AS place, (peers - 1) * k % 4 AS rest
                      FROM generate_series(1, 3) AS k) AS position
            ) AS limits
        ) AS part ON peers >= 5
    ),
    kept AS (
        INSERT INTO rank_groups (month, indicator, peer_group, peers, q1_e4, median_e4, q3_e4)
        SELECT CAST(:month AS date), indicator, peer_group, peers, q1, median, q3 FROM quarter
    )
    INSERT INTO store_ranks (month, indicator, tenant, peer_group, numerator, denominator,
                             value_e4, rank, peers, quartile)
    SELECT CAST(:month AS date), v.indicator, v.tenant, v.peer_group, v.numerator, v.denominator,
           v.value_e4, p.rank, coalesce(q.peers, 0),
           CASE WHEN p.rank IS NOT NULL AND q.q1 IS NOT NULL THEN
               1 + (v.value_e4 > q.q1)::int + (v.value_e4 > q.median)::int
                 + (v.value_e4 > q.q3)::int END
    FROM valued v
    LEFT JOIN peer p USING (indicator, tenant)
    LEFT JOIN quarter q ON q.indicator = v.indicator AND q.peer_group = v.peer_group
    """
)


def aggregate_month(session: Session, *, month: date, now: datetime) -> None:
    """Sum and rank a month anew from the newest snapshots; the next month's growth follows it.

    Stores that have not closed are taken from their provisional snapshots and counted apart.

    Locks: the chain's row of the month, then of the next.
    """
    _hold(session, month, now=now)
    of_month = {"month": month, "last": days.last_day(month), "now": now}
    session.execute(text("DELETE FROM chain_figures WHERE month = :month"), of_month)
    session.execute(
        text("DELETE FROM chain_months WHERE month = :month AND level = 'REGION'"), of_month
    )
    session.execute(_COVERAGE, of_month)
    session.execute(_SUMS, of_month)
    _rank(session, month)
    following = days.next_month(month)
    if session.get(ChainMonth, (following, "CHAIN", "")) is not None:
        _hold(session, following, now=now)
        _rank(session, following)


def _hold(session: Session, month: date, *, now: datetime) -> None:
    begun = {
        "month": month,
        "level": "CHAIN",
        "name": "",
        "stores_counted": 0,
        "stores_provisional": 0,
        "stores_expected": 0,
        "computed_at": now,
    }
    session.execute(
        insert(ChainMonth)
        .values(begun)
        .on_conflict_do_nothing(index_elements=["month", "level", "name"])
    )
    session.execute(
        select(ChainMonth.month)
        .where(ChainMonth.month == month, ChainMonth.level == "CHAIN")
        .with_for_update()
    )


def _rank(session: Session, month: date) -> None:
    previous = days.previous_month(month)
    key = {
        "month": month,
        "previous": previous,
        "ranked_from": days.previous_month(previous),
    }
    session.execute(text("DELETE FROM store_ranks WHERE month = :month"), key)
    session.execute(text("DELETE FROM rank_groups WHERE month = :month"), key)
    session.execute(_RANKS, key)
