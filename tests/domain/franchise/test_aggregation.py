"""A chain's figures are the sums of its stores', and its ranks those of the rules (C13)."""

import random
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from shared import days
from shared.domain.franchise.models.stores import StoreFigure, StoreFile, StoreMonth
from shared.domain.franchise.queries import checks, dashboard, ranking
from shared.domain.franchise.rules import benchmark
from shared.domain.franchise.rules.benchmark import Ranking
from shared.domain.franchise.service import aggregation
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests import golden
from tests.factories import franchise, reporting
from tests.factories.franchise import aggregate, new_chain, read_all, send
from tests.factories.reporting import JUNE, NOW

MAY = date(2025, 5, 1)
DAY = date(2025, 6, 3)
YEAR = days.months_between(date(2024, 1, 1), JUNE)


def file(session: Session, number: int, *, region: str = "", opened_on: date = YEAR[0]) -> str:
    """Write a store file without a store behind it."""
    tenant = f"t_{number:010d}"
    session.add(
        StoreFile(
            tenant=tenant,
            code=f"{number:03d}",
            name=f"门店{number}",
            region=region,
            kind="DIRECT",
            size_class="M",
            city_tier="2",
            opened_on=opened_on,
        )
    )
    session.flush()
    return tenant


def report(
    session: Session,
    tenant: str,
    figures: dict[str, int],
    *,
    month: date = JUNE,
    state: str = "CLOSED",
    region: str = "",
) -> None:
    """Write what a store's snapshot said."""
    session.add(
        StoreMonth(
            tenant=tenant,
            month=month,
            revision=1,
            snapshot_no=1,
            state=state,
            is_stale=False,
            region=region,
            content_hash="",
            published_at=NOW,
            letter_id=UUID(int=0),
            shut_days=[],
            decision_no=0,
            answered_no=0,
        )
    )
    session.flush()
    session.execute(
        insert(StoreFigure),
        [
            {"tenant": tenant, "month": month, "indicator": name, "part": "", "amount": amount}
            for name, amount in figures.items()
        ],
    )


@pytest.fixture
def hq_session(hq: Tenant) -> object:
    with tenant_session(hq) as session:
        yield session


def test_two_stores_come_together_in_their_headquarters(cluster: object) -> None:
    hq, (north, south) = new_chain("华北", "华南")
    franchise.sell(north, 100_00, day=date(2025, 5, 9))
    franchise.sell(north, 120_00, day=DAY)
    franchise.sell(south, 80_00, day=DAY)
    with tenant_session(north) as session:
        reporting.closed(session, MAY)
        reporting.closed(session)
        session.commit()
    with tenant_session(south) as session:
        reporting.roll_up(session)
        session.commit()
    for store in (north, south):
        send(store)
    read_all(hq)
    aggregate(hq, MAY, JUNE)

    with tenant_session(hq) as session:
        board = dashboard.dashboard(session, MAY, JUNE)
        assert checks.verify_hq(session) == []

    may, june = board.months
    assert (may.turnover_fen, june.turnover_fen, june.closed_turnover_fen) == (
        100_00,
        200_00,
        120_00,
    )
    assert may.coverage.missing == ["门店002"]
    assert (may.coverage.text, may.coverage.is_provisional) == ("含 1/2 家", True)
    assert (june.coverage.text, june.coverage.closed_text) == ("含 2/2 家", "含 1/2 家")
    assert june.coverage.as_of == NOW
    # growth over the one store that is there in both months, not 200/100
    assert (str(june.growth), june.same_stores) == ("0.2000", 1)
    assert june.growth_on_year is None
    assert june.spend_per_customer_fen == 100_00
    rows = {row.code: row for row in board.stores}
    assert rows["001"].months[JUNE].is_provisional is False
    assert rows["002"].months[JUNE].is_provisional is True
    assert MAY not in rows["002"].months
    assert {row.name: row.total_fen for row in board.regions} == {"华北": 220_00, "华南": 80_00}
    assert board.total_fen == 300_00


def test_aggregating_again_replaces_and_an_empty_month_has_its_coverage(
    hq_session: Session,
) -> None:
    tenant = file(hq_session, 1, region="华东")
    aggregation.aggregate_month(hq_session, month=MAY, now=NOW)
    report(hq_session, tenant, {"turnover": 5}, region="华东")
    for _ in range(2):
        aggregation.aggregate_month(hq_session, month=JUNE, now=NOW)

    board = dashboard.dashboard(hq_session, MAY, JUNE)

    assert [(one.turnover_fen, one.coverage.text) for one in board.months] == [
        (0, "含 0/1 家"),
        (5, "含 1/1 家"),
    ]


def test_a_month_nobody_summed_yet_says_who_is_missing(hq_session: Session) -> None:
    file(hq_session, 1)
    file(hq_session, 2, opened_on=date(2025, 7, 1))

    (column,) = dashboard.dashboard(hq_session, JUNE, JUNE).months

    assert (column.coverage.text, column.coverage.missing) == ("含 0/1 家", ["门店1"])
    assert column.coverage.as_of is None


def test_last_years_report_keeps_last_years_region(hq_session: Session) -> None:
    tenant = file(hq_session, 1, region="华东")
    report(hq_session, tenant, {"turnover": 5}, region="华北")
    aggregation.aggregate_month(hq_session, month=JUNE, now=NOW)

    board = dashboard.dashboard(hq_session, JUNE, JUNE)

    assert [row.name for row in board.regions] == ["华北"]


def test_a_ratio_over_stores_is_the_ratio_of_the_sums(hq_session: Session) -> None:
    case = golden.example("G-AGG-1")
    for number, store in enumerate(case["input"], start=1):
        figures = {"turnover": int(store["revenue"]) * 100, "visits": store["visits"]}
        report(hq_session, file(hq_session, number), figures)
    aggregation.aggregate_month(hq_session, month=JUNE, now=NOW)

    (column,) = dashboard.dashboard(hq_session, JUNE, JUNE).months

    expected = Decimal(case["expected"]["spend_per_customer"])
    assert column.spend_per_customer_fen == int(expected * 100)


def test_the_worked_quartiles_come_out_of_the_database_too(hq_session: Session) -> None:
    case = golden.example("G-BENCH-1")
    for number, value in enumerate(case["input"]["values"], start=1):
        report(hq_session, file(hq_session, number), {"turnover": value})
    aggregation.aggregate_month(hq_session, month=JUNE, now=NOW)

    (group,) = ranking.quartiles(hq_session, JUNE, Ranking.TURNOVER)
    rows = ranking.ranking(hq_session, JUNE, Ranking.TURNOVER)

    expected = case["expected"]
    assert group.quartiles is not None
    assert (group.quartiles.q1, group.quartiles.median, group.quartiles.q3) == (
        Decimal(expected["q1"]), Decimal(expected["median"]), Decimal(expected["q3"]),
    )  # fmt: skip
    own = next(row for row in rows if row.value == case["input"]["own"])
    assert (own.quartile, own.rank, own.peers) == (expected["own_quartile"], 4, 5)


def test_a_ranking_comes_in_parts_in_the_same_order(hq_session: Session) -> None:
    for number in range(1, 8):
        report(hq_session, file(hq_session, number), {"turnover": number % 3})
    aggregation.aggregate_month(hq_session, month=JUNE, now=NOW)

    whole = ranking.ranking(hq_session, JUNE, Ranking.TURNOVER)
    parts = [
        ranking.ranking(hq_session, JUNE, Ranking.TURNOVER, skip=skip, limit=3)
        for skip in (0, 3, 6)
    ]

    assert [len(part) for part in parts] == [3, 3, 1]
    assert [row for part in parts for row in part] == list(whole)


def test_young_stores_are_not_ranked_and_few_peers_show_no_quartiles(
    hq_session: Session,
) -> None:
    for number in range(1, 5):
        report(hq_session, file(hq_session, number), {"turnover": number})
    young = file(hq_session, 5, opened_on=date(2025, 4, 2))
    report(hq_session, young, {"turnover": 99})
    aggregation.aggregate_month(hq_session, month=JUNE, now=NOW)

    rows = ranking.ranking(hq_session, JUNE, Ranking.TURNOVER)
    (group,) = ranking.quartiles(hq_session, JUNE, Ranking.TURNOVER)

    assert [(row.code, row.rank) for row in rows] == [
        ("004", 1), ("003", 2), ("002", 3), ("001", 4), ("005", None),
    ]  # fmt: skip
    assert {row.quartile for row in rows} == {None}
    assert (group.peers, group.quartiles) == (4, None)


def test_a_changed_month_moves_the_growth_of_the_next(hq_session: Session) -> None:
    tenant = file(hq_session, 1)
    report(hq_session, tenant, {"turnover": 1, "new_customers": 24})
    aggregation.aggregate_month(hq_session, month=JUNE, now=NOW)
    (row,) = ranking.ranking(hq_session, JUNE, Ranking.NEW_GROWTH)
    assert (row.value, row.rank) == (None, None)

    report(hq_session, tenant, {"turnover": 1, "new_customers": 20}, month=MAY)
    aggregation.aggregate_month(hq_session, month=MAY, now=NOW)

    (row,) = ranking.ranking(hq_session, JUNE, Ranking.NEW_GROWTH)
    assert (row.value, row.rank) == (Decimal("0.2000"), 1)


@pytest.mark.parametrize("seed", range(12))
def test_the_database_ranks_as_the_rules_do(hq_session: Session, seed: int) -> None:
    drawn = random.Random(seed)
    spends: dict[str, tuple[int, int]] = {}
    turnovers: dict[str, int] = {}
    for number in range(1, drawn.randint(1, 12) + 1):
        tenant = file(hq_session, number)
        turnovers[tenant] = drawn.choice([drawn.randint(-500, 500), 10**13 + drawn.randint(0, 3)])
        spends[tenant] = (turnovers[tenant], drawn.randint(0, 7))
        report(hq_session, tenant, {"turnover": turnovers[tenant], "visits": spends[tenant][1]})
    aggregation.aggregate_month(hq_session, month=JUNE, now=NOW)

    for indicator, parts in (
        (Ranking.SPEND, spends),
        (Ranking.TURNOVER, {tenant: (fen, 1) for tenant, fen in turnovers.items()}),
    ):
        every = {tenant: benchmark.value_e4(*pair) for tenant, pair in parts.items()}
        values = {tenant: value for tenant, value in every.items() if value is not None}
        places, quarters = benchmark.ranks(values), benchmark.quartiles(list(values.values()))
        for row in ranking.ranking(hq_session, JUNE, indicator):
            value = values.get(row.tenant)
            assert row.value == (None if value is None else Decimal(value).scaleb(-4))
            assert row.rank == places.get(row.tenant)
            expected = (
                benchmark.own_quartile(value, quarters) if quarters and value is not None else None
            )
            assert row.quartile == expected
        for group in ranking.quartiles(hq_session, JUNE, indicator):
            assert (group.quartiles is None) == (quarters is None)
            if group.quartiles and quarters:
                assert group.quartiles.q1 == quarters.q1.scaleb(-4)
                assert group.quartiles.q3 == quarters.q3.scaleb(-4)


@pytest.mark.parametrize("seed", range(6))
def test_growth_over_the_same_stores_is_that_of_the_rules(hq_session: Session, seed: int) -> None:
    drawn = random.Random(seed)
    said: dict[date, dict[str, int]] = {MAY: {}, JUNE: {}}
    for number in range(1, 9):
        tenant = file(hq_session, number)
        for month, known in said.items():
            if drawn.random() < 0.7:
                known[tenant] = drawn.randint(0, 100)
                report(hq_session, tenant, {"turnover": known[tenant]}, month=month)

    (column,) = dashboard.dashboard(hq_session, JUNE, JUNE).months

    expected = benchmark.like_for_like(said[JUNE], said[MAY])
    assert column.same_stores == expected.stores
    if expected.before:
        growth = Decimal(expected.now - expected.before) / expected.before
        assert column.growth is not None
        assert abs(column.growth - growth) <= Decimal("0.00005")
