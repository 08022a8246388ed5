"""Questions about what happened to a cash day: its steps, late slips entered elsewhere or here.

Form: W12; 更正单.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.domain.sales.models.cash import CashCorrection, CashDayStep


def by_key(session: Session, key: UUID) -> CashCorrection | None:
    """Find the correction that a page's key made."""
    return session.scalars(select(CashCorrection).where(CashCorrection.key == key)).one_or_none()


def is_corrected(session: Session, sale_id: int) -> bool:
    """Tell whether a receipt is a late slip that has its correction."""
    own = select(CashCorrection.id).where(CashCorrection.sale_id == sale_id)
    return session.scalars(own).first() is not None


def about(session: Session, day: date) -> Sequence[CashCorrection]:
    """List the late slips that are dated on a day, or are about it."""
    about = (CashCorrection.business_date == day) | (CashCorrection.of_day == day)
    return session.scalars(select(CashCorrection).where(about).order_by(CashCorrection.id)).all()


def steps(session: Session, day: date) -> Sequence[CashDayStep]:
    """List who did what to a cash day, oldest first."""
    of_day = select(CashDayStep).where(CashDayStep.business_date == day)
    return session.scalars(of_day.order_by(CashDayStep.id)).all()
