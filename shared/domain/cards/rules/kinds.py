"""What a card, its state and its entries may be, and what they are called.

Form: specification 4.5.
"""

from enum import StrEnum

MAX_SESSIONS = 999
MAX_MONTHS = 120
PRODUCT = "PRODUCT"  # the category of items that are handed over, not performed


class CardKind(StrEnum):
    """Money paid ahead, or sessions of one item paid ahead."""

    STORED = "STORED"
    PACKAGE = "PACKAGE"


class CardState(StrEnum):
    """Only an ACTIVE card pays; a SPENT stored-value card lives again when it is topped up."""

    ACTIVE = "ACTIVE"
    FROZEN = "FROZEN"
    SPENT = "SPENT"
    EXPIRED = "EXPIRED"
    REFUNDED = "REFUNDED"


class EntryKind(StrEnum):
    """What happened to a card; each is one row that stands for ever."""

    ISSUE = "ISSUE"
    TOPUP = "TOPUP"
    DEDUCT = "DEDUCT"
    GIFT_SESSION = "GIFT_SESSION"
    REVERSAL = "REVERSAL"
    TRANSFER_OUT = "TRANSFER_OUT"
    TRANSFER_IN = "TRANSFER_IN"
    FREEZE = "FREEZE"
    RELEASE = "RELEASE"
    EXPIRE = "EXPIRE"
    WRITE_OFF = "WRITE_OFF"
    REFUND = "REFUND"


class RefundRule(StrEnum):
    """How a tenant reckons what goes back (specification 4.5 is PAID)."""

    PAID = "PAID"
    LIST = "LIST"


# code -> (中文, English)
KIND_LABELS: dict[CardKind, tuple[str, str]] = {
    CardKind.STORED: ("储值卡", "Stored-value card"),
    CardKind.PACKAGE: ("疗程卡", "Package card"),
}
STATE_LABELS: dict[CardState, tuple[str, str]] = {
    CardState.ACTIVE: ("可用", "Active"),
    CardState.FROZEN: ("已冻结", "Frozen"),
    CardState.SPENT: ("已用完", "Spent"),
    CardState.EXPIRED: ("已到期", "Expired"),
    CardState.REFUNDED: ("已退卡", "Refunded"),
}
ENTRY_LABELS: dict[EntryKind, tuple[str, str]] = {
    EntryKind.ISSUE: ("开卡", "Issued"),
    EntryKind.TOPUP: ("充值", "Topped up"),
    EntryKind.DEDUCT: ("划卡", "Deducted"),
    EntryKind.GIFT_SESSION: ("赠送次数", "Gift session"),
    EntryKind.REVERSAL: ("冲正", "Reversed"),
    EntryKind.TRANSFER_OUT: ("转出", "Transferred out"),
    EntryKind.TRANSFER_IN: ("转入", "Transferred in"),
    EntryKind.FREEZE: ("冻结", "Frozen"),
    EntryKind.RELEASE: ("解冻", "Released"),
    EntryKind.EXPIRE: ("到期", "Expired"),
    EntryKind.WRITE_OFF: ("核销余额", "Written off"),
    EntryKind.REFUND: ("退卡", "Refunded"),
}
RULE_LABELS: dict[RefundRule, tuple[str, str]] = {
    RefundRule.PAID: ("按实付单价", "By the price paid"),
    RefundRule.LIST: ("按门市价", "By list prices"),
}
DEDUCTIONS = (EntryKind.DEDUCT, EntryKind.GIFT_SESSION)
