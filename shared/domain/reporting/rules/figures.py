"""The additive numbers of a month, the ratios made from them, and how two revisions differ.

Units: amounts are whole fen or counts. A ratio is exact until it is rounded once, half up, to 4
decimals; without a base it is None (NO_BASE, printed as "—").
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum
from fractions import Fraction

Key = tuple[str, str]  # indicator, part
Figures = Mapping[Key, int]

# the columns of F10, as the catalog names its categories
CATEGORIES = ("FACIAL", "BODY", "SLIMMING", "OTHER", "PRODUCT")

_FOUR = Decimal("0.0001")


class Indicator(StrEnum):
    """What is counted; most have parts (a category, a tender, a cost kind) beside the whole."""

    TURNOVER = "turnover"  # whole and per category
    QUANTITY = "quantity"  # per category
    CONSUMPTION = "consumption"
    DIRECT_COST = "direct_cost"  # per category: what the treatments and products themselves cost
    PRODUCT_SALES = "product_sales"
    CASH_SALES = "cash_sales"
    CASH_RECEIPTS = "cash_receipts"  # per tender
    REFUNDS = "refunds"
    TOPUPS = "topups"
    PACKAGES = "packages"
    PREPAID = "prepaid"  # what cards hold at the month's end: additive over stores, not over months
    RECEIPTS = "receipts"
    VISITS = "visits"
    CUSTOMERS = "customers"  # distinct people: additive over stores, not over months
    NEW_CUSTOMERS = "new_customers"
    OPEN_DAYS = "open_days"
    COST = "cost"  # per cost kind
    ON_SALE = "on_sale"  # 1 per category with an item on sale all month


# indicator -> (中文, English, is money)
LABELS: dict[Indicator, tuple[str, str, bool]] = {
    Indicator.TURNOVER: ("营业额", "Turnover", True),
    Indicator.QUANTITY: ("数量", "Quantity", False),
    Indicator.CONSUMPTION: ("消耗业绩", "Consumption", True),
    Indicator.DIRECT_COST: ("直接成本", "Direct cost", True),
    Indicator.PRODUCT_SALES: ("产品销售", "Product sales", True),
    Indicator.CASH_SALES: ("现金业绩", "Cash sales", True),
    Indicator.CASH_RECEIPTS: ("各方式收款", "Receipts by tender", True),
    Indicator.REFUNDS: ("退款", "Refunds", True),
    Indicator.TOPUPS: ("储值充值", "Top-ups", True),
    Indicator.PACKAGES: ("疗程卡销售", "Packages sold", True),
    Indicator.PREPAID: ("未消耗余额", "Prepaid balance", True),
    Indicator.RECEIPTS: ("小票数", "Receipts", False),
    Indicator.VISITS: ("客次", "Visits", False),
    Indicator.CUSTOMERS: ("顾客人数", "Distinct customers", False),
    Indicator.NEW_CUSTOMERS: ("新顾客", "New customers", False),
    Indicator.OPEN_DAYS: ("营业天数", "Open days", False),
    Indicator.COST: ("成本", "Costs", True),
    Indicator.ON_SALE: ("在售", "On sale", False),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One number that two revisions state differently; a missing one counts 0."""

    indicator: str
    part: str
    old: int
    new: int

    @property
    def delta(self) -> int:
        """What the newer revision adds."""
        return self.new - self.old


def ratio(numerator: int, denominator: int) -> Decimal | None:
    """Divide two sums.

    Units: 4 decimals, half up; None without a base.
    """
    return None if denominator == 0 else rounded(Fraction(numerator, denominator))


def share(part: int, whole: int) -> Decimal | None:
    """Give a part's share; none when the whole is nothing."""
    return ratio(part, whole) if whole > 0 else None


def growth(now: int, before: int | None) -> Decimal | None:
    """Give the growth over an earlier number; none when that was 0 or is not known."""
    return None if before is None else ratio(now - before, abs(before))


def mean_fen(total_fen: int, count: int) -> int | None:
    """Give an average amount.

    Units: whole fen, half up; None without a base.
    """
    if count == 0:
        return None
    with localcontext(prec=60):
        exact = Decimal(total_fen) / Decimal(count)
        return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def rounded(exact: Fraction) -> Decimal:
    """Round an exact fraction once.

    Units: 4 decimals, half up (away from zero).
    """
    sign = -1 if exact < 0 else 1
    ten_thousandths = int(abs(exact) * 10_000 + Fraction(1, 2))
    return sign * Decimal(ten_thousandths) * _FOUR


def differences(old: Figures, new: Figures) -> list[Difference]:
    """List the numbers that two revisions state differently, in order of indicator and part."""
    found = []
    for key in sorted({*old, *new}):
        if old.get(key, 0) != new.get(key, 0):
            found.append(Difference(*key, old=old.get(key, 0), new=new.get(key, 0)))
    return found
