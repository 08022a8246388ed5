"""Jobs of which one may wait at a time."""

from shared.events.jobs import publish
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.workers import kinds
from tests.workers.conftest import ask, jobs, mark_sent, run_out, states
from workers import job
from workers.sweeper import sweep
from workers.testing import drain


def test_waiting_unique_jobs_are_one(shop: Tenant) -> None:
    ask(shop, kinds.Tidy(), kinds.Tidy())
    ask(shop, kinds.Tidy())

    assert states(shop) == ["queued"]
    assert drain(shop) == [("test.tidy", "done")]


def test_a_unique_job_does_not_start_before_its_publisher_commits(shop: Tenant) -> None:
    ask(shop, kinds.Tidy())
    with tenant_session(shop) as session:
        publish(session, kinds.Tidy())  # joins the waiting row, which is locked from now on
        session.flush()

        assert mark_sent(shop) == []
        session.commit()

    assert drain(shop) == [("test.tidy", "done")]


def test_work_published_while_its_like_runs_is_done_afterwards(shop: Tenant) -> None:
    ask(shop, kinds.Tidy())
    first = mark_sent(shop)[0]
    ask(shop, kinds.Tidy())

    assert mark_sent(shop) == []  # never two at once
    assert job.run(first, shop.name) == "done"
    assert drain(shop) == [("test.tidy", "done")]
    assert states(shop) == ["done", "done"]


def test_a_unique_job_given_back_joins_the_one_that_waits(shop: Tenant) -> None:
    ask(shop, kinds.Tidy())
    mark_sent(shop)
    ask(shop, kinds.Tidy())

    run_out(shop)
    sweep()

    assert [(row.state, row.error_class) for row in jobs(shop)] == [
        ("done", "Joined"),
        ("queued", None),
    ]
    assert drain(shop) == [("test.tidy", "done")]
