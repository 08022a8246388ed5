"""What the headquarters of the demo chain does: keeps files, accepts months, approves plans."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from deploy.demo.generator import Chain
from deploy.demo.shapes import StorePlan
from shared import days
from shared.domain.franchise.queries import store_plans
from shared.domain.franchise.queries import stores as store_queries
from shared.domain.franchise.rules.plan_letters import PlanDecision, PlanWord
from shared.domain.franchise.rules.snapshots import Decision, MonthDecision
from shared.domain.franchise.rules.stores import StoreDetails, StoreKind
from shared.domain.franchise.service import decisions, plan_deciding
from shared.domain.franchise.service import stores as store_files
from tenants.registry import Tenant
from tenants.sessions import tenant_transaction


def keep_files(hq: Tenant, chain: Chain, stores: Sequence[Tenant]) -> None:
    """Write the store files."""
    with tenant_transaction(hq) as session:
        for plan, store in zip(chain.plans, stores, strict=True):
            store_files.register_store(session, details=_details(plan, store))


def accept_month(
    hq: Tenant,
    month: date,
    *,
    by: tuple[UUID, str],
    kept_back: Collection[str] = (),
    now: datetime,
) -> int:
    """Accept one month of every store that has reviewed it; count the decisions sent.

    Shape: `by` is the analyst's id and name; `kept_back` names tenants that are left to be decided.
    """
    actor_id, by_name = by
    day = days.business_day(now, zone=hq.time_zone, change_hour=hq.day_change_hour)
    with tenant_transaction(hq) as session:
        waiting = [
            held
            for held in store_queries.waiting_for_decision(session)
            if held.month == month and held.tenant not in kept_back
        ]
        for held in waiting:
            decisions.decide_month(
                session,
                store=held.tenant,
                decision=MonthDecision(
                    month=month,
                    revision=held.revision,
                    decision=Decision.ACCEPT,
                    by_name=by_name,
                ),
                actor_id=actor_id,
                day=day,
                now=now,
            )
    return len(waiting)


def approve_plans(
    hq: Tenant, *, by: tuple[UUID, str], kept_back: Collection[str] = (), now: datetime
) -> None:
    """Approve the plans that stores handed in, but for those of some, left to be decided."""
    actor_id, by_name = by
    day = days.business_day(now, zone=hq.time_zone, change_hour=hq.day_change_hour)
    with tenant_transaction(hq) as session:
        for row in store_plans.listed(session, only_waiting=True):
            if row.plan.tenant not in kept_back:
                plan_deciding.decide_plan(
                    session,
                    store=row.plan.tenant,
                    decided=PlanDecision(
                        year=row.plan.year,
                        revision=row.plan.revision,
                        fingerprint=row.plan.fingerprint,
                        decision=PlanWord.APPROVE,
                        by_name=by_name,
                    ),
                    actor_id=actor_id,
                    day=day,
                    now=now,
                )


def _details(plan: StorePlan, store: Tenant) -> StoreDetails:
    return StoreDetails(
        tenant=store.name,
        code=plan.code,
        name=plan.name,
        opened_on=plan.opened_on,
        region=plan.region,
        kind=StoreKind(plan.kind),
        size_class=plan.size_class,
        city_tier=plan.city_tier,
    )
