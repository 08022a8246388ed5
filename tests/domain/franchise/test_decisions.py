"""Decisions come down, each once, and the store answers them."""

from datetime import date
from uuid import UUID

import pytest

from shared.domain.franchise.queries import stores
from shared.domain.franchise.rules import snapshots
from shared.domain.franchise.rules.snapshots import Decision, MonthDecision
from shared.domain.franchise.service import decisions, posting
from shared.domain.reporting.queries import months
from shared.domain.reporting.rules import states
from shared.domain.reporting.service import closing
from shared.events import letters
from tenants import provisioning
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories import franchise, reporting
from tests.factories.franchise import in_store, new_chain, read_all, reported, send
from tests.factories.reporting import JUNE, LATER, NOW, SHOP, TODAY

DAY = date(2025, 6, 3)
BOSS = UUID(int=9)


@pytest.fixture
def chain(cluster: object) -> tuple[Tenant, Tenant]:
    hq, (store,) = new_chain("华北")
    return hq, store


def decide(hq: Tenant, store: Tenant, what: Decision, *, revision: int = 1) -> None:
    decision = MonthDecision(
        month=JUNE,
        revision=revision,
        decision=what,
        by_name="王敏",
        reason="请核对房租",
        forms=("F10",),
    )
    with tenant_session(hq) as session:
        decisions.decide_month(
            session, store=store.name, decision=decision, actor_id=BOSS, day=TODAY, now=NOW
        )
        session.commit()


def test_the_headquarters_accepts_and_the_store_closes(chain: tuple[Tenant, Tenant]) -> None:
    hq, store = chain
    franchise.sell(store, 100_00, day=DAY)
    in_store(store, reporting.reviewed)
    send(store)
    read_all(hq)
    with tenant_session(hq) as session:
        assert [row.tenant for row in stores.waiting_for_decision(session)] == [store.name]

    decide(hq, store, Decision.ACCEPT)
    assert reported(hq, store).is_pending
    with pytest.raises(decisions.DecisionPending):
        decide(hq, store, Decision.BACK)
    read_all(store)
    read_all(store)  # the same letter again

    with tenant_session(store) as session:
        assert months.get(session, JUNE).state == "CLOSED"
        assert months.steps(session, JUNE)[-1].by_name == "王敏"
    assert send(store) == 1
    read_all(hq)
    after = reported(hq, store)
    assert (after.reported.state, after.is_pending, after.is_provisional) == (
        "CLOSED",
        False,
        False,
    )


def test_the_headquarters_sends_back_and_reopens(chain: tuple[Tenant, Tenant]) -> None:
    hq, store = chain
    franchise.sell(store, 100_00, day=DAY)
    in_store(store, reporting.reviewed)
    send(store)
    read_all(hq)

    decide(hq, store, Decision.BACK)
    read_all(store)
    send(store)
    read_all(hq)
    assert reported(hq, store).reported.state == "COMPUTED"

    in_store(store, lambda session: closing.review_month(session, month=JUNE, actor=SHOP, now=NOW))
    send(store)
    read_all(hq)
    read_all(store)  # the old decision again: it was answered, the review stands
    decide(hq, store, Decision.ACCEPT)
    read_all(store)
    send(store)
    read_all(hq)
    decide(hq, store, Decision.REOPEN)
    read_all(store)
    send(store)
    read_all(hq)

    after = reported(hq, store)
    assert (after.reported.state, after.is_provisional) == ("REOPENED", True)
    with tenant_session(store) as session:
        assert months.steps(session, JUNE)[-1].reason == "请核对房租"


def test_a_decision_that_comes_too_late_is_refused_and_the_headquarters_learns_it(
    chain: tuple[Tenant, Tenant],
) -> None:
    hq, store = chain
    franchise.sell(store, 100_00, day=DAY)
    in_store(store, reporting.reviewed)
    send(store)
    read_all(hq)
    decide(hq, store, Decision.ACCEPT)

    franchise.sell(store, 50_00, day=date(2025, 6, 20))  # before the letter arrives
    in_store(store, lambda session: reporting.roll_up(session, now=LATER))
    read_all(store)

    with tenant_session(store) as session:
        assert months.get(session, JUNE).state == "COMPUTED"
        assert [row.error for row in stores.refused_letters(session)] == ["RevisionMoved"]
    send(store, now=LATER)
    read_all(hq)
    after = reported(hq, store)
    assert (after.is_pending, after.reported.refusal) == (False, "RevisionMoved")
    assert after.reported.revision == 2


def test_the_headquarters_decides_only_what_it_has_seen(chain: tuple[Tenant, Tenant]) -> None:
    hq, store = chain
    with pytest.raises(decisions.NoSuchStoreMonth):
        decide(hq, store, Decision.ACCEPT)
    franchise.sell(store, 100_00, day=date(2025, 5, 3))
    franchise.sell(store, 100_00, day=DAY)
    in_store(store, reporting.computed)
    send(store)
    read_all(hq)

    with pytest.raises(decisions.StoreMonthNotThere):
        decide(hq, store, Decision.ACCEPT)
    in_store(store, reporting.reviewed)
    send(store)
    read_all(hq)
    with pytest.raises(decisions.StoreMonthMoved):
        decide(hq, store, Decision.ACCEPT, revision=1)
    with pytest.raises(decisions.EarlierMonthOpen):
        decide(hq, store, Decision.ACCEPT, revision=reported(hq, store).reported.revision)


def test_without_a_contract_nothing_passes(chain: tuple[Tenant, Tenant]) -> None:
    hq, store = chain
    franchise.sell(store, 100_00, day=DAY)
    in_store(store, reporting.reviewed)
    send(store)
    read_all(hq)
    provisioning.end_contract(store, last=date(2025, 5, 31))

    franchise.sell(store, 50_00, day=date(2025, 5, 9))
    franchise.sell(store, 50_00, day=date(2025, 6, 20))
    in_store(store, reporting.roll_up)
    # June changed too, but lies after the contract's end: only May goes out
    assert send(store) == 1
    with tenant_session(store) as session:
        refused = {row.month: row.refused_at for row in stores.exchanges(session)}
        assert refused == {JUNE: NOW, date(2025, 5, 1): None}
    with pytest.raises(posting.NoContract):
        decide(hq, store, Decision.ACCEPT)


def test_a_stranger_cannot_decide(chain: tuple[Tenant, Tenant]) -> None:
    hq, store = chain
    franchise.sell(store, 100_00, day=DAY)
    in_store(store, reporting.reviewed)
    decided = MonthDecision(month=JUNE, revision=1, decision=Decision.ACCEPT, by_name="x")
    # a store posts a "decision" to its headquarters, which reads none
    with tenant_session(store) as session:
        letters.send(
            session,
            letters.Outgoing(
                receiver=hq.name,
                kind=snapshots.MONTH_DECISION,
                key=JUNE.isoformat(),
                revision=1,
                payload=snapshots.decision_payload(decided),
                on=TODAY,
            ),
            now=NOW,
        )
        session.commit()

    read_all(hq)

    with tenant_session(hq) as session:
        assert [row.error for row in stores.refused_letters(session)] == ["UnknownKind"]
    with tenant_session(store) as session, pytest.raises(states.HeadquartersDecides):
        closing.close_month(session, month=JUNE, actor=SHOP, has_hq=True, now=NOW)
