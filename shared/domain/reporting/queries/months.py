"""Questions about months: their state, figures, revisions, costs and steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case, func, literal_column, select
from sqlalchemy.orm import Session

from shared import days, errors
from shared.domain.reporting.models.days import DayItem, DayTotal
from shared.domain.reporting.models.months import (
    Month,
    MonthCell,
    MonthCost,
    MonthFigure,
    MonthRevision,
    MonthStep,
)
from shared.domain.reporting.rules import figures as rules
from shared.domain.reporting.rules import states
from shared.domain.reporting.rules.states import MonthState
from shared.domain.sales.queries import cash

_LIVE = (MonthState.OPEN, MonthState.REOPENED)
SHOWN = case((Month.state.in_(_LIVE), 0), else_=Month.revision)


class NoSuchMonth(errors.Missing):
    """There are no figures for this month."""

    zh = "该月份没有数据"


class NoSuchRevision(errors.Missing):
    """The month has no such revision."""

    zh = "该月份没有这个版本"


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthRow:
    """One month in the list, with the figures people look for first."""

    month: date
    state: str
    revision: int
    is_stale: bool
    computed_at: datetime | None
    closed_at: datetime | None
    turnover_fen: int
    cash_sales_fen: int
    visits: int
    new_customers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """What keeps a month from being computed or closed."""

    is_running: bool  # the month is not over yet
    open_days: tuple[date, ...]  # cash days not closed

    def __bool__(self) -> bool:
        return self.is_running or bool(self.open_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMonth:
    """A month's state with the fingerprint of the revision it shows; for snapshots."""

    month: date
    state: str
    revision: int
    is_stale: bool
    inputs_hash: str


def by_month(session: Session, month: date) -> Month | None:
    """Find a month."""
    return session.get(Month, month)


def get(session: Session, month: date) -> Month:
    """Give a month.

    Raises: NoSuchMonth.
    """
    if (found := by_month(session, month)) is None:
        raise NoSuchMonth(month=month)
    return found


def reopened_at(session: Session, month: date) -> datetime | None:
    """Say when a month was last opened again; None when it never was."""
    return session.scalars(
        select(func.max(MonthStep.at)).where(
            MonthStep.month == month, MonthStep.to_state == MonthState.REOPENED
        )
    ).one()


def month_list(
    session: Session, *, before: date | None = None, limit: int = 24
) -> Sequence[MonthRow]:
    """List months, newest first, one page after another.

    Units: `before` is the oldest month already seen.
    """
    wanted = select(Month, MonthRevision.computed_at).outerjoin(
        MonthRevision, (MonthRevision.month == Month.month) & (MonthRevision.revision == SHOWN)
    )
    if before is not None:
        wanted = wanted.where(Month.month < before)
    found = session.execute(wanted.order_by(Month.month.desc()).limit(limit)).all()
    shown = _wholes(session, [month.month for month, _ in found])
    return [
        MonthRow(
            month=month.month,
            state=month.state,
            revision=states.shown_revision(month.state, month.revision),
            is_stale=month.stale,
            computed_at=computed_at,
            closed_at=month.closed_at,
            turnover_fen=shown.get((month.month, "turnover"), 0),
            cash_sales_fen=shown.get((month.month, "cash_sales"), 0),
            visits=shown.get((month.month, "visits"), 0),
            new_customers=shown.get((month.month, "new_customers"), 0),
        )
        for month, computed_at in found
    ]


def shown_months(session: Session) -> Sequence[ShownMonth]:
    """List every month that has figures with what it shows, oldest first."""
    rows = session.execute(
        select(Month.month, Month.state, SHOWN, Month.stale, MonthRevision.inputs_hash)
        .join(
            MonthRevision, (MonthRevision.month == Month.month) & (MonthRevision.revision == SHOWN)
        )
        .order_by(Month.month)
    )
    return [
        ShownMonth(month=month, state=state, revision=shown, is_stale=stale, inputs_hash=inputs)
        for month, state, shown, stale, inputs in rows
    ]


def shown_figures(session: Session, month: date) -> dict[rules.Key, int] | None:
    """Give the figures a month shows now; None when it has none."""
    found = by_month(session, month)
    if found is None:
        return None
    return figures(session, month, states.shown_revision(found.state, found.revision))


def figures(session: Session, month: date, revision: int) -> dict[rules.Key, int]:
    """Give the additive numbers of one revision; 0 is the live one."""
    rows = session.execute(
        select(MonthFigure.indicator, MonthFigure.part, MonthFigure.amount).where(
            MonthFigure.month == month, MonthFigure.revision == revision
        )
    )
    return {(indicator, part): amount for indicator, part, amount in rows}


def cells(session: Session, month: date, revision: int) -> Sequence[tuple[date, str, int, int]]:
    """Give the matrix of one revision; the live one is the day rows themselves.

    Shape: (day, category, turnover_fen, quantity), by day and category.
    """
    if revision == 0:
        within = DayItem.business_date.between(month, days.last_day(month))
        wanted = (
            select(DayItem.business_date, DayItem.category, DayItem.turnover_fen, DayItem.quantity)
            .where(within, (DayItem.turnover_fen != 0) | (DayItem.quantity != 0))
            .order_by(DayItem.business_date, DayItem.category)
        )
    else:
        wanted = (
            select(MonthCell.day, MonthCell.category, MonthCell.turnover_fen, MonthCell.quantity)
            .where(MonthCell.month == month, MonthCell.revision == revision)
            .order_by(MonthCell.day, MonthCell.category)
        )
    rows = session.execute(wanted)
    return [(day, category, fen, quantity) for day, category, fen, quantity in rows]


def revisions(session: Session, month: date) -> Sequence[MonthRevision]:
    """List a month's computed revisions, oldest first; the live figures are not among them."""
    return session.scalars(
        select(MonthRevision)
        .where(MonthRevision.month == month, MonthRevision.revision > 0)
        .order_by(MonthRevision.revision)
    ).all()


def revision(session: Session, month: date, number: int) -> MonthRevision:
    """Give one revision.

    Raises: NoSuchRevision.
    """
    if (found := session.get(MonthRevision, (month, number))) is None:
        raise NoSuchRevision(month=month, revision=number)
    return found


def steps(session: Session, month: date) -> Sequence[MonthStep]:
    """List who moved a month, when and why, oldest first."""
    return session.scalars(
        select(MonthStep).where(MonthStep.month == month).order_by(MonthStep.id)
    ).all()


def costs(session: Session, month: date) -> dict[str, int]:
    """Give the cost lines that somebody entered, per kind."""
    rows = session.execute(
        select(MonthCost.kind, MonthCost.amount_fen).where(MonthCost.month == month)
    )
    return dict(rows.all())


def gaps(session: Session, month: date, *, day: date) -> Gaps:
    """Tell what keeps a month from being computed, on the store's business day `day`."""
    return Gaps(
        is_running=day < days.next_month(month),
        open_days=tuple(cash.open_cash_days(session, month)),
    )


def earlier_never_closed(session: Session, month: date) -> date | None:
    """Find the oldest month before this one that has something to close and never was.

    A month that has only costs or closed days yet, and no receipt, waits for nobody.
    """
    has_receipts = (
        select(DayTotal.business_date)
        .where(DayTotal.business_date >= Month.month)
        .where(DayTotal.business_date < Month.month + literal_column("interval '1 month'"))
        .where((DayTotal.receipts != 0) | (DayTotal.refunds_fen != 0) | (DayTotal.visits != 0))
        .exists()
    )
    return session.scalars(
        select(func.min(Month.month)).where(
            Month.month < month,
            Month.closed_at.is_(None),
            (Month.revision > 0) | has_receipts,
        )
    ).one()


def _wholes(session: Session, months: Sequence[date]) -> dict[tuple[date, str], int]:
    rows = session.execute(
        select(MonthFigure.month, MonthFigure.indicator, MonthFigure.amount)
        .join(Month, (Month.month == MonthFigure.month) & (MonthFigure.revision == SHOWN))
        .where(Month.month.in_(months), MonthFigure.part == "")
    )
    return {(month, indicator): amount for month, indicator, amount in rows}
