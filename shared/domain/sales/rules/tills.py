"""What is counted in a drawer, and the daily cash report computed from it.

Form: F08; calculation C2.
Units: `_fen` is whole fen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from uuid import UUID

from shared.domain.sales.rules.kinds import Tender

VARIANCE_REASON_FEN = 20_00  # above it the manager gives a reason (C2)
VARIANCE_ALERT_FEN = 200_00  # above it the headquarters is told (C2)
DAYS_IN_A_ROW = 3  # that many with a variance tell the headquarters too (C2)
# Notes and coins by their value in fen: 100, 50, 20, 10, 5, 1 yuan, 5 and 1 jiao, the fen beside.
FACES_FEN = (100_00, 50_00, 20_00, 10_00, 5_00, 1_00, 50, 10, 1)
MAX_PIECES = 99_999


@dataclass(frozen=True, slots=True, kw_only=True)
class CashOpening:
    """What lies in the drawer in the morning, when it is not what the evening before says."""

    day: date
    opening_fen: int
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What a provider says it took by one tender that day; a difference is given a reason."""

    tender: Tender
    amount_fen: int
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CashCount:
    """What the cashier counted in the drawer, and what the other tenders' providers say.

    Shape: `denominations` face in fen -> pieces; with it `counted_fen` may be left out, and
        agrees with it otherwise. `signature` is a picture that was sent before.
    """

    day: date
    counted_fen: int | None = None
    variance_reason: str | None = None
    denominations: Mapping[int, int] | None = None
    settlements: tuple[Settlement, ...] = ()
    signature: UUID | None = None

    @property
    def sum_fen(self) -> int | None:
        """What the pieces are worth; the number that was said where none were counted."""
        if self.denominations is None:
            return self.counted_fen
        return sum(face * pieces for face, pieces in self.denominations.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class CashClosing:
    """The manager's signature under a count; `counted_fen` guards against a stale page."""

    day: date
    counted_fen: int | None = None
    variance_reason: str | None = None
    manager_reason: str | None = None
    signature: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryMoney:
    """Revenue and direct cost of one category on a day."""

    revenue_fen: int
    direct_cost_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawerInput:
    """Everything C2 computes from; `counted_fen` is empty until somebody counted."""

    opening_fen: int
    receipts_fen: Mapping[str, int]  # by tender, refunds already taken off
    cash_payments_fen: int
    bank_deposit_fen: int
    counted_fen: int | None
    categories: Mapping[str, CategoryMoney] = field(default_factory=dict)
    corrections_fen: int = 0  # late slips of closed days: their cash was counted back then


@dataclass(frozen=True, slots=True, kw_only=True)
class CashFigures:
    """The answers of C2; a ratio without a base is None."""

    closing_fen: int
    variance_fen: int | None
    needs_manager_reason: bool
    tells_headquarters: bool
    all_receipts_fen: int
    fund_use_rate: Fraction | None
    contribution: Mapping[str, Fraction | None]
    margin_rate: Mapping[str, Fraction | None]


def cash_figures(drawer: DrawerInput) -> CashFigures:
    """Compute the daily cash report of C2.

    Units: ratios are exact fractions; round once, half up, where they are shown.
    """
    cash_fen = drawer.receipts_fen.get(Tender.CASH, 0)
    available_fen = drawer.opening_fen + cash_fen
    gone_fen = drawer.cash_payments_fen + drawer.bank_deposit_fen
    closing_fen = available_fen - gone_fen + drawer.corrections_fen
    variance_fen = None if drawer.counted_fen is None else drawer.counted_fen - closing_fen
    profits = {
        name: money.revenue_fen - money.direct_cost_fen for name, money in drawer.categories.items()
    }
    profit_fen = sum(profits.values())
    return CashFigures(
        closing_fen=closing_fen,
        variance_fen=variance_fen,
        needs_manager_reason=abs(variance_fen or 0) > VARIANCE_REASON_FEN,
        tells_headquarters=abs(variance_fen or 0) > VARIANCE_ALERT_FEN,
        all_receipts_fen=sum(drawer.receipts_fen.values()),
        fund_use_rate=_ratio(drawer.cash_payments_fen, available_fen),
        contribution={name: _ratio(fen, profit_fen) for name, fen in profits.items()},
        margin_rate={
            name: _ratio(profits[name], money.revenue_fen)
            for name, money in drawer.categories.items()
        },
    )


def _ratio(numerator: int, denominator: int) -> Fraction | None:
    return Fraction(numerator, denominator) if denominator else None
