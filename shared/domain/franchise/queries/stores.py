"""Questions about single stores: their file, and a month as they reported it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import days, errors
from shared.domain.franchise.models.post import MonthExchange, RefusedLetter
from shared.domain.franchise.models.stores import StoreCell, StoreFigure, StoreFile, StoreMonth
from shared.domain.franchise.rules import snapshots
from shared.domain.reporting.queries import detail
from shared.domain.reporting.rules.figures import Key


class NoSuchStore(errors.Missing):
    """There is no such store."""

    zh = "找不到该门店"


class NotReported(errors.Missing):
    """The store has not reported this month."""

    zh = "该门店尚未上报此月份"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedMonth:
    """A store's month as the headquarters has it.

    Shape: `detail` is F10 made from the snapshot; `is_provisional` until the month is closed;
    `is_pending` while the store has not answered the last decision.
    """

    store: StoreFile
    reported: StoreMonth
    detail: detail.MonthDetail
    is_provisional: bool
    is_pending: bool


def store_files(session: Session) -> Sequence[StoreFile]:
    """List the store files by code."""
    return session.scalars(select(StoreFile).order_by(StoreFile.code)).all()


def by_code(session: Session, code: str) -> StoreFile:
    """Give the store with a code.

    Raises: NoSuchStore.
    """
    found = session.scalars(select(StoreFile).where(StoreFile.code == code)).one_or_none()
    if found is None:
        raise NoSuchStore(code=code)
    return found


def months_of(session: Session, tenant: str) -> Sequence[StoreMonth]:
    """List the months a store has reported, newest first."""
    return session.scalars(
        select(StoreMonth).where(StoreMonth.tenant == tenant).order_by(StoreMonth.month.desc())
    ).all()


def waiting_for_decision(session: Session) -> Sequence[StoreMonth]:
    """List the reviewed months that wait for the headquarters' word, oldest first."""
    return session.scalars(
        select(StoreMonth)
        .where(StoreMonth.state == "REVIEWED", StoreMonth.decision_no == StoreMonth.answered_no)
        .order_by(StoreMonth.month, StoreMonth.tenant)
    ).all()


def store_month(session: Session, tenant: str, month: date) -> ReportedMonth:
    """Give a store's month with the monthly detail made from its snapshot.

    Raises: NoSuchStore, NotReported.
    """
    store = session.get(StoreFile, tenant)
    if store is None:
        raise NoSuchStore(tenant=tenant)
    reported = session.get(StoreMonth, (tenant, month))
    if reported is None:
        raise NotReported(month=month)
    previous = days.previous_month(month)
    has_previous = session.get(StoreMonth, (tenant, previous)) is not None
    made = detail.assembled(
        detail.Source(
            month=month,
            state=reported.state,
            revision=reported.revision,
            is_stale=reported.is_stale,
            computed_at=reported.published_at,
            figures=figures(session, tenant, month),
            previous=figures(session, tenant, previous) if has_previous else None,
            cells=_cells(session, tenant, month),
            shut=[date.fromisoformat(day) for day in reported.shut_days],
        )
    )
    return ReportedMonth(
        store=store,
        reported=reported,
        detail=made,
        is_provisional=snapshots.status_of(reported.state) is snapshots.Status.PROVISIONAL,
        is_pending=reported.decision_no > reported.answered_no,
    )


def figures(session: Session, tenant: str, month: date) -> dict[Key, int]:
    """Give the additive numbers a store reported for a month."""
    rows = session.execute(
        select(StoreFigure.indicator, StoreFigure.part, StoreFigure.amount).where(
            StoreFigure.tenant == tenant, StoreFigure.month == month
        )
    )
    return {(indicator, part): amount for indicator, part, amount in rows}


def exchanges(session: Session) -> Sequence[MonthExchange]:
    """List what passed between this store and its headquarters, newest month first."""
    return session.scalars(select(MonthExchange).order_by(MonthExchange.month.desc())).all()


def refused_letters(session: Session, *, limit: int = 50) -> Sequence[RefusedLetter]:
    """List letters that could not be applied, newest first."""
    return session.scalars(
        select(RefusedLetter)
        .order_by(RefusedLetter.refused_at.desc(), RefusedLetter.letter_id)
        .limit(limit)
    ).all()


def _cells(session: Session, tenant: str, month: date) -> dict[tuple[date, str], int]:
    rows = session.execute(
        select(StoreCell.day, StoreCell.category, StoreCell.turnover_fen).where(
            StoreCell.tenant == tenant, StoreCell.month == month
        )
    )
    return {(day, category): fen for day, category, fen in rows}
