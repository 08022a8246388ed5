"""Questions about the drawer.

Form: F08; calculation C2; W12.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from shared.days import last_day
from shared.domain.cards.queries import figures as cards
from shared.domain.sales.models.cash import CashCorrection, CashDay, CashDayStep, CashPayment
from shared.domain.sales.models.receipts import Sale, SaleTender
from shared.domain.sales.queries import corrections, settlements
from shared.domain.sales.rules import kinds, tills
from shared.errors import Problem

# What the drawer holds before a day: the last number that somebody stands for (a count at a close,
# or a typed opening), and the flows of the days since then, which nobody has counted yet.
_CARRIED = text(
    """
    WITH anchor AS (
        SELECT business_date, state = 'CLOSED' AS is_counted,
               CASE WHEN state = 'CLOSED' THEN counted_fen ELSE opening_fen END AS fen
        FROM cash_days
        WHERE business_date < :day AND (state = 'CLOSED' OR opening_fen IS NOT NULL)
        ORDER BY business_date DESC LIMIT 1
    ),
    since AS (
        SELECT d.business_date, d.bank_deposit_fen FROM cash_days d LEFT JOIN anchor a ON true
        WHERE d.business_date < :day AND (a.business_date IS NULL
              OR d.business_date > a.business_date
              OR (d.business_date = a.business_date AND NOT a.is_counted))
    )
    SELECT coalesce((SELECT fen FROM anchor), 0)
         + coalesce((SELECT sum(t.amount_fen) FROM sale_tenders t JOIN sales s ON s.id = t.sale_id
                     JOIN since USING (business_date) WHERE t.tender = 'CASH'), 0)
         - coalesce((SELECT sum(p.amount_fen) FROM cash_payments p
                     JOIN since USING (business_date)), 0)
         - coalesce((SELECT sum(bank_deposit_fen) FROM since), 0)
         + coalesce((SELECT sum(c.cash_fen) FROM cash_corrections c
                     JOIN since USING (business_date)), 0)
    """
)

# What was performed or handed over, whether money or a card paid it, and other money of items.
_BY_CATEGORY = text(
    f"""
    SELECT category, sum(revenue_fen), sum(cost_fen) FROM (
        SELECT l.category, l.amount_fen AS revenue_fen, l.cost_fen
        FROM sale_lines l JOIN sales s ON s.id = l.sale_id
        WHERE s.business_date = ANY(:days) AND l.category IS NOT NULL
        UNION ALL SELECT category, value_fen, cost_fen FROM ({cards.USED_SQL}) AS used
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


def carried_fen(session: Session, day: date) -> int:
    """Compute what the drawer holds in the morning of a day, from the days before."""
    return int(session.execute(_CARRIED, {"day": day}).scalar_one())


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
    given = _drawer(session, day, row, own, categories=_categories(session, day))
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


def figures_so_far(session: Session, day: date) -> tills.CashFigures:
    """Compute what a day took and what its drawer holds, without the rest of its report.

    Units: no categories, so no ratios of theirs.
    """
    own = [slip for slip in corrections.about(session, day) if slip.business_date == day]
    return tills.cash_figures(_drawer(session, day, cash_day(session, day), own, categories={}))


def _drawer(
    session: Session,
    day: date,
    row: CashDay | None,
    corrections: Sequence[CashCorrection],
    *,
    categories: Mapping[str, tills.CategoryMoney],
) -> tills.DrawerInput:
    typed_fen = row.opening_fen if row else None
    return tills.DrawerInput(
        opening_fen=carried_fen(session, day) if typed_fen is None else typed_fen,
        receipts_fen=_receipts(session, day),
        cash_payments_fen=_paid_out(session, day),
        bank_deposit_fen=row.bank_deposit_fen if row else 0,
        counted_fen=row.counted_fen if row else None,
        categories=categories,
        corrections_fen=sum(slip.cash_fen for slip in corrections),
    )


def _receipts(session: Session, day: date) -> dict[str, int]:
    sums = session.execute(
        select(SaleTender.tender, func.sum(SaleTender.amount_fen))
        .join(Sale, Sale.id == SaleTender.sale_id)
        .where(Sale.business_date == day)
        .group_by(SaleTender.tender)
    )
    return {tender: int(fen) for tender, fen in sums}


def _paid_out(session: Session, day: date) -> int:
    paid = select(func.coalesce(func.sum(CashPayment.amount_fen), 0))
    return int(session.execute(paid.where(CashPayment.business_date == day)).scalar_one())


def _categories(session: Session, day: date) -> dict[str, tills.CategoryMoney]:
    sums = session.execute(_BY_CATEGORY, {"days": [day]})
    return {
        category: tills.CategoryMoney(revenue_fen=int(revenue), direct_cost_fen=int(cost))
        for category, revenue, cost in sums
    }


def _payments(session: Session, day: date) -> Sequence[CashPayment]:
    of_day = select(CashPayment).where(CashPayment.business_date == day)
    return session.scalars(of_day.order_by(CashPayment.id)).all()
