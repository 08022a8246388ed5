"""What a receipt, its lines, its money and a cash day may be, and what they are called.

Form: F08; the money words of specification 4.5.
"""

from enum import StrEnum


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
