"""The clock's memory: each occurrence once, whoever ticks and whoever slept."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from psycopg import errors

from deploy.local.postgres import Cluster
from tenants.logins import connect
from tenants.provisioning import resume, suspend
from tenants.registry import Tenant
from tests.factories.tenants import new_hq, new_store
from tests.workers.conftest import jobs
from workers import clock
from workers.clock import know_newcomers, tick
from workers.schedules import SCHEDULES

NOON = datetime(2025, 6, 10, 4, tzinfo=UTC)  # in Shanghai
HOURLY = [
    "appointments.remind_guests",
    "appointments.sweep_no_shows",
    "franchise.send_snapshots",
    "notifications.watch_jobs",
]


@pytest.fixture(autouse=True)
def _no_other_tenants(cluster: Cluster) -> Iterator[None]:
    with connect("app_dispatch") as connection:
        connection.execute("DELETE FROM ops.clock")
        # other tests' tenants never become due here
        connection.execute(
            "INSERT INTO ops.clock (tenant, schedule, next_at, wall, time_zone, change_hour)"
            " SELECT name, schedule, 'infinity', 'infinity', time_zone, day_change_hour"
            " FROM registry.tenants, unnest(%s::text[]) AS s (schedule)",
            [[schedule.id for schedule in SCHEDULES]],
        )
    yield
    with connect("app_dispatch") as connection:  # nobody can read such a time
        connection.execute("DELETE FROM ops.clock WHERE next_at = 'infinity'")


def next_at(tenant: Tenant) -> dict[str, datetime]:
    """Read the clock's memory of a tenant."""
    with connect("app_dispatch") as connection:
        return dict(
            connection.execute(
                "SELECT schedule, next_at FROM ops.clock WHERE tenant = %s", [tenant.name]
            ).fetchall()
        )


def forget_jobs(tenant: Tenant) -> list[str]:
    """List the kinds of a tenant's jobs and delete them, as if they were done."""
    with connect("app_dispatch") as connection:
        return [
            kind
            for (kind,) in connection.execute(
                "DELETE FROM ops.job WHERE tenant = %s RETURNING kind", [tenant.name]
            ).fetchall()
        ]


def tick_through(tenant: Tenant, now: datetime) -> Counter[str]:
    """Tick until nothing is due, counting jobs that would otherwise have joined one waiting."""
    counted: Counter[str] = Counter()
    while tick(now):
        counted.update(forget_jobs(tenant))
    return counted


def test_a_new_tenant_begins_now_and_misses_nothing_of_its_past(cluster: Cluster) -> None:
    shop, chain = new_store(), new_hq()
    know_newcomers(NOON)

    for tenant in (shop, chain):
        known = {schedule.id for schedule in SCHEDULES if schedule.kind == tenant.kind}
        assert set(next_at(tenant)) == known
    assert all(at > NOON for at in next_at(shop).values())
    assert not tick(NOON)


def test_what_is_due_becomes_a_job_of_the_tenant(cluster: Cluster) -> None:
    shop = new_store()
    know_newcomers(NOON)

    while tick(NOON + timedelta(hours=1)):
        pass

    due = sorted(jobs(shop), key=lambda row: row.kind)
    assert [job.kind for job in due] == HOURLY
    assert {(job.state, str(job.args)) for job in due} == {("queued", "{}")}


def test_after_an_outage_all_is_caught_up_once_oldest_first(cluster: Cluster) -> None:
    shop = new_store()
    know_newcomers(NOON + timedelta(days=18))
    back = NOON + timedelta(days=27)  # on 7 July

    counted = tick_through(shop, back)

    assert counted == {
        "appointments.remind_guests": 4,  # those of the last hour
        "appointments.sweep_no_shows": 6,
        "franchise.send_snapshots": 24 * 9,
        "notifications.watch_jobs": 24 * 9,
        "sales.watch_cash_days": 9,
        "reporting.roll_up_days": 9,
        "cards.watch_cards": 9,
        "customers.tell_birthdays": 9,
        "customers.watch_profiles": 9,
        "records.forget_answers": 9,
        "records.forget_files": 9,
        "reporting.compare_plan": 1,
        "reporting.compute_month": 1,
        "reporting.close_due_month": 1,
        "reporting.grade_guests": 1,
        "reporting.judge_activity": 9,
    }
    assert tick_through(shop, back) == {}


def test_no_more_than_35_days_are_caught_up(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = new_store()
    know_newcomers(NOON)
    monkeypatch.setattr(clock, "_BY_ID", {key: clock._BY_ID[key] for key in ("J03", "J13")})

    counted = tick_through(shop, NOON + timedelta(days=400))

    assert counted == {"reporting.roll_up_days": 35, "reporting.compute_month": 1}


def test_two_clocks_write_each_occurrence_once(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "BATCH", 2)
    shops = [new_store() for _ in range(6)]
    know_newcomers(NOON)

    def tick_on() -> None:
        while tick(NOON + timedelta(hours=1)):
            pass

    clocks = [Thread(target=tick_on) for _ in range(3)]
    for one in clocks:
        one.start()
    for one in clocks:
        one.join(20)

    assert [len(jobs(shop)) for shop in shops] == [len(HOURLY)] * 6


def test_a_clock_that_dies_before_its_commit_leaves_no_trace(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = new_store()
    know_newcomers(NOON)
    before = next_at(shop)

    def die(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(clock, "_stand_at", die)
        with pytest.raises(RuntimeError):
            tick(NOON + timedelta(hours=1))

    assert (jobs(shop), next_at(shop)) == ([], before)
    assert tick(NOON + timedelta(hours=1))
    assert len(jobs(shop)) == 1


def test_a_suspended_tenant_is_caught_up_when_it_works_again(cluster: Cluster) -> None:
    shop = new_store()
    know_newcomers(NOON)
    suspend(shop)

    assert not tick(NOON + timedelta(days=3))
    assert jobs(shop) == []

    resume(shop)
    assert tick_through(shop, NOON + timedelta(days=3))["reporting.roll_up_days"] == 3


def test_a_store_in_another_zone_and_with_another_change_hour_has_its_own_hours(
    cluster: Cluster,
) -> None:
    far = new_store(zone="Asia/Urumqi")
    know_newcomers(NOON)

    assert next_at(far)["J13"] == datetime(2025, 6, 30, 23, tzinfo=UTC)
    assert next_at(far)["J17"] == datetime(2025, 7, 5, 12, tzinfo=UTC)


def test_only_the_dispatchers_login_may_set_the_clock(cluster: Cluster) -> None:
    shop = new_store()
    with connect(shop.name) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute("UPDATE ops.clock SET next_at = now()")


def test_the_dispatchers_login_reads_no_arguments(cluster: Cluster) -> None:
    with connect("app_dispatch") as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute("SELECT args FROM ops.job")
