"""The job centre over the API: a tenant's own jobs and no others."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from shared.domain.reporting.events import ComputeMonth, RollUpDays
from shared.events.jobs import publish
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import Caller
from tests.factories.tenants import new_store

AsRole = Callable[[Tenant, Role], Caller]


def _queue(tenant: Tenant, *, dead: bool = False) -> str:
    with tenant_session(tenant) as session:
        publish(session, RollUpDays())
        if dead:
            session.execute(
                text("UPDATE ops.job SET state = 'dead', attempt = 4, error_class = 'KeyError'")
            )
        made = session.execute(text("SELECT id FROM ops.job ORDER BY created_at DESC")).scalar()
        session.commit()
    return str(made)


def _jobs(caller: Caller, query: str = "") -> list[dict[str, Any]]:
    answer = caller.get(f"/jobs{query}")
    assert answer.json is not None
    jobs: list[dict[str, Any]] = answer.json["items"]
    return jobs


def test_a_dead_job_is_shown_and_run_again(as_role: AsRole, store: Tenant) -> None:
    manager, job = as_role(store, "MGR"), _queue(store, dead=True)

    (shown,) = _jobs(manager, "?state=dead")
    assert (shown["id"], shown["error_class"]) == (job, "KeyError")
    rerun = manager.post(f"/jobs/{job}/rerun")
    assert rerun.status_code == 200
    assert rerun.json is not None
    assert (rerun.json["state"], rerun.json["attempt"]) == ("queued", 0)
    assert manager.post(f"/jobs/{job}/rerun").status_code == 409  # it is not dead any more


def test_the_same_work_does_not_wait_twice(as_role: AsRole, store: Tenant) -> None:
    dead = _queue(store, dead=True)
    _queue(store)

    answer = as_role(store, "MGR").post(f"/jobs/{dead}/rerun")

    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["code"] == "DUPLICATE"


def test_another_tenants_job_is_not_found(as_role: AsRole, store: Tenant) -> None:
    other = new_store()
    foreign = _queue(other, dead=True)
    manager = as_role(store, "MGR")

    assert _jobs(manager) == []
    refused = manager.post(f"/jobs/{foreign}/rerun")
    assert refused.status_code == 404
    assert refused.data == manager.post(f"/jobs/{uuid4()}/rerun").data
    (still,) = _jobs(as_role(other, "MGR"))
    assert still["state"] == "dead"


def test_jobs_are_listed_newest_first_page_by_page(as_role: AsRole, store: Tenant) -> None:
    with tenant_session(store) as session:
        for month in range(1, 6):
            publish(session, ComputeMonth(month=datetime(2025, month, 1, tzinfo=UTC).date()))
        session.commit()
    auditor = as_role(store, "AUD")

    whole = [job["id"] for job in _jobs(auditor)]
    first = auditor.get("/jobs?limit=2").json
    assert first is not None
    rest = _jobs(auditor, f"?limit=100&cursor={first['next']}")

    assert len(whole) == 5
    assert [job["id"] for job in (*first["items"], *rest)] == whole
    assert auditor.get("/jobs?state=lost").status_code == 422
    assert auditor.post(f"/jobs/{whole[0]}/rerun").status_code == 403
