"""What a receipt and a cash day are, and the arithmetic of both.

Form: F08; the money words of specification 4.5; calculation C2.
Units: `_fen` is whole fen; a refund's amounts are negative.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

MAX_FEN = 100_000_000_00  # one hundred million yuan: more is a slip of the finger
MAX_QUANTITY = 9_999
REFUND_LIMIT_FEN = 200_00  # above it a second person agrees (specification 10: refund_limit)
PAY_OUT_LIMIT_FEN = 200_00  # above it a payment names its approver (F08)
VARIANCE_REASON_FEN = 20_00  # above it the manager gives a reason (C2)
VARIANCE_ALERT_FEN = 200_00  # above it the headquarters is told (C2)
DAYS_IN_A_ROW = 3  # that many with a variance tell the headquarters too (C2)
# Notes and coins by their value in fen: 100, 50, 20, 10, 5, 1 yuan, 5 and 1 jiao, the fen beside.
FACES_FEN = (100_00, 50_00, 20_00, 10_00, 5_00, 1_00, 50, 10, 1)
MAX_PIECES = 99_999


class SaleKind(StrEnum):
    """A receipt takes money in or gives it back."""

    SALE = "SALE"
    REFUND = "REFUND"


class DayState(StrEnum):
    """How far a cash day has come (W12)."""

    OPEN = "OPEN"
    COUNTING = "COUNTING"
    SUBMITTED = "SUBMITTED"  # the cashier signed
    CLOSED = "CLOSED"  # the manager signed, another person


class LateSlip(StrEnum):
    """What turned up after its day was closed."""

    RECEIPT = "RECEIPT"
    PAYMENT = "PAYMENT"


class LineKind(StrEnum):
    """What a line of F08 is paid for."""

    SINGLE = "SINGLE"  # 单次护理
    TOPUP = "TOPUP"  # 储值充值
    PACKAGE = "PACKAGE"  # 疗程卡
    PRODUCT = "PRODUCT"  # 产品
    DEPOSIT = "DEPOSIT"  # 定金: nothing was performed or handed over for it yet
    OTHER = "OTHER"  # 其他: money that is neither treatment nor product


class Source(StrEnum):
    """Where a receipt came from."""

    DESK = "DESK"
    IMPORT = "IMPORT"
    API = "API"


class Tender(StrEnum):
    """Real means of payment."""

    CASH = "CASH"
    WECHAT = "WECHAT"
    ALIPAY = "ALIPAY"
    BANKCARD = "BANKCARD"
    TRANSFER = "TRANSFER"
    VOUCHER = "VOUCHER"


class Purpose(StrEnum):
    """What money leaves the drawer for; cash given back to a guest is a refund receipt instead."""

    PURCHASE = "PURCHASE"
    RENT = "RENT"
    UTILITIES = "UTILITIES"
    WAGE_ADVANCE = "WAGE_ADVANCE"
    MISC = "MISC"


# code -> (中文, English), in the order the forms print them
TENDER_LABELS: dict[Tender, tuple[str, str]] = {
    Tender.CASH: ("现金", "Cash"),
    Tender.WECHAT: ("微信", "WeChat"),
    Tender.ALIPAY: ("支付宝", "Alipay"),
    Tender.BANKCARD: ("刷卡", "Bank card"),
    Tender.TRANSFER: ("转账", "Transfer"),
    Tender.VOUCHER: ("团购核销", "Voucher"),
}
LINE_KIND_LABELS: dict[LineKind, tuple[str, str]] = {
    LineKind.SINGLE: ("单次护理", "Single treatment"),
    LineKind.TOPUP: ("储值充值", "Top-up"),
    LineKind.PACKAGE: ("疗程卡", "Package"),
    LineKind.PRODUCT: ("产品", "Product"),
    LineKind.OTHER: ("其他", "Other"),
    LineKind.DEPOSIT: ("定金", "Deposit"),
}
SALE_KIND_LABELS: dict[SaleKind, tuple[str, str]] = {
    SaleKind.SALE: ("销售", "Sale"),
    SaleKind.REFUND: ("退款", "Refund"),
}
PURPOSE_LABELS: dict[Purpose, tuple[str, str]] = {
    Purpose.PURCHASE: ("采购", "Purchase"),
    Purpose.RENT: ("房租", "Rent"),
    Purpose.UTILITIES: ("水电", "Utilities"),
    Purpose.WAGE_ADVANCE: ("预支工资", "Wage advance"),
    Purpose.MISC: ("杂费", "Miscellaneous"),
}
DAY_STATE_LABELS: dict[DayState, tuple[str, str]] = {
    DayState.OPEN: ("营业中", "Open"),
    DayState.COUNTING: ("点钞", "Counting"),
    DayState.SUBMITTED: ("已提交", "Submitted"),
    DayState.CLOSED: ("已结", "Closed"),
}
LATE_SLIP_LABELS: dict[LateSlip, tuple[str, str]] = {
    LateSlip.RECEIPT: ("补收入小票", "Late receipt"),
    LateSlip.PAYMENT: ("补支出凭证", "Late payment"),
}
# A treatment performed or a product handed over is turnover; other money is cash sales only.
TURNOVER_KINDS: tuple[LineKind, ...] = (LineKind.SINGLE, LineKind.PRODUCT)
CONSUMPTION_KINDS: tuple[LineKind, ...] = (LineKind.SINGLE,)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    """One line as the front desk keyed it: an item, a card on offer, or a deposit.

    Shape: the kind follows from item or offer, unless OTHER is said of an item; a DEPOSIT names
        neither. `card_id` is the card that an offer tops up.
    """

    quantity: int
    amount_fen: int
    item_id: int | None = None
    offer_id: int | None = None
    card_id: int | None = None
    kind: LineKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A part of the money by one means."""

    tender: Tender
    amount_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSale:
    """A receipt before it is recorded; without a customer it is a walk-in's."""

    key: UUID  # made by the till: a second tap is the same sale
    customer_id: int | None
    lines: tuple[NewLine, ...]
    tenders: tuple[Paid, ...]
    source: Source = Source.DESK
    appointment_id: int | None = None  # a deposit for it, and nothing else
    deposit_used_fen: int = 0  # of what was paid ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundLine:
    """What of one line goes back: pieces (0: money only) and money, both as positive numbers."""

    line_id: int
    quantity: int
    amount_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRefund:
    """A refund before it is recorded; amounts are positive here and negative on the receipt."""

    key: UUID
    sale_id: int
    lines: tuple[RefundLine, ...]
    tenders: tuple[Paid, ...]
    reason: str
    source: Source = Source.DESK


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCardRefund:
    """A card given back before it is recorded; how much follows from the card."""

    key: UUID
    card_id: int
    tenders: tuple[Paid, ...]
    reason: str
    source: Source = Source.DESK


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPayment:
    """Money taken out of the drawer, before it is recorded."""

    key: UUID
    day: date
    purpose: Purpose
    payee: str
    amount_fen: int
    voucher: UUID | None = None  # a picture that was sent before


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
class NewCorrection:
    """A slip of a closed day, entered on an open one (更正单).

    Shape: a late receipt was rung up on `day` and is named; a late payment is noted with it.
    """

    key: UUID
    of_day: date
    day: date
    reason: str
    receipt_no: str | None = None
    payment: NewPayment | None = None


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


def line_kind(*, category: str, asked: LineKind | None) -> LineKind | None:
    """Choose a line's kind from its item's category; None when the asked one contradicts it."""
    own = LineKind.PRODUCT if category == "PRODUCT" else LineKind.SINGLE
    return asked or own if asked in (None, own, LineKind.OTHER) else None


def receipt_no(month: date, number: int) -> str:
    """Write a receipt number: `S-<yyyymm>-<4 digits>`, more digits above 9999."""
    return f"S-{month:%Y%m}-{number:04d}"


def sums_agree(lines: Iterable[int], tenders: Iterable[int]) -> bool:
    """Tell whether the lines' amounts and the tenders' amounts have the same sum."""
    return sum(lines) == sum(tenders)


def merged_tenders(tenders: Sequence[Paid]) -> dict[Tender, int]:
    """Add up several parts by the same means, in the order they were named."""
    sums: dict[Tender, int] = {}
    for paid in tenders:
        sums[paid.tender] = sums.get(paid.tender, 0) + paid.amount_fen
    return sums


def turnover_fen(amounts: Mapping[str, int]) -> int:
    """Turnover of 4.5 from amounts by line kind: treatments performed and products handed over."""
    return sum(amounts.get(kind, 0) for kind in TURNOVER_KINDS)


def consumption_fen(amounts: Mapping[str, int]) -> int:
    """Consumption of 4.5 from amounts by line kind: treatments only, whatever paid them."""
    return sum(amounts.get(kind, 0) for kind in CONSUMPTION_KINDS)


def cash_sales_fen(receipts: Mapping[str, int]) -> int:
    """Cash sales of 4.5 from amounts by tender, refunds being negative amounts among them."""
    return sum(receipts.get(tender, 0) for tender in Tender)


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
