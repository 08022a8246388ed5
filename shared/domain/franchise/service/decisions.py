"""Decide on a store's month: accept it, send it back, reopen it.

Form: W9; the decision goes down as a letter (下发包), the store's own job follows it.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.franchise.models.stores import StoreFigure, StoreMonth
from shared.domain.franchise.rules import snapshots
from shared.domain.franchise.rules.snapshots import Decision, MonthDecision
from shared.domain.franchise.service import posting
from shared.domain.reporting.rules import states
from shared.domain.reporting.rules.figures import Indicator
from shared.events.letters import Outgoing


class NoSuchStoreMonth(errors.Missing):
    """The store has not reported this month."""

    zh = "该门店尚未上报此月份"


class StoreMonthNotThere(errors.Conflict):
    """The store's month is not in a state that allows this decision."""

    zh = "该门店月份当前状态不能执行此操作"


class StoreMonthMoved(errors.Conflict):
    """The store has reported a newer revision meanwhile."""

    code = "CONFLICT"
    zh = "门店已上报新版本,请刷新"


class DecisionPending(errors.Conflict):
    """The store has not answered the last decision yet."""

    zh = "上一个决定尚在下发中"


class EarlierMonthOpen(errors.Conflict):
    """An earlier month of this store must be closed first."""

    zh = "请先确认该门店更早的月份"


_NEEDED = {Decision.ACCEPT: "REVIEWED", Decision.BACK: "REVIEWED", Decision.REOPEN: "CLOSED"}


def decide_month(
    session: Session,
    *,
    store: str,
    decision: MonthDecision,
    actor_id: UUID,
    day: date,
    now: datetime,
) -> StoreMonth:
    """Send a decision on the revision of a month that the store last reported.

    The store answers with its next snapshot: followed, or refused with the reason.

    Units: `store` is the store's opaque name; `day` the headquarters' business day.
    Locks: the store's month.
    Raises: NoSuchStoreMonth, StoreMonthNotThere, StoreMonthMoved, DecisionPending,
        EarlierMonthOpen, states.ReasonMissing, posting.NoContract.
    """
    held = session.scalars(
        select(StoreMonth)
        .where(StoreMonth.tenant == store, StoreMonth.month == decision.month)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if held is None:
        raise NoSuchStoreMonth(month=decision.month)
    _check(session, held, decision)
    letter = Outgoing(
        receiver=store,
        kind=snapshots.MONTH_DECISION,
        key=decision.month.isoformat(),
        revision=held.decision_no + 1,
        payload=snapshots.decision_payload(decision),
        on=day,
        version=snapshots.VERSION,
    )
    posting.post(session, letter, now=now)
    held.decision = decision.decision
    held.decision_no += 1
    held.decided_at, held.decided_by = now, actor_id
    session.flush()  # the page of this transaction shows it
    return held


def _check(session: Session, held: StoreMonth, decision: MonthDecision) -> None:
    if held.decision_no > held.answered_no:
        raise DecisionPending(month=held.month)
    if held.state != _NEEDED[decision.decision]:
        raise StoreMonthNotThere(month=held.month, state=held.state)
    if held.revision != decision.revision:
        raise StoreMonthMoved(month=held.month, revision=held.revision)
    if decision.decision is Decision.REOPEN:
        states.reopening_given(states.Why(reason=decision.reason, forms=decision.forms))
        return
    if decision.decision is Decision.BACK:
        states.reason_given(decision.reason)
        return
    has_receipts = (
        select(StoreFigure.amount)
        .where(StoreFigure.tenant == StoreMonth.tenant, StoreFigure.month == StoreMonth.month)
        .where(StoreFigure.indicator == Indicator.RECEIPTS, StoreFigure.amount != 0)
        .exists()
    )
    earlier = session.scalars(
        select(func.min(StoreMonth.month)).where(
            StoreMonth.tenant == held.tenant,
            StoreMonth.month < held.month,
            StoreMonth.first_closed_at.is_(None),
            StoreMonth.state.in_(("COMPUTED", "REVIEWED")) | has_receipts,
        )
    ).one()
    if earlier is not None:
        raise EarlierMonthOpen(month=held.month, earlier=earlier)
