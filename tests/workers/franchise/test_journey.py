"""A month's whole way, by people's verbs and the jobs that follow them: till to headquarters."""

from datetime import UTC, date, datetime
from uuid import UUID

from deploy.local.postgres import Cluster
from shared.domain.franchise.queries import dashboard, store_plans, stores
from shared.domain.franchise.rules.plan_letters import PlanDecision, PlanWord
from shared.domain.franchise.rules.snapshots import Decision, MonthDecision
from shared.domain.franchise.service import decisions, plan_deciding
from shared.domain.reporting.queries import checks, months, plans
from shared.domain.reporting.service import closing
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories.franchise import hand_in_plan, in_store, new_chain, reported, sell
from tests.factories.reporting import JUNE, SHOP, close_days
from workers.testing import drain

DAY = date(2025, 6, 3)
NOW = datetime.now(UTC)


def decide(hq: Tenant, store: Tenant, decision: Decision, *, revision: int) -> None:
    said = MonthDecision(
        month=JUNE,
        revision=revision,
        decision=decision,
        by_name="王敏",
        reason="漏记一笔",
        forms=("SALES",),
    )
    with tenant_session(hq) as session:
        decisions.decide_month(
            session,
            store=store.name,
            decision=said,
            actor_id=UUID(int=9),
            day=date(2025, 7, 3),
            now=NOW,
        )
        session.commit()


def review(store: Tenant) -> None:
    in_store(
        store,
        lambda session: closing.review_month(
            session, month=JUNE, actor=SHOP, now=NOW, acknowledged="新店"
        ),
    )


def test_a_month_is_closed_reopened_and_restated_through_the_headquarters(
    cluster: Cluster,
) -> None:
    hq, (store,) = new_chain("华东")

    # the day close computes the month, because it is over and nothing is missing
    sell(store, 198_00, day=DAY)
    in_store(store, close_days)
    drain(hq, store)
    assert reported(hq, store).reported.state == "COMPUTED"

    # the manager reviews, the headquarters accepts
    review(store)
    drain(hq, store)
    with tenant_session(hq) as session:
        assert [row.tenant for row in stores.waiting_for_decision(session)] == [store.name]
    decide(hq, store, Decision.ACCEPT, revision=1)
    drain(hq, store)
    closed = reported(hq, store)
    assert (closed.reported.state, closed.is_pending, closed.is_provisional) == (
        "CLOSED",
        False,
        False,
    )

    # it is reopened, corrected, and closed again as the next revision
    decide(hq, store, Decision.REOPEN, revision=1)
    drain(hq, store)
    sell(store, 2_00, day=date(2025, 6, 20))
    in_store(store, close_days)
    drain(hq, store)
    review(store)
    drain(hq, store)
    decide(hq, store, Decision.ACCEPT, revision=2)
    drain(hq, store)

    with tenant_session(store) as session:
        assert months.figures(session, JUNE, 1)["turnover", ""] == 198_00
        assert [
            one.delta
            for one in checks.difference_report(session, JUNE, old=1, new=2).figures
            if (one.indicator, one.part) == ("turnover", "")
        ] == [2_00]
    with tenant_session(hq) as session:
        (column,) = dashboard.dashboard(session, JUNE, JUNE).months
        assert (column.turnover_fen, column.closed_turnover_fen) == (200_00, 200_00)
        assert column.coverage.closed_text == "含 1/1 家"
        assert stores.refused_letters(session) == []


def test_a_plan_goes_up_and_its_approval_comes_down_by_jobs_alone(cluster: Cluster) -> None:
    hq, (store,) = new_chain("华东")
    hand_in_plan(store)
    drain(hq, store)
    with tenant_session(hq) as session:
        (waiting,) = store_plans.listed(session, only_waiting=True)
        plan_deciding.decide_plan(
            session,
            store=store.name,
            decided=PlanDecision(
                year=2025,
                revision=1,
                fingerprint=waiting.plan.fingerprint,
                decision=PlanWord.APPROVE,
                by_name="王敏",
            ),
            actor_id=UUID(int=9),
            day=date(2025, 7, 3),
            now=NOW,
        )
        assert store_plans.listed(session, only_waiting=True) == []  # it is on its way
        session.commit()
    drain(hq, store)

    with tenant_session(store) as session:
        assert plans.shown(session, 2025).state == "APPROVED"
    with tenant_session(hq) as session:
        (known,) = store_plans.listed(session)
    assert (known.plan.state, known.is_pending) == ("APPROVED", False)
    assert (known.revenue_fen, known.prior_fen) == (1_200_000_00, 1_200_000_00)
