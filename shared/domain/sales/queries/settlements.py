"""What providers of other tenders say beside the receipts; what keeps a day from being closed.

Form: F08 validation SUM_MISMATCH; W12 blocks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.domain.appointments.queries import visits
from shared.domain.sales.models.cash import TenderSettlement
from shared.domain.sales.rules import kinds
from shared.domain.sales.rules.kinds import Tender
from shared.errors import Problem, problem


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderTotal:
    """One tender that is not cash: by the receipts, and by its provider when that was said."""

    tender: Tender
    receipts_fen: int
    settled_fen: int | None
    reason: str | None

    @property
    def difference_fen(self) -> int | None:
        """What the provider says beyond the receipts."""
        return None if self.settled_fen is None else self.settled_fen - self.receipts_fen


def tender_totals(
    session: Session, day: date, receipts_fen: Mapping[str, int]
) -> list[TenderTotal]:
    """List the tenders of a day that a provider settles, in the order of the form."""
    rows = session.scalars(select(TenderSettlement).where(TenderSettlement.business_date == day))
    settled = {row.tender: row for row in rows}
    return [
        TenderTotal(
            tender=tender,
            receipts_fen=receipts_fen.get(tender, 0),
            settled_fen=settled[tender].amount_fen if tender in settled else None,
            reason=settled[tender].reason if tender in settled else None,
        )
        for tender in Tender
        if tender is not Tender.CASH and (tender in receipts_fen or tender in settled)
    ]


def mismatches(totals: Sequence[TenderTotal]) -> list[Problem]:
    """List the tenders whose provider says otherwise than the receipts, and nobody said why."""
    return [
        problem(f"settlements.{total.tender}", "SUM_MISMATCH")
        for total in totals
        if total.difference_fen and not total.reason
    ]


def _missing_totals(
    session: Session, day: date, totals: Sequence[TenderTotal]
) -> Sequence[Problem]:
    return [
        problem(
            f"settlements.{total.tender}",
            "STATE",
            zh=f"{kinds.TENDER_LABELS[total.tender][0]}结算合计未填写",
            en=f"the settlement total of {kinds.TENDER_LABELS[total.tender][1]} is missing",
        )
        for total in totals
        if total.settled_fen is None
    ]


def _open_visits(session: Session, day: date, totals: Sequence[TenderTotal]) -> Sequence[Problem]:
    """Name each treatment card without signature, and each guest who is not settled."""
    texts = {
        "treatment": ("护理卡 {} 未签字", "treatment card {} is not signed"),
        "visit": ("到店单 {} 未结算", "visit {} is not settled"),
    }
    return [
        problem(
            f"{one.kind}s.{one.id}",
            "STATE",
            zh=texts[one.kind][0].format(one.number),
            en=texts[one.kind][1].format(one.number),
        )
        for one in visits.open_things(session, day)
    ]


# Who else keeps a day from closing adds a question here: it names each open thing as a problem with
# a text that says where to look.
BLOCKS: tuple[Callable[[Session, date, Sequence[TenderTotal]], Sequence[Problem]], ...] = (
    _missing_totals,
    _open_visits,
)


def blocks(session: Session, day: date, totals: Sequence[TenderTotal]) -> list[Problem]:
    """List everything that keeps a cash day from being handed in or closed."""
    return [found for ask in BLOCKS for found in ask(session, day, totals)]
