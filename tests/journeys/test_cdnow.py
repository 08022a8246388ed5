"""Sixty-nine thousand real purchases, from a file to a headquarters' page, to the cent.

The walk-through of docs/cdnow.md. What must come out is computed by cdnow_independent.py, which
shares no line with the product.
"""

import argparse
import csv
import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from deploy.commands import import_sales
from deploy.local.postgres import Cluster
from shared.domain.franchise.queries import checks as chain_checks
from shared.domain.franchise.queries import dashboard, ranking
from shared.domain.franchise.queries import stores as store_queries
from shared.domain.franchise.rules.benchmark import Ranking
from shared.domain.reporting.queries import checks, months
from tenants.sessions import tenant_session
from tests.journeys import cdnow
from tests.journeys.cdnow import PURCHASES, Chain

FIGURES = ("turnover", "visits", "customers", "new_customers", "receipts")
DAMAGED = 12_345  # a line that no other line equals


@dataclass(slots=True, kw_only=True)
class Story:
    """The chain after everything has happened, and what was seen on the way."""

    chain: Chain
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    bad_rows: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture(scope="module")
def said() -> dict[str, Any]:
    return cdnow.said_independently()


@pytest.fixture(scope="module")
def story(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("cdnow")
    told = Story(chain=cdnow.open_chain(f"cdnow-{os.getpid()}"))
    _import_with_one_bad_row(told, folder)
    cdnow.close_everything(told.chain)
    return told


def test_a_bad_row_comes_back_with_its_reason_and_is_repaired_alone(story: Story) -> None:
    assert story.counts["damaged"] == Counter(saved=PURCHASES - 1, bad=1)
    (bad,) = story.bad_rows
    assert bad["amount"] == "twelve"
    assert "格式不正确" in bad["原因"]
    assert "amount" in bad["reason"]
    assert story.counts["repaired"] == Counter(saved=1)


def test_the_whole_file_again_adds_nothing(story: Story) -> None:
    assert story.counts["whole"] == Counter(known=PURCHASES)
    receipts = 0
    for store in story.chain.stores.values():
        with tenant_session(store) as session:
            receipts += session.execute(text("SELECT count(*) FROM sales")).scalar_one()
    assert receipts == PURCHASES


def test_every_month_of_every_store_equals_the_file(story: Story, said: dict[str, Any]) -> None:
    seen = {}
    for code, store in story.chain.stores.items():
        with tenant_session(store) as session:
            for month in cdnow.all_months():
                row = months.get(session, month)
                assert row.state == "CLOSED"
                figures = months.figures(session, month, row.revision)
                own = {name: figures.get((name, ""), 0) for name in FIGURES}
                own["quantity"] = figures.get(("quantity", "PRODUCT"), 0)
                seen[f"{code} {month:%Y%m}"] = own
    assert seen == said["stores"]


def test_the_headquarters_totals_equal_the_file(story: Story, said: dict[str, Any]) -> None:
    with tenant_session(story.chain.hq) as session:
        page = dashboard.dashboard(session, cdnow.FIRST_MONTH, cdnow.LAST_MONTH)
        sums = _chain_sums(session)
    assert [column.month for column in page.months] == cdnow.all_months()
    for column in page.months:
        expected = said["chain"][f"{column.month:%Y%m}"]
        assert column.turnover_fen == column.closed_turnover_fen == expected["turnover"]
        assert column.visits == expected["visits"]
        assert column.new_customers == expected["new_customers"]
        assert (column.coverage.counted, column.coverage.expected) == (8, 8)
        assert not column.coverage.is_provisional
        assert sums[column.month, "customers", ""] == expected["customers"]
        assert sums[column.month, "receipts", ""] == expected["receipts"]
        assert sums[column.month, "quantity", "PRODUCT"] == expected["quantity"]
    assert page.total_fen == sum(month["turnover"] for month in said["chain"].values())


def test_the_headquarters_knows_each_stores_months(story: Story, said: dict[str, Any]) -> None:
    with tenant_session(story.chain.hq) as session:
        page = dashboard.dashboard(session, cdnow.FIRST_MONTH, cdnow.LAST_MONTH)
        drilled = store_queries.store_month(
            session, story.chain.stores["003"].name, date(1997, 3, 1)
        )
    seen = {
        f"{row.code} {month:%Y%m}": cell.turnover_fen
        for row in page.stores
        for month, cell in row.months.items()
    }
    assert seen == {key: figures["turnover"] for key, figures in said["stores"].items()}
    assert not drilled.is_provisional


def test_new_customers_are_counted_at_their_first_paid_visit(
    story: Story, said: dict[str, Any]
) -> None:
    # 23,570 people bought something; those who only ever paid 0.00 are no customers yet
    everyone = sum(month["new_customers"] for month in said["chain"].values())
    known = paid = 0
    for store in story.chain.stores.values():
        with tenant_session(store) as session:
            row = session.execute(
                text("SELECT count(*) AS known, count(first_paid_on) AS paid FROM customers")
            ).one()
            known, paid = known + row.known, paid + row.paid
    assert known == 23_570
    assert paid == everyone
    assert paid < known


def test_the_ranking_equals_the_file(story: Story, said: dict[str, Any]) -> None:
    with tenant_session(story.chain.hq) as session:
        for month in cdnow.all_months():
            rows = ranking.ranking(session, month, Ranking.TURNOVER)
            assert {row.code: row.rank for row in rows} == said["ranks"][f"{month:%Y%m}"]
            assert {row.peers for row in rows} == {8}


def test_a_check_from_the_slips_finds_no_difference(story: Story) -> None:
    for store in story.chain.stores.values():
        with tenant_session(store) as session:
            assert checks.verify(session) == []
    with tenant_session(story.chain.hq) as session:
        assert chain_checks.verify_hq(session) == []


def _import_with_one_bad_row(told: Story, folder: Path) -> None:
    rows = cdnow.rows()
    assert len(rows) == PURCHASES
    whole = cdnow.write_csv(folder / "whole.csv", rows)
    right = rows[DAMAGED]
    assert rows.count(right) == 1
    rows[DAMAGED] = [*right[:5], "twelve", right[6]]
    damaged = cdnow.write_csv(folder / "damaged.csv", rows)
    told.counts["damaged"] = _import(told.chain, damaged, is_clean=False)

    # the file with the reasons is repaired and sent back, its columns of reasons still in it
    returned = folder / "damaged-bad-rows.csv"
    with returned.open(encoding="utf-8-sig", newline="") as file:
        told.bad_rows = list(csv.DictReader(file))
    repaired = folder / "repaired.csv"
    with repaired.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(told.bad_rows[0]))
        writer.writeheader()
        writer.writerows([{**row, "amount": right[5]} for row in told.bad_rows])
    told.counts["repaired"] = _import(told.chain, repaired, is_clean=True)
    told.counts["whole"] = _import(told.chain, whole, is_clean=True)


def _import(chain: Chain, path: Path, *, is_clean: bool) -> Counter[str]:
    before = _newest_runs(chain)
    parser = argparse.ArgumentParser()
    import_sales.add(parser)
    arguments = parser.parse_args(["sales", str(path), "--hq", chain.hq.slug])
    assert import_sales.run(arguments) == (0 if is_clean else 1)
    counts: Counter[str] = Counter()
    for code, store in chain.stores.items():
        with tenant_session(store) as session:
            for run in session.execute(
                text("SELECT * FROM import_runs WHERE id > :before"), {"before": before[code]}
            ):
                assert run.state == "DONE"
                counts.update(saved=run.rows_saved, known=run.rows_known, bad=run.rows_bad)
    return +counts


def _newest_runs(chain: Chain) -> dict[str, int]:
    newest = {}
    for code, store in chain.stores.items():
        with tenant_session(store) as session:
            newest[code] = session.scalar(text("SELECT coalesce(max(id), 0) FROM import_runs"))
    return newest


def _chain_sums(session: Any) -> dict[tuple[date, str, str], int]:
    rows = session.execute(
        text("SELECT month, indicator, part, amount FROM chain_figures WHERE level = 'CHAIN'")
    )
    return {(row.month, row.indicator, row.part): row.amount for row in rows}
