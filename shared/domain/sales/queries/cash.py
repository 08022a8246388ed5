"""Questions about the drawer.

Form: F08; calculation C2; W12.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from shared.days import last_day
from shared.domain.cards.queries import figures as cards
from shared.domain.sales.models.cash import CashCorrection, CashDay, CashDayStep, CashPayment
from shared.domain.sales.queries import corrections, drawers, settlements
from shared.domain.sales.rules import kinds, tills
from shared.errors import Problem

# What was performed or handed over, whether money or a card paid it, and other money of items.
_BY_CATEGORY = text(
    f"""
    SELECT category, sum(revenue_fen), sum(cost_fen) FROM (
        SELECT l.category, l.amount_fen AS revenue_fen, l.cost_fen
        FROM sale_lines l JOIN sales s ON s.id = l.sale_id
        WHERE s.business_date = ANY(:days) AND l.category IS NOT NULL
        UNION ALL SELECT category, value_fen, cost_fen FROM ({cards.ENTRIES_SQL}) AS entry
        WHERE category IS NOT NULL
    ) AS piece
    GROUP BY category
    """
).bindparams(bindparam("days", type_=ARRAY(Date)))


@dataclass(frozen=True, slots=True, kw_only=True)
class CashReport:
    """The daily cash report as it stands.

    Shape: `state` is NONE where no cash day was opened, else one of W12; `opening_is_carried`
    tells that the opening follows from the days before; `unsettled` lists earlier days still open.
    `corrections` are dated on this day, `late_slips` are those of other days about this one;
    `blocks` is what keeps the day from closing, empty once it is closed.
    """

    day: date
    number: str | None
    state: str
    opening_fen: int
    opening_is_carried: bool
    opening_reason: str | None
    drawer: tills.DrawerInput
    figures: tills.CashFigures
    payments: Sequence[CashPayment]
    variance_reason: str | None
    manager_reason: str | None
    counted_by: UUID | None
    counted_at: datetime | None
    closed_by: UUID | None
    closed_at: datetime | None
    unsettled: Sequence[date]
    denominations: Mapping[int, int]
    cashier_sign: UUID | None
    manager_sign: UUID | None
    totals: Sequence[settlements.TenderTotal]
    blocks: Sequence[Problem]
    corrections: Sequence[CashCorrection]
    late_slips: Sequence[CashCorrection]
    steps: Sequence[CashDayStep]

    @property
    def explained_fen(self) -> int | None:
        """What is left of a closed day's variance once its late slips are known."""
        variance_fen = self.figures.variance_fen
        if variance_fen is None:
            return None
        return variance_fen + sum(slip.cash_fen for slip in self.late_slips)


def cash_day(session: Session, day: date) -> CashDay | None:
    """Find a cash day."""
    return session.get(CashDay, day)


def cash_day_for_update(session: Session, day: date) -> CashDay | None:
    """Find a cash day and hold it.

    Locks: the cash day.
    """
    return session.scalars(
        select(CashDay)
        .where(CashDay.business_date == day)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def open_cash_days(session: Session, month: date) -> Sequence[date]:
    """List the days of a month whose cash day is not closed, oldest first."""
    return session.scalars(
        select(CashDay.business_date)
        .where(
            CashDay.business_date.between(month, last_day(month)),
            CashDay.state != kinds.DayState.CLOSED,
        )
        .order_by(CashDay.business_date)
    ).all()


def unsettled_before(session: Session, day: date, *, limit: int = 31) -> Sequence[date]:
    """List earlier days whose cash day is not closed, oldest first."""
    return session.scalars(
        select(CashDay.business_date)
        .where(CashDay.business_date < day, CashDay.state != kinds.DayState.CLOSED)
        .order_by(CashDay.business_date)
        .limit(limit)
    ).all()


def has_earlier_day(session: Session, day: date) -> bool:
    """Tell whether any cash day lies before this one."""
    earlier = select(CashDay.business_date).where(CashDay.business_date < day).limit(1)
    return session.scalars(earlier).first() is not None


def payment_by_key(session: Session, key: UUID) -> CashPayment | None:
    """Find the payment that a till's key made."""
    return session.scalars(select(CashPayment).where(CashPayment.key == key)).one_or_none()


def cash_report(session: Session, day: date) -> CashReport:
    """Give the daily cash report of a business day.

    Form: F08, without what cards will add.
    """
    row = cash_day(session, day)
    slips = corrections.about(session, day)
    own = [slip for slip in slips if slip.business_date == day]
    given = drawers.drawer(session, day, row, own, categories=_categories(session, day))
    totals = settlements.tender_totals(session, day, given.receipts_fen)
    is_closed = row is not None and row.state == kinds.DayState.CLOSED
    return CashReport(
        day=day,
        number=row.number if row else None,
        state=row.state if row else "NONE",
        opening_fen=given.opening_fen,
        opening_is_carried=row is None or row.opening_fen is None,
        opening_reason=row.opening_reason if row else None,
        drawer=given,
        figures=tills.cash_figures(given),
        payments=_payments(session, day),
        variance_reason=row.variance_reason if row else None,
        manager_reason=row.manager_reason if row else None,
        counted_by=row.counted_by if row else None,
        counted_at=row.counted_at if row else None,
        closed_by=row.closed_by if row else None,
        closed_at=row.closed_at if row else None,
        unsettled=unsettled_before(session, day),
        denominations={int(k): v for k, v in (row.denominations or {}).items()} if row else {},
        cashier_sign=row.cashier_sign if row else None,
        manager_sign=row.manager_sign if row else None,
        totals=totals,
        blocks=[] if is_closed else settlements.blocks(session, day, totals),
        corrections=own,
        late_slips=[slip for slip in slips if slip.of_day == day],
        steps=corrections.steps(session, day) if row else [],
    )


def _categories(session: Session, day: date) -> dict[str, tills.CategoryMoney]:
    sums = session.execute(_BY_CATEGORY, {"days": [day]})
    return {
        category: tills.CategoryMoney(revenue_fen=int(revenue), direct_cost_fen=int(cost))
        for category, revenue, cost in sums
    }


def _payments(session: Session, day: date) -> Sequence[CashPayment]:
    of_day = select(CashPayment).where(CashPayment.business_date == day)
    return session.scalars(of_day.order_by(CashPayment.id)).all()
