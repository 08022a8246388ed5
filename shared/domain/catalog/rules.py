"""What an item is: its category, and whether it may be sold on a day."""

from datetime import date, timedelta
from enum import StrEnum


class Category(StrEnum):
    """The columns of the monthly detail: four kinds of treatment, and products beside them."""

    FACIAL = "FACIAL"
    BODY = "BODY"
    SLIMMING = "SLIMMING"
    OTHER = "OTHER"
    PRODUCT = "PRODUCT"


# code -> (中文, English), in the order the forms print them
LABELS: dict[Category, tuple[str, str]] = {
    Category.FACIAL: ("面部", "Facial"),
    Category.BODY: ("身体", "Body"),
    Category.SLIMMING: ("减肥", "Slimming"),
    Category.OTHER: ("其他", "Other"),
    Category.PRODUCT: ("产品", "Product"),
}


class SaleState(StrEnum):
    """Where an item stands on a day: its dates in one word."""

    COMING = "COMING"
    ON_SALE = "ON_SALE"
    WITHDRAWN = "WITHDRAWN"


STATE_LABELS: dict[SaleState, tuple[str, str]] = {
    SaleState.COMING: ("未上架", "Not yet on sale"),
    SaleState.ON_SALE: ("在售", "On sale"),
    SaleState.WITHDRAWN: ("已下架", "Withdrawn"),
}


def is_on_sale(*, sale_from: date, sale_to: date | None, day: date) -> bool:
    """Tell whether an item is on sale on a day.

    Units: both ends are included; without an end it stays on sale.
    """
    return sale_from <= day and (sale_to is None or day <= sale_to)


def sale_state(*, sale_from: date, sale_to: date | None, day: date) -> SaleState:
    """Say where an item stands on a day."""
    if sale_to is not None and sale_to < day:
        return SaleState.WITHDRAWN
    return SaleState.ON_SALE if sale_from <= day else SaleState.COMING


def withdrawn(*, sale_from: date, sale_to: date | None, day: date) -> tuple[date, date]:
    """Give the first and last day of an item that is no longer sold from `day` on.

    Units: the last day is the day before; an item that would first be sold on `day` or later
    keeps no day of its own and gets that last day as its first. One withdrawn earlier stays so.
    """
    eve = day - timedelta(days=1)
    last = eve if sale_to is None else min(sale_to, eve)
    return min(sale_from, last), last


SIGNED_FROM_FEN = 100_00  # F01: gifts worth this much are signed for


class HandoutKind(StrEnum):
    """F01: what is given away."""

    SAMPLE = "SAMPLE"
    GIFT = "GIFT"
    TRIAL = "TRIAL"


HANDOUT_KINDS: dict[HandoutKind, tuple[str, str]] = {
    HandoutKind.SAMPLE: ("样品", "Sample"),
    HandoutKind.GIFT: ("礼品", "Gift"),
    HandoutKind.TRIAL: ("体验护理", "Trial treatment"),
}


class HandoutReason(StrEnum):
    """F01: why it is given."""

    NEW = "NEW"
    BIRTHDAY = "BIRTHDAY"
    TOPUP = "TOPUP"
    CAMPAIGN = "CAMPAIGN"
    REFERRAL = "REFERRAL"
    COMPLAINT = "COMPLAINT"
    SUGGESTION = "SUGGESTION"


HANDOUT_REASONS: dict[HandoutReason, tuple[str, str]] = {
    HandoutReason.NEW: ("新客", "New guest"),
    HandoutReason.BIRTHDAY: ("生日", "Birthday"),
    HandoutReason.TOPUP: ("充值赠送", "Top-up"),
    HandoutReason.CAMPAIGN: ("促销活动", "Campaign"),
    HandoutReason.REFERRAL: ("转介绍", "Referral"),
    HandoutReason.COMPLAINT: ("投诉补偿", "Complaint"),
    HandoutReason.SUGGESTION: ("建议采纳", "Suggestion adopted"),
}


GIFT_LIMIT_MONTH_FEN = 200_00  # to one customer in a month (specification 10: gift_limit_month)
CONVERSION_DAYS = 30


class MoveKind(StrEnum):
    """Why a stock changed."""

    RECEIPT = "RECEIPT"
    COUNT = "COUNT"
    HANDOUT = "HANDOUT"
    SALE = "SALE"
    TREATMENT = "TREATMENT"


MOVE_KINDS: dict[MoveKind, tuple[str, str]] = {
    MoveKind.RECEIPT: ("入库", "Received"),
    MoveKind.COUNT: ("盘点", "Counted"),
    MoveKind.HANDOUT: ("派送", "Handed out"),
    MoveKind.SALE: ("销售", "Sold"),
    MoveKind.TREATMENT: ("护理用料", "Used in treatments"),
}
