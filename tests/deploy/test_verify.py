"""`./rollbook verify` finds a spoilt figure at a store and at its headquarters."""

import json
from argparse import Namespace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from deploy.commands import verify
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories import franchise, reporting
from tests.factories.reporting import JUNE


def verified(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, list[dict[str, object]]]]:
    status = verify.run(Namespace(slug=[], json=True, data=Path("unused")))
    return status, json.loads(capsys.readouterr().out)


def spoil(tenant: Tenant, statement: str) -> None:
    with tenant_session(tenant) as session:
        session.execute(text(statement))
        session.commit()


def test_a_spoilt_figure_is_named_with_the_tenant_it_lies_in(
    cluster: object, capsys: pytest.CaptureFixture[str]
) -> None:
    hq, (store,) = franchise.new_chain("华北")
    franchise.sell(store, 100_00, day=date(2025, 6, 3))
    franchise.in_store(store, reporting.closed)
    franchise.send(store)
    franchise.read_all(hq)
    franchise.aggregate(hq, JUNE)
    _, before = verified(capsys)
    assert (before[store.slug], before[hq.slug]) == ([], [])

    spoil(store, "UPDATE day_totals SET visits = visits + 1")
    spoil(hq, "UPDATE chain_figures SET amount = amount + 1 WHERE indicator = 'visits'")
    spoil(hq, "UPDATE store_figures SET amount = amount + 1 WHERE indicator = 'refunds'")
    status, after = verified(capsys)

    assert status == 1
    assert [one["what"] for one in after[store.slug]] == ["totals"]
    assert {one["what"] for one in after[hq.slug]} == {
        "CHAIN  visits",
        "REGION 华北 visits",
        "CHAIN  refunds",
        "REGION 华北 refunds",
        f"{store.slug} refunds",
    }
