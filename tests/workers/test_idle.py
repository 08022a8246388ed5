"""Work until nothing is due: what a load waits for."""

from collections import Counter

import pytest

from deploy.local.postgres import Cluster
from tenants.registry import Tenant
from tests.factories.tenants import new_store
from tests.workers import kinds
from tests.workers.conftest import ask, marks, states, with_effects
from workers import idle
from workers.idle import work_until_idle


def test_everything_due_is_done_by_several_threads(cluster: Cluster) -> None:
    shops = [with_effects(new_store()) for _ in range(3)]
    for shop in shops:
        ask(shop, *(kinds.Write(mark=mark) for mark in range(5)))
    ended: list[str] = []
    outcomes = work_until_idle(shops, told=lambda kind, outcome: ended.append(kind))
    assert outcomes == Counter({(kinds.Write.wire, "done"): 15})
    assert len(ended) == 15
    for shop in shops:
        assert marks(shop) == list(range(5))


def test_other_tenants_are_left_alone(cluster: Cluster) -> None:
    mine, other = with_effects(new_store()), with_effects(new_store())
    ask(mine, kinds.Write(mark=1))
    ask(other, kinds.Write(mark=1))
    work_until_idle([mine])
    assert states(mine) == ["done"]
    assert states(other) == ["queued"]


def test_a_refused_job_ends_dead_and_the_rest_is_done(shop: Tenant) -> None:
    ask(shop, kinds.Fail(how="refusal"), kinds.Write(mark=7))
    outcomes = work_until_idle([shop])
    assert outcomes[kinds.Fail.wire, "dead"] == 1
    assert marks(shop) == [7]


def test_work_that_never_ends_is_given_up(shop: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(shop, kinds.Fail(how="error"))  # queued again, later
    monkeypatch.setattr(idle, "PATIENCE_SECONDS", 0.3)
    with pytest.raises(idle.StillBusy):
        work_until_idle([shop])
