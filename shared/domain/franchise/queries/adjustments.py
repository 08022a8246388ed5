"""Questions about closed revisions and about what they owe the next statements.

Form: C12 adjustments, 9.5.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.franchise.models.restating import Adjustment, ClosedFigure, ClosedMonth
from shared.domain.franchise.models.stores import StoreFile
from shared.domain.franchise.queries import stores
from shared.domain.reporting.rules import figures as rules
from shared.domain.reporting.rules import restating
from shared.domain.reporting.rules.figures import Difference, Key

MOST = 1000


class NoSuchAdjustment(errors.Missing):
    """There is no such adjustment."""

    zh = "找不到该调整"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentRow:
    """A booking with its store."""

    booked: Adjustment
    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A booking with every figure that its two closed revisions state differently."""

    row: AdjustmentRow
    old: ClosedMonth
    new: ClosedMonth
    figures: Sequence[Difference]


def listed(
    session: Session, *, before: int | None = None, limit: int = MOST
) -> list[AdjustmentRow]:
    """List the bookings, newest first; `before` is the id of the last one seen."""
    wanted = _ROWS.order_by(Adjustment.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(Adjustment.id < before)
    return [
        AdjustmentRow(booked=booked, code=code, name=name)
        for booked, code, name in session.execute(wanted)
    ]


def behind(session: Session, adjustment_id: int) -> Behind:
    """Give a booking with what lies behind it.

    Raises: NoSuchAdjustment.
    """
    found = session.execute(_ROWS.where(Adjustment.id == adjustment_id)).one_or_none()
    if found is None:
        raise NoSuchAdjustment(id=adjustment_id)
    booked, code, name = found
    of = (booked.tenant, booked.month)
    old, new = (
        session.get_one(ClosedMonth, (*of, revision))
        for revision in (booked.from_revision, booked.to_revision)
    )
    return Behind(
        row=AdjustmentRow(booked=booked, code=code, name=name),
        old=old,
        new=new,
        figures=rules.differences(
            closed_figures(session, *of, old.revision), closed_figures(session, *of, new.revision)
        ),
    )


def closed_revisions(session: Session, tenant: str, month: date) -> list[int]:
    """List the closed revisions known of a store's month, oldest first."""
    return list(
        session.scalars(
            select(ClosedMonth.revision)
            .where(ClosedMonth.tenant == tenant, ClosedMonth.month == month)
            .order_by(ClosedMonth.revision)
        )
    )


def closed_figures(session: Session, tenant: str, month: date, revision: int) -> dict[Key, int]:
    """Give the figures of a closed revision."""
    rows = session.execute(
        select(ClosedFigure.indicator, ClosedFigure.part, ClosedFigure.amount).where(
            ClosedFigure.tenant == tenant,
            ClosedFigure.month == month,
            ClosedFigure.revision == revision,
        )
    )
    return {(indicator, part): amount for indicator, part, amount in rows}


def restated(
    session: Session, tenant: str, month: date, *, revision: int
) -> restating.Restatement | None:
    """Say what closing the month as reported would state otherwise than its last closed revision.

    `revision` is the reported one.
    """
    known = [one for one in closed_revisions(session, tenant, month) if one < revision]
    if not known:
        return None
    return restating.Restatement(
        old_revision=known[-1],
        changes=restating.changes(
            closed_figures(session, tenant, month, known[-1]),
            stores.figures(session, tenant, month),
        ),
    )


_ROWS = select(Adjustment, StoreFile.code, StoreFile.name).join(
    StoreFile, StoreFile.tenant == Adjustment.tenant
)
