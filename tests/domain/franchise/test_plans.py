"""Plans go up, decisions come down, each once; the store follows only what was seen."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from shared import errors
from shared.domain.franchise.queries import store_plans, stores
from shared.domain.franchise.rules.plan_letters import PlanDecision, PlanWord
from shared.domain.franchise.service import plan_deciding, posting, reading
from shared.domain.franchise.service.decisions import DecisionPending
from shared.domain.reporting.queries import plans
from shared.domain.reporting.rules.states import HeadquartersDecides, ReasonMissing
from shared.domain.reporting.service import approving, planning
from tenants import provisioning
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories.franchise import NUMBERS, arrived, in_store, new_chain, read_all, reader
from tests.factories.franchise import hand_in_plan as hand_in
from tests.factories.franchise import send_plans as send
from tests.factories.reporting import NOW, TODAY
from tests.factories.sales import MANAGER

YEAR = 2025
BOSS, OWNER = UUID(int=9), UUID(int=8)


@pytest.fixture
def chain(cluster: object) -> tuple[Tenant, Tenant]:
    hq, (store,) = new_chain("华北")
    return hq, store


def report(hq: Tenant, store: Tenant) -> None:
    """Let the store send its plans and the headquarters read all letters."""
    send(store)
    read_all(hq)


def seen(hq: Tenant, store: Tenant, revision: int = 1) -> store_plans.ShownPlan:
    with tenant_session(hq) as session:
        return store_plans.plan_of(session, store.name, YEAR, revision)


def decide(
    hq: Tenant, store: Tenant, word: PlanWord, *, actor_id: UUID = BOSS, **otherwise: Any
) -> None:
    revision = otherwise.get("revision", 1)
    said = PlanDecision(
        year=YEAR,
        revision=revision,
        fingerprint=otherwise.get("fingerprint") or seen(hq, store, revision).row.plan.fingerprint,
        decision=word,
        by_name="王敏",
        reason=otherwise.get("reason", "目标偏低"),
    )
    with tenant_session(hq) as session:
        plan_deciding.decide_plan(
            session, store=store.name, decided=said, actor_id=actor_id, day=TODAY, now=NOW
        )
        session.commit()


def standing(store: Tenant, revision: int = 1) -> tuple[str, str | None, str | None]:
    with tenant_session(store) as session:
        plan = plans.shown(session, YEAR, revision)
        return plan.state, plan.decided_by_name, plan.rejection


def test_a_plan_is_approved_by_the_headquarters_and_nobody_of_the_store(
    chain: tuple[Tenant, Tenant],
) -> None:
    hq, store = chain
    hand_in(store)
    with tenant_session(store) as session, pytest.raises(HeadquartersDecides):
        approving.approve_plan(session, year=YEAR, actor_id=OWNER, has_hq=True, now=NOW)

    assert send(store) == 1
    assert send(store) == 0
    read_all(hq)
    read_all(hq)  # the same letter again
    shown = seen(hq, store)
    assert (shown.row.is_waiting, shown.row.revenue_fen) == (True, NUMBERS["R"])
    assert sum(cells[""] for cells in shown.months.values()) == NUMBERS["R"]
    lines = {line.code: line for line in shown.lines}
    assert lines["P12"].plan == 1_200_000 - 900_000 - 12_000
    decide(hq, store, PlanWord.APPROVE)
    with pytest.raises(DecisionPending):
        decide(hq, store, PlanWord.BACK)
    read_all(store)
    read_all(store)

    assert standing(store) == ("APPROVED", "王敏", None)
    assert send(store) == 1
    read_all(hq)
    after = seen(hq, store).row
    assert (after.plan.state, after.is_pending, after.is_waiting) == ("APPROVED", False, False)


def test_it_comes_back_with_a_reason_and_goes_up_again(chain: tuple[Tenant, Tenant]) -> None:
    hq, store = chain
    hand_in(store)
    report(hq, store)
    with pytest.raises(ReasonMissing):
        decide(hq, store, PlanWord.BACK, reason=" ")
    decide(hq, store, PlanWord.BACK)
    read_all(store)
    assert standing(store) == ("DRAFT", "王敏", "目标偏低")
    report(hq, store)
    assert seen(hq, store).row.plan.state == "DRAFT"
    assert seen(hq, store).row.revenue_fen == NUMBERS["R"]  # as it was seen

    hand_in(store, R=1_300_000_00)
    report(hq, store)
    read_all(store)  # the old decision again: it was answered
    assert standing(store)[0] == "SUBMITTED"
    decide(hq, store, PlanWord.APPROVE)
    read_all(store)
    assert standing(store) == ("APPROVED", "王敏", None)


def test_a_decision_on_other_numbers_is_refused_and_the_headquarters_learns_it(
    chain: tuple[Tenant, Tenant],
) -> None:
    hq, store = chain
    hand_in(store)
    report(hq, store)
    decide(hq, store, PlanWord.APPROVE)

    # the same revision with other numbers, before the letter arrives
    in_store(store, lambda session: approving.reject_plan(session, year=YEAR, reason="改数"))
    hand_in(store, R=2_000_000_00)
    read_all(store)

    assert standing(store)[0] == "SUBMITTED"
    with tenant_session(store) as session:
        assert [row.error for row in stores.refused_letters(session)] == ["PlanChanged"]
    report(hq, store)
    after = seen(hq, store).row
    assert (after.is_waiting, after.plan.refusal) == (True, "PlanChanged")
    assert after.revenue_fen == 2_000_000_00
    with pytest.raises(approving.PlanChanged):
        decide(hq, store, PlanWord.APPROVE, fingerprint="0" * 64)


def test_a_late_letter_changes_nothing_and_a_lost_one_is_made_up_for(
    chain: tuple[Tenant, Tenant],
) -> None:
    hq, store = chain
    hand_in(store)
    send(store)
    in_store(store, lambda session: approving.reject_plan(session, year=YEAR, reason="改数"))
    hand_in(store, R=1_300_000_00)
    send(store)
    with tenant_session(hq) as session:
        first, second = arrived(session, hq)
    for letter in (second, first):  # the older one is late
        read_one(hq, letter)

    assert seen(hq, store).row.revenue_fen == 1_300_000_00
    with tenant_session(hq) as session:
        assert stores.refused_letters(session) == []


def read_one(own: Tenant, letter: UUID) -> None:
    with tenant_session(own) as session:
        reading.read_letters(session, letters=[letter], reader=reader(own), now=NOW)
        session.commit()


def test_an_approved_plan_stands_until_a_revision_is_approved(
    chain: tuple[Tenant, Tenant],
) -> None:
    hq, store = chain
    hand_in(store)
    report(hq, store)
    decide(hq, store, PlanWord.APPROVE)
    read_all(store)
    report(hq, store)
    with pytest.raises(plan_deciding.StorePlanNotThere):
        decide(hq, store, PlanWord.BACK)
    with pytest.raises(errors.FormInvalid):
        hand_in(store, R=900_000_00)  # a revision needs a reason
    with tenant_session(store) as session, pytest.raises(planning.PlanNotThere):
        planning.save_split(session, year=YEAR, cells={}, is_spread=True)

    hand_in(store, reason="商场装修", R=1_000_000_00)
    report(hq, store)
    assert standing(store) == ("APPROVED", "王敏", None)  # until the new one is approved
    decide(hq, store, PlanWord.APPROVE, revision=2)
    read_all(store)
    assert send(store) == 2
    read_all(hq)

    assert (standing(store)[0], standing(store, 2)[0]) == ("REPLACED", "APPROVED")
    assert [seen(hq, store, n).row.plan.state for n in (1, 2)] == ["REPLACED", "APPROVED"]


def test_who_wrote_it_does_not_approve_it_at_the_headquarters_either(
    chain: tuple[Tenant, Tenant],
) -> None:
    hq, store = chain
    hand_in(store)
    report(hq, store)

    with pytest.raises(approving.SameAuthor):
        decide(hq, store, PlanWord.APPROVE, actor_id=MANAGER)


def test_without_a_contract_no_plan_passes(chain: tuple[Tenant, Tenant]) -> None:
    hq, store = chain
    hand_in(store)
    report(hq, store)
    provisioning.end_contract(store, last=TODAY.replace(year=2024))

    with pytest.raises(posting.NoContract):
        decide(hq, store, PlanWord.APPROVE)
    in_store(store, lambda session: approving.reject_plan(session, year=YEAR, reason="改数"))
    assert send(store) == 0
    with tenant_session(store) as session:
        assert session.scalars(text("SELECT refused_at FROM plan_exchanges")).all() == [NOW]


def test_another_chain_sees_no_plan(chain: tuple[Tenant, Tenant]) -> None:
    hq, store = chain
    stranger, _ = new_chain("华南")
    hand_in(store)
    send(store)
    with tenant_session(store) as session:
        letters = list(arrived(session, hq))
    for letter in letters:
        read_one(stranger, letter)

    with tenant_session(stranger) as session:
        assert store_plans.listed(session) == []
    with pytest.raises(store_plans.NoSuchStorePlan):
        decide(stranger, store, PlanWord.APPROVE, fingerprint="0" * 64)
