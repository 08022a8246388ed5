"""One job through the real wrapper: once, or not at all, or remembered as failed."""

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from deploy.local.postgres import Cluster
from shared import events
from shared.events import queries
from shared.events.jobs import publish
from tenants.provisioning import resume, suspend
from tenants.registry import Tenant
from tenants.services import DatabaseBusy, service
from tenants.sessions import below, tenant_session
from tests.factories.tenants import new_store
from tests.waiting import is_waiting, until
from tests.workers import kinds
from tests.workers.conftest import (
    ask,
    jobs,
    mark_sent,
    marks,
    run_out,
    states,
    with_effects,
)
from workers import job
from workers.leases import LEASES
from workers.rows import Held
from workers.sweeper import sweep
from workers.testing import drain

LATER = timedelta(days=1)


def test_a_job_leaves_its_effect_and_is_done(shop: Tenant) -> None:
    ask(shop, kinds.Write(mark=7))

    assert drain(shop) == [("test.write", "done")]
    assert marks(shop) == [7]
    assert states(shop) == ["done"]


def test_a_rolled_back_publish_leaves_no_job(shop: Tenant) -> None:
    with tenant_session(shop) as session:
        publish(session, kinds.Write(mark=1))

    assert jobs(shop) == []


def test_a_machine_whose_clock_is_ahead_delays_no_job(
    shop: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ahead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(hours=1)

    monkeypatch.setattr(events.jobs, "datetime", Ahead)
    ask(shop, kinds.Write(mark=1))

    assert drain(shop) == [("test.write", "done")]


def test_a_failing_job_is_tried_four_times_then_dead_and_leaves_nothing(shop: Tenant) -> None:
    ask(shop, kinds.Fail(mark=1), kinds.Write(mark=2))

    outcomes = drain(shop, now=datetime.now(UTC) + LATER)

    assert sorted(outcomes) == [
        ("test.fail", "dead"),
        *[("test.fail", "queued")] * 3,
        ("test.write", "done"),
    ]
    assert marks(shop) == [2]
    dead = next(row for row in jobs(shop) if row.state == "dead")
    assert (dead.attempt, dead.error_class) == (4, "RuntimeError")


def test_a_pause_grows_with_each_failure(shop: Tenant) -> None:
    ask(shop, kinds.Fail())
    pauses = []

    for _ in range(3):
        job.run(mark_sent(shop, datetime.now(UTC) + LATER)[0], shop.name)
        pauses.append(jobs(shop)[0].run_at - datetime.now(UTC))

    assert timedelta(seconds=1) < pauses[0] < pauses[1] < pauses[2]


def test_a_refusal_by_the_domain_is_final(shop: Tenant) -> None:
    ask(shop, kinds.Fail(how="refusal"))

    assert drain(shop) == [("test.fail", "dead")]
    assert (jobs(shop)[0].attempt, jobs(shop)[0].error_class) == (1, "CannotBeDone")


def test_a_deadlock_is_tried_again_soon(shop: Tenant) -> None:
    ask(shop, kinds.Fail(how="passing"))

    assert drain(shop) == [("test.fail", "queued")]
    row = jobs(shop)[0]
    assert row.error_class == "DeadlockDetected"
    assert row.run_at < datetime.now(UTC) + timedelta(seconds=3)


def test_a_dead_job_runs_again_when_asked_to(shop: Tenant) -> None:
    ask(shop, kinds.Fail(how="refusal"))
    drain(shop)
    dead = jobs(shop)[0].id

    with tenant_session(shop) as session:
        queries.rerun_dead(session, dead, tenant=shop.name, now=datetime.now(UTC))
        session.commit()

    assert drain(shop) == [("test.fail", "dead")]


def test_a_dead_job_gives_way_to_one_published_meanwhile(shop: Tenant) -> None:
    """Whoever asks for it does not see the other one yet, and waits for it in the index."""
    ask(shop, kinds.Tidy())
    with service("app_dispatch") as connection:
        connection.execute("UPDATE ops.job SET state = 'dead' WHERE tenant = %s", [shop.name])
    dead = jobs(shop)[0].id
    refused: list[BaseException] = []

    def run_again() -> None:
        try:
            with tenant_session(shop) as session:
                queries.rerun_dead(session, dead, tenant=shop.name, now=datetime.now(UTC))
        except queries.JobWaitsAlready as error:
            refused.append(error)

    with tenant_session(shop) as session:
        publish(session, kinds.Tidy())
        session.flush()
        thread = threading.Thread(target=run_again)
        thread.start()
        until(lambda: is_waiting(shop), "asking again waits for the publisher")
        session.commit()
    thread.join(10)

    assert len(refused) == 1
    assert [row.state for row in jobs(shop)] == ["dead", "queued"]


def test_a_kind_that_no_worker_knows_waits_and_counts_no_attempt(shop: Tenant) -> None:
    ask(shop, kinds.Unheard())

    assert drain(shop) == [("test.unheard", "nothing")]
    run_out(shop)
    sweep()

    assert [(row.state, row.attempt) for row in jobs(shop)] == [("queued", 0)]


def test_a_suspended_tenants_jobs_stay_parked(shop: Tenant) -> None:
    ask(shop, kinds.Write(mark=1), kinds.Write(mark=2))
    sent = mark_sent(shop)[0]
    suspend(shop)

    assert job.run(sent, shop.name) == "parked"
    run_out(shop)
    sweep()
    assert drain(shop) == []
    assert states(shop) == ["queued", "queued"]

    resume(shop)
    assert drain(shop) == [("test.write", "done")] * 2


def test_another_tenants_name_on_a_message_runs_nothing(shop: Tenant) -> None:
    other = with_effects(new_store())
    ask(shop, kinds.Write(mark=1))
    sent = mark_sent(shop)[0]

    assert job.run(sent, other.name) == "nothing"
    assert (marks(shop), marks(other), states(shop)) == ([], [], ["sent"])


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"job": "not a uuid", "tenant": "t_0000000000"},
        {"job": 7, "tenant": "t_0000000000"},
        {"job": str(uuid4()), "tenant": "t_0000000000"},
        {"job": str(uuid4()), "tenant": "app_migrator"},
        {"job": str(uuid4()), "tenant": "t_x'; DROP TABLE ops.job; --"},
        {"job": str(uuid4()), "tenant": None, "more": [1]},
    ],
)
def test_a_forged_message_runs_nothing(message: dict[str, object], cluster: Cluster) -> None:
    job.answer(**message)


def test_a_done_job_rung_again_runs_nothing(shop: Tenant) -> None:
    ask(shop, kinds.Write(mark=1))
    drain(shop)

    assert job.run(jobs(shop)[0].id, shop.name) == "nothing"
    assert marks(shop) == [1]


def test_the_same_message_many_times_in_parallel_has_one_effect(shop: Tenant) -> None:
    ask(shop, kinds.Write(mark=1))
    sent = mark_sent(shop)[0]
    outcomes: list[str] = []

    def deliver() -> None:
        for _ in range(25):
            outcomes.append(job.run(sent, shop.name))

    run_all(deliver, times=4)

    assert sorted(outcomes) == ["done", *["nothing"] * 99]
    assert marks(shop) == [1]


def run_all(work: Callable[[], None], *, times: int) -> None:
    """Do the same in several threads at once."""
    threads = [threading.Thread(target=work) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)


def test_arguments_over_4_kb_are_refused(shop: Tenant) -> None:
    incompressible = "".join(uuid4().hex for _ in range(200))
    with pytest.raises(IntegrityError, match="args"):
        ask(shop, kinds.Unheard(text=incompressible))


def test_a_job_in_another_tenants_name_is_refused(shop: Tenant) -> None:
    other = new_store()
    with tenant_session(shop) as session, pytest.raises(ProgrammingError, match="row-level"):
        session.execute(
            text(
                "INSERT INTO ops.job (tenant, kind, queue, args, run_at, created_at) "
                "VALUES (:tenant, 'test.write', 'now', '{}', now(), now())"
            ),
            {"tenant": other.name},
        )


def test_a_job_over_its_time_is_ended_and_tried_again_later(shop: Tenant) -> None:
    ask(shop, kinds.Loop())

    assert drain(shop) == [("test.loop", "queued")]
    row = jobs(shop)[0]
    assert (row.attempt, row.error_class) == (1, "TimeLimitExceeded")
    ask(shop, kinds.Write(mark=1))
    assert drain(shop) == [("test.write", "done")]


def test_a_worker_that_lost_its_lease_changes_nothing(shop: Tenant) -> None:
    ask(shop, kinds.Wait(mark=1))
    sent = mark_sent(shop)[0]
    zombie: list[str] = []
    thread = threading.Thread(target=lambda: zombie.append(job.run(sent, shop.name)))
    thread.start()
    assert kinds.begun.acquire(timeout=10)

    run_out(shop)
    sweep()
    second: list[str] = []
    other = threading.Thread(target=lambda: second.append(job.run(mark_sent(shop)[0], shop.name)))
    other.start()
    assert kinds.begun.acquire(timeout=10)
    kinds.released.set()
    thread.join(20)
    other.join(20)

    assert (zombie, second) == (["lost"], ["done"])
    assert marks(shop) == [1]
    assert (jobs(shop)[0].state, jobs(shop)[0].attempt) == ("done", 2)


def test_a_job_that_always_kills_its_worker_is_dead_after_four_attempts(shop: Tenant) -> None:
    ask(shop, kinds.Write(mark=1))
    for _ in range(4):
        mark_sent(shop)
        with tenant_session(shop) as session:  # claimed, then the process is gone
            session.execute(
                text("UPDATE ops.job SET state = 'running', attempt = attempt + 1, lease_by = :me"),
                {"me": uuid4()},
            )
            session.commit()
        run_out(shop)
        sweep()

    row = jobs(shop)[0]
    assert (row.state, row.attempt, row.error_class) == ("dead", 4, "LeaseLost")


def test_a_renewed_lease_is_not_swept(shop: Tenant) -> None:
    ask(shop, kinds.Wait(mark=1))
    sent = mark_sent(shop)[0]
    thread = threading.Thread(target=lambda: job.run(sent, shop.name))
    thread.start()
    assert kinds.begun.acquire(timeout=10)

    run_out(shop)
    LEASES.renew()
    sweep()
    kinds.released.set()
    thread.join(20)

    assert (states(shop), marks(shop)) == (["done"], [1])


def test_a_connection_that_is_lost_at_the_end_is_told_at_once(
    shop: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = job._finish

    def lost(session: Session, held: Held) -> str:
        os.kill(below(session).info.backend_pid, signal.SIGTERM)
        return finish(session, held)

    ask(shop, kinds.Write(mark=1))
    sent = mark_sent(shop)[0]
    with monkeypatch.context() as patched:
        patched.setattr(job, "_finish", lost)
        assert job.run(sent, shop.name) == "queued"

    assert [(row.state, row.error_class) for row in jobs(shop)] == [("queued", "AdminShutdown")]
    assert marks(shop) == []


def test_a_database_that_goes_away_in_the_middle_costs_an_attempt(cluster: Cluster) -> None:
    shop = with_effects(new_store())
    kinds.released.clear()
    ask(shop, kinds.Wait(mark=1))
    sent = mark_sent(shop)[0]
    thread = threading.Thread(target=job.answer, kwargs={"job": str(sent), "tenant": shop.name})
    thread.start()
    assert kinds.begun.acquire(timeout=10)

    cluster.stop()
    kinds.released.set()
    thread.join(20)
    cluster.start()
    run_out(shop)
    _patiently(sweep)

    assert (states(shop), marks(shop)) == (["queued"], [])
    assert drain(shop) == [("test.wait", "done")]
    assert marks(shop) == [1]


def _patiently(work: Callable[[], object]) -> None:
    """Do it as a loop does whose database has just come back."""
    for _ in range(10):
        with suppress(DatabaseBusy):
            work()
            return
