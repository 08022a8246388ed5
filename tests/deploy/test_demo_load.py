"""The demo chain goes in through the product, once, also when it is killed in between."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from deploy.commands import demo as commands
from deploy.demo import load as demo
from deploy.demo import marker, people
from deploy.demo.filling import Filling
from deploy.demo.generator import Chain, plan_chain
from deploy.demo.progress import Bar, Progress, for_output
from deploy.local.postgres import Cluster
from shared import days
from shared.config import settings
from shared.domain.franchise.queries import checks as chain_checks
from shared.domain.franchise.queries import dashboard
from shared.domain.reporting.queries import checks, months
from shared.records import opening
from tenants.people import identity
from tenants.registry import Tenant
from tenants.sessions import tenant_session

NOW = datetime.now(UTC)
TODAY = NOW.date()


def planned(*codes: str, months: int = 2) -> Chain:
    chain = plan_chain("small", today=TODAY, months=months)
    return replace(chain, plans=tuple(plan for plan in chain.plans if plan.code in codes))


@pytest.fixture(scope="module")
def chain() -> Chain:
    return planned("001", "012")


@pytest.fixture(scope="module")
def loaded(cluster: Cluster, chain: Chain) -> tuple[Tenant, list[Tenant]]:
    return demo.load_chain(chain, now=NOW, progress=Progress())


@pytest.fixture
def unmarked(cluster: Cluster) -> Iterator[None]:
    path = settings().data_dir / marker.FILE_NAME
    path.unlink(missing_ok=True)
    yield
    path.unlink(missing_ok=True)


def asked(tenant: Tenant, sql: str) -> list[Any]:
    with tenant_session(tenant) as session:
        return list(session.execute(text(sql)))


def finished_months(chain: Chain, store: Tenant) -> list[date]:
    today = days.business_day(NOW, zone=store.time_zone, change_hour=store.day_change_hour)
    return [month for month in chain.finished_months if days.next_month(month) <= today]


def test_a_check_from_the_slips_finds_nothing(loaded: tuple[Tenant, list[Tenant]]) -> None:
    hq, stores = loaded
    for store in stores:
        with tenant_session(store) as session:
            assert checks.verify(session) == []
    with tenant_session(hq) as session:
        assert chain_checks.verify_hq(session) == []


def test_finished_months_are_closed_and_the_current_one_lives(
    chain: Chain, loaded: tuple[Tenant, list[Tenant]]
) -> None:
    hq, stores = loaded
    for store in stores:
        states = {row.month: row.state for row in asked(store, "SELECT month, state FROM months")}
        finished = finished_months(chain, store)
        assert finished
        assert {month: states.pop(month) for month in finished} == dict.fromkeys(finished, "CLOSED")
        assert set(states.values()) <= {"OPEN"}
    with tenant_session(hq) as session:
        page = dashboard.dashboard(session, chain.months[0], chain.months[-1])
    whole = page.months[0]
    assert whole.coverage.counted == whole.coverage.expected >= len(stores)  # others load into it
    own = {store.name for store in stores}
    cells = [row.months[whole.month] for row in page.stores if row.tenant in own]
    assert len(cells) == len(stores)
    assert all(cell.turnover_fen for cell in cells)


def test_cash_days_are_counted_by_one_and_signed_by_another(
    loaded: tuple[Tenant, list[Tenant]],
) -> None:
    for store in loaded[1]:
        days_ = asked(store, "SELECT * FROM cash_days ORDER BY business_date")
        closed = [day for day in days_ if day.state == "CLOSED"]
        assert len(closed) >= len(days_) - 1 > 10
        assert all(day.counted_by != day.closed_by for day in closed)
        assert any(day.bank_deposit_fen for day in closed)


def test_where_the_tour_begins_guests_came_for_weeks_and_the_till_is_at_work(
    loaded: tuple[Tenant, list[Tenant]],
) -> None:
    first = next(store for store in loaded[1] if store.code == "001")
    today = days.business_day(NOW, zone=first.time_zone, change_hour=first.day_change_hour)
    came = {row.day for row in asked(first, "SELECT DISTINCT business_date AS day FROM visits")}
    assert len([day for day in came if today - timedelta(days=28) <= day < today]) >= 24
    rung = asked(first, f"SELECT sold_at FROM sales WHERE business_date = '{today}'")
    with tenant_session(first) as session:
        hours = opening.hours_of(session, today, zone=first.time_zone)
    assert all(row.sold_at <= NOW for row in rung)
    assert rung or hours is None or hours[0] + timedelta(hours=2) > NOW


def test_people_sign_in_with_the_password_that_is_printed(
    chain: Chain, loaded: tuple[Tenant, list[Tenant]]
) -> None:
    shown = {login.login: login for login in people.shown_logins(chain)}
    assert {"hq", "analyst", "m001", "d001", "m012"} <= set(shown)
    found = identity.credentials("m012")
    assert found
    assert PasswordHasher().verify(found.password_hash or "", shown["m012"].password)
    (own,) = identity.memberships(found.person.id)
    assert (own.tenant.code, own.roles) == ("012", {"MGR"})


def test_loading_again_changes_nothing(chain: Chain, loaded: tuple[Tenant, list[Tenant]]) -> None:
    def seen() -> list[Any]:
        tables = ("sales", "import_runs", "cash_payments", "month_steps", "month_revisions")
        return [
            asked(tenant, f"SELECT count(*) FROM {table}")
            for tenant in [loaded[0], *loaded[1]]
            for table in tables
        ]

    before = seen()
    again = demo.load_chain(chain, now=NOW, progress=Progress())
    assert again[0].name == loaded[0].name
    assert seen() == before


def test_a_load_that_was_killed_goes_on(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    small = planned("002", months=14)

    def killed(filling: Filling) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Filling, "count_drawers", killed)
        with pytest.raises(KeyboardInterrupt):
            demo.load_chain(small, now=NOW, progress=Progress())
    hq, (store,) = demo.load_chain(small, now=NOW, progress=Progress())
    assert asked(store, "SELECT count(*) FROM import_runs") == [(1,)]
    with tenant_session(store) as session:
        assert checks.verify(session) == []
        own = [
            months.figures(session, shown.month, shown.revision)["turnover", ""]
            for shown in months.shown_months(session)
        ]
    with tenant_session(hq) as session:
        page = dashboard.dashboard(session, small.months[0], small.months[-1])
    (row,) = (row for row in page.stores if row.tenant == store.name)
    assert [cell.turnover_fen for cell in row.months.values()] == own  # the live month, too


def test_somebodys_own_stores_get_no_demo_beside_them(unmarked: None, store: Tenant) -> None:
    assert not commands.is_wanted()


def test_a_finished_demo_is_remembered_with_its_own_day(
    unmarked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    monkeypatch.setattr(demo, "load_chain", lambda chain, **_: told.append(chain))
    logins = demo.load(now=NOW)
    assert demo.load(now=NOW.replace(year=NOW.year + 1)) == logins
    assert len(told) == 1
    kept = marker.read()
    assert kept
    assert kept.is_done
    assert told[0].last_day < kept.day


def test_progress_is_drawn_on_a_terminal_only() -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    terminal, pipe = Terminal(), StringIO()
    for output in (terminal, pipe):
        bar = for_output(output)
        bar.begin("开店", 4)
        bar.step(4)
        bar.end()
    assert "100%" in terminal.getvalue()
    assert isinstance(for_output(terminal), Bar)
    assert pipe.getvalue() == ""
