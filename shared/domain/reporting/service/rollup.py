"""Recompute the days that changed, and what follows for their months.

Form: J03. A month that is open or reopened shows its live figures, kept as revision 0; a computed
or reviewed one gets a new revision; a closed one keeps its figures and is marked stale.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from shared import days
from shared.domain.reporting.events import DaysRolledUp, MonthComputed, RollUpDays
from shared.domain.reporting.models.months import Month, MonthRevision, MonthStep
from shared.domain.reporting.queries import inputs
from shared.domain.reporting.rules import states
from shared.domain.reporting.rules.states import Actor, MonthState
from shared.domain.reporting.service import guests
from shared.domain.sales.queries import figures as sales
from shared.events.jobs import publish
from shared.records import marks

# More days wait for the next run, so that no transaction grows without bound. Fourteen months, a
# usual first import, fit into one: else a snapshot would go up of a month that is half rolled up.
DAYS_PER_RUN = 500

_FORGET_DAYS = text(
    """
    WITH items AS (DELETE FROM day_items WHERE business_date = ANY(:days)),
         tenders AS (DELETE FROM day_tenders WHERE business_date = ANY(:days))
    DELETE FROM day_totals WHERE business_date = ANY(:days)
    """
).bindparams(sales.DAYS)
_WRITE_DAYS = text(
    f"""
    WITH {sales.SLIPS_SQL},
    items AS (
        INSERT INTO day_items (business_date, category, quantity, turnover_fen, consumption_fen,
            direct_cost_fen)
        SELECT day, category, quantity, turnover_fen, consumption_fen, cost_fen
        FROM ({sales.CATEGORIES_SQL}) AS category
    ),
    tenders AS (
        INSERT INTO day_tenders (business_date, tender, amount_fen)
        SELECT day, tender, amount_fen FROM ({sales.TENDERS_SQL}) AS tender
    ),
    totals AS (
        INSERT INTO day_totals (business_date, visits, new_customers, receipts, turnover_fen,
            consumption_fen, cash_sales_fen, refunds_fen, product_fen, topups_fen, packages_fen,
            prepaid_fen)
        SELECT day, visits, new_customers, receipts, turnover_fen, consumption_fen, cash_sales_fen,
            refunds_fen, product_fen, topups_fen, packages_fen, prepaid_fen
        FROM ({sales.TOTALS_SQL}) AS total
    )
    SELECT customer_id, max(day) FROM guest GROUP BY customer_id
    """
).bindparams(sales.DAYS)
_FORGET_LIVE = text(
    """
    WITH figures AS (DELETE FROM month_figures WHERE month = :month AND revision = 0)
    DELETE FROM month_revisions WHERE month = :month AND revision = 0
    """
)
_FREEZE = text(
    f"""
    WITH made AS (
        INSERT INTO month_revisions (month, revision, inputs_hash, computed_at)
        VALUES (CAST(:month AS date), CAST(:revision AS integer), :fingerprint, :now)
    )
    INSERT INTO month_figures (month, revision, indicator, part, amount)
    SELECT CAST(:month AS date), CAST(:revision AS integer), indicator, part, amount
    FROM ({inputs.FIGURES_SQL}) AS figure
    """
)
_FREEZE_CELLS = text(
    """
    INSERT INTO month_cells (month, revision, day, category, turnover_fen, quantity)
    SELECT CAST(:month AS date), CAST(:revision AS integer), business_date, category,
           turnover_fen, quantity
    FROM day_items WHERE business_date BETWEEN :first AND :last
         AND (turnover_fen <> 0 OR quantity <> 0)
    """
)


def roll_up_days(session: Session, *, now: datetime) -> tuple[date, ...]:
    """Recompute the changed days and their months; give the months whose figures moved.

    Locks: the marks of changed days, then the months, oldest first.
    Emits: DaysRolledUp, MonthComputed; RollUpDays when more days are waiting.
    """
    return roll_up_with(session, months=(), now=now)


def roll_up_with(
    session: Session,
    *,
    months: Collection[date],
    now: datetime,
    waiting_for: Collection[date] = (),
) -> tuple[date, ...]:
    """Do the same, holding these months too; oldest first, so that nobody waits crosswise.

    `waiting_for`: months whose running rollup is waited for; only before any month is held.
    """
    changed = marks.take(session, DAYS_PER_RUN, waiting_for=waiting_for)
    touched = {days.month_of(day) for day in changed}
    # what guests have left at the end of a month follows from all days before
    touched |= _months_after(session, min(changed)) if changed else set()
    held = hold_months(session, touched | set(months), now=now)
    if not changed:
        return ()
    guests.note_visits(session, write_days(session, changed))
    moved = tuple(
        month.month
        for month in held
        if month.month in touched and refresh(session, month, actor=states.JOB, now=now)
    )
    if moved:
        publish(session, DaysRolledUp(months=moved))
    if len(changed) == DAYS_PER_RUN:
        publish(session, RollUpDays())
    return moved


def roll_up_month_again(session: Session, *, month: date, now: datetime) -> tuple[date, ...]:
    """Recompute every day of a month from the slips, marked or not: the repair of last resort.

    Locks: as `roll_up_days`.
    Emits: as `roll_up_days`.
    """
    roll_up_with(session, months=[month], now=now)
    held = hold_months(session, {month} | _months_after(session, month), now=now)
    write_days(session, days.days_of(month))
    if states.is_live(held[0].state):
        _forget(session, month)  # so that spoilt live figures are made anew as well
    moved = tuple(one.month for one in held if refresh(session, one, actor=states.JOB, now=now))
    if moved:
        publish(session, DaysRolledUp(months=moved))
    return moved


def hold_months(session: Session, months: Collection[date], *, now: datetime) -> Sequence[Month]:
    """Hold months, made open on first use.

    Locks: the months, oldest first.
    """
    if not months:
        return []
    opened = [
        {"month": month, "state": MonthState.OPEN, "revision": 0, "stale": False}
        for month in sorted(months)
    ]
    session.execute(upsert(Month).values(opened).on_conflict_do_nothing(index_elements=["month"]))
    return session.scalars(
        select(Month)
        .where(Month.month.in_(months))
        .order_by(Month.month)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def write_days(session: Session, dates: Sequence[date]) -> dict[int, date]:
    """Replace the rows of these days by what the slips say now; tell which guests came.

    Shape: customer id -> the last of the days on which the guest came.
    Locks: nothing by itself; the caller holds the months.
    """
    asked = {"days": list(dates)}
    session.execute(_FORGET_DAYS, asked)
    return dict(session.execute(_WRITE_DAYS, asked).all())


def refresh(session: Session, month: Month, *, actor: Actor, now: datetime) -> bool:
    """Bring a held month's figures up to its day rows; tell whether anything moved.

    Emits: MonthComputed when a computed month got a new revision.
    """
    counted = inputs.counts(session, month.month, is_over=month.revision > 0)
    fingerprint = inputs.inputs_hash(session, counted)
    shown = states.shown_revision(month.state, month.revision)
    if fingerprint == _fingerprint_of(session, month.month, shown):
        moved = month.stale
        month.stale = False
    elif month.state == MonthState.CLOSED:
        moved = not month.stale
        month.stale = True
    elif states.is_live(month.state):
        _freeze(session, counted, revision=0, fingerprint=fingerprint, now=now)
        moved = True
    else:
        revise(session, month, counted=counted, actor=actor, now=now)
        moved = True
    session.flush()  # questions of this transaction see the month's state
    return moved


def revise(
    session: Session, month: Month, *, counted: inputs.Counts, actor: Actor, now: datetime
) -> None:
    """Fix a held month's day rows as its next revision, unless the last one says the same.

    Emits: MonthComputed.
    """
    fingerprint = inputs.inputs_hash(session, counted)
    before = month.state
    if month.revision == 0 or fingerprint != _fingerprint_of(session, month.month, month.revision):
        month.revision += 1
        _freeze(session, counted, revision=month.revision, fingerprint=fingerprint, now=now)
    elif before in (MonthState.COMPUTED, MonthState.REVIEWED):
        return
    month.state = MonthState.COMPUTED
    note_step(session, month, before=before, actor=actor, now=now)
    publish(session, MonthComputed(month=month.month, revision=month.revision))


def note_step(
    session: Session,
    month: Month,
    *,
    before: str,
    actor: Actor,
    now: datetime,
    why: states.Why = states.NO_REASON,
) -> None:
    """Record that a held month moved, by whom and why."""
    session.add(
        MonthStep(
            month=month.month,
            revision=month.revision,
            from_state=before,
            to_state=month.state,
            authority=actor.authority,
            by_id=actor.id,
            by_name=actor.name[:80],
            at=now,
            reason=why.reason,
            forms=list(why.forms) or None,
        )
    )
    session.flush()  # the state and its step go together, and later questions see both


def _months_after(session: Session, day: date) -> set[date]:
    return set(session.scalars(select(Month.month).where(Month.month > day)))


def _freeze(
    session: Session, counted: inputs.Counts, *, revision: int, fingerprint: str, now: datetime
) -> None:
    month = counted.month
    if revision == 0:  # the one revision that is replaced
        _forget(session, month)
    values = {**counted.parameters(), "revision": revision}
    session.execute(_FREEZE, {**values, "fingerprint": fingerprint, "now": now})
    if revision > 0:
        session.execute(_FREEZE_CELLS, values)


def _forget(session: Session, month: date) -> None:
    session.execute(_FORGET_LIVE, {"month": month})


def _fingerprint_of(session: Session, month: date, revision: int) -> str | None:
    return session.scalars(
        select(MonthRevision.inputs_hash).where(
            MonthRevision.month == month, MonthRevision.revision == revision
        )
    ).one_or_none()
