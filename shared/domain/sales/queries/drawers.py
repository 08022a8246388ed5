"""Questions about what a drawer holds.

Form: F08; calculation C2; W12.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from shared.domain.sales.models.cash import CashCorrection, CashDay, CashPayment
from shared.domain.sales.models.receipts import Sale, SaleTender
from shared.domain.sales.queries import corrections, settlements
from shared.domain.sales.rules import tills
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


@dataclass(frozen=True, slots=True, kw_only=True)
class CashStanding:
    """What a cash day is judged by when it is handed in or closed.

    Units: the figures know no categories, so no ratios of theirs.
    """

    day: date
    opening_fen: int
    figures: tills.CashFigures
    totals: Sequence[settlements.TenderTotal]
    blocks: Sequence[Problem]


def carried_fen(session: Session, day: date) -> int:
    """Compute what the drawer holds in the morning of a day, from the days before."""
    return int(session.execute(_CARRIED, {"day": day}).scalar_one())


def drawer(
    session: Session,
    day: date,
    row: CashDay | None,
    own_slips: Sequence[CashCorrection],
    *,
    categories: Mapping[str, tills.CategoryMoney],
) -> tills.DrawerInput:
    """Add up what moved a day's drawer; `own_slips` are the corrections dated on the day."""
    typed_fen = row.opening_fen if row else None
    return tills.DrawerInput(
        opening_fen=carried_fen(session, day) if typed_fen is None else typed_fen,
        receipts_fen=_receipts(session, day),
        cash_payments_fen=_paid_out(session, day),
        bank_deposit_fen=row.bank_deposit_fen if row else 0,
        counted_fen=row.counted_fen if row else None,
        categories=categories,
        corrections_fen=sum(slip.cash_fen for slip in own_slips),
    )


def standing(session: Session, day: date) -> CashStanding:
    """Compute what an open day is judged by, without the rest of its report."""
    given = _drawer_so_far(session, day)
    totals = settlements.tender_totals(session, day, given.receipts_fen)
    return CashStanding(
        day=day,
        opening_fen=given.opening_fen,
        figures=tills.cash_figures(given),
        totals=totals,
        blocks=settlements.blocks(session, day, totals),
    )


def figures_so_far(session: Session, day: date) -> tills.CashFigures:
    """Compute what a day took and what its drawer holds, without the rest of its report.

    Units: no categories, so no ratios of theirs.
    """
    return tills.cash_figures(_drawer_so_far(session, day))


def _drawer_so_far(session: Session, day: date) -> tills.DrawerInput:
    own = [slip for slip in corrections.about(session, day) if slip.business_date == day]
    return drawer(session, day, session.get(CashDay, day), own, categories={})


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
