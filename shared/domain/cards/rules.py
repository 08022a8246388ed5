"""What a card is worth, session by session and fen by fen, and how its entries hang together.

Form: specification 4.5; G-PKG-1, G-CARD-1.
Units: `_fen` is whole fen. The principal of a package is the paid money that its unused paid
    sessions stand for; gift sessions and bonus money are worth nothing.
"""

import functools
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from shared import days

MAX_FEN = 100_000_000_00
MAX_SESSIONS = 999
MAX_MONTHS = 120
PRODUCT = "PRODUCT"  # the category of items that are handed over, not performed
NO_HASH = bytes(32)  # what stands before a card's first entry


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Balances:
    """What a card holds at one moment."""

    principal_fen: int = 0
    bonus_fen: int = 0
    paid: int = 0
    gift: int = 0

    @property
    def sessions(self) -> int:
        """Count the sessions left, paid and given."""
        return self.paid + self.gift

    @property
    def money_fen(self) -> int:
        """Give what a stored-value card can pay."""
        return self.principal_fen + self.bonus_fen

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left of any kind."""
        return self == Balances()


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Who takes something off a card, when, and under whose signature.

    Shape: `key` was made by the caller: the same again gives the first entry. `sign` is the guest's
        signature, an attachment. `source` is what it belongs to, such as `F05-202506-0003`.
    """

    key: UUID
    by_id: UUID | None  # empty for a job
    day: date
    now: datetime
    sign: UUID | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """What would go back for a card, read both ways; `rule` is the tenant's."""

    paid_fen: int  # money the guest paid in all
    used_fen: int  # value of what was used, by the price paid
    used_list_fen: int  # the same at list prices, gifts and bonus included
    by_paid_fen: int
    by_list_fen: int
    rule: RefundRule

    @property
    def refund_fen(self) -> int:
        """Give the amount by the tenant's rule."""
        return self.by_paid_fen if self.rule == RefundRule.PAID else self.by_list_fen


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Everything an entry says that nobody may ever change, as it is hashed."""

    card_id: int
    seq: int
    kind: str
    key: UUID
    business_date: date
    at: datetime
    by_id: UUID | None
    approver_id: UUID | None
    sign: UUID | None
    second_sign: UUID | None
    item_id: int | None
    category: str | None
    quantity: int
    before: Balances
    after: Balances
    value_fen: int
    cost_fen: int
    list_fen: int
    source: str | None
    reverses: int | None


def package_values(price_fen: int, paid: int, gift: int) -> list[int]:
    """Give the value of each session of a package, in the order they are used.

    Units: price ÷ paid sessions in whole fen, the last paid one takes the rounding rest; gifts 0.
    """
    left, values = Balances(principal_fen=price_fen, paid=paid, gift=gift), []
    while left.sessions:
        after = after_session(left, unit_fen=unit_fen(price_fen, paid))
        values.append(left.principal_fen - after.principal_fen)
        left = after
    return values


def unit_fen(price_fen: int, paid: int) -> int:
    """Give what one paid session is worth, the last one apart; 0 where none is paid."""
    return price_fen // paid if paid else 0


def after_session(before: Balances, *, unit_fen: int) -> Balances:
    """Use one session, a paid one first; the last paid one takes all the money that is left."""
    if not before.paid:
        return Balances(
            principal_fen=before.principal_fen, bonus_fen=before.bonus_fen, gift=before.gift - 1
        )
    value_fen = before.principal_fen if before.paid == 1 else unit_fen
    return Balances(
        principal_fen=before.principal_fen - value_fen,
        bonus_fen=before.bonus_fen,
        paid=before.paid - 1,
        gift=before.gift,
    )


def after_payment(before: Balances, amount_fen: int) -> Balances:
    """Pay by stored value: principal first, then bonus."""
    principal_fen = min(amount_fen, before.principal_fen)
    return Balances(
        principal_fen=before.principal_fen - principal_fen,
        bonus_fen=before.bonus_fen - (amount_fen - principal_fen),
        paid=before.paid,
        gift=before.gift,
    )


def total(several: Iterable[Balances]) -> Balances:
    """Add balances up."""
    return functools.reduce(plus, several, Balances())


def plus(one: Balances, other: Balances) -> Balances:
    """Add two balances."""
    return Balances(
        principal_fen=one.principal_fen + other.principal_fen,
        bonus_fen=one.bonus_fen + other.bonus_fen,
        paid=one.paid + other.paid,
        gift=one.gift + other.gift,
    )


def undone(now: Balances, *, before: Balances, after: Balances) -> Balances:
    """Give back what a step from `before` to `after` took."""
    return Balances(
        principal_fen=now.principal_fen + before.principal_fen - after.principal_fen,
        bonus_fen=now.bonus_fen + before.bonus_fen - after.bonus_fen,
        paid=now.paid + before.paid - after.paid,
        gift=now.gift + before.gift - after.gift,
    )


def readings(*, paid_fen: int, used_list_fen: int, left: Balances, rule: RefundRule) -> Readings:
    """Reckon a refund both ways.

    By the price paid: what the unused paid sessions, or the unused principal, were paid with. By
    list prices: the price paid less what was used at list price, never below 0, and never more
    than is left of the money.
    """
    by_list_fen = max(0, min(paid_fen - used_list_fen, left.principal_fen))
    return Readings(
        paid_fen=paid_fen,
        used_fen=paid_fen - left.principal_fen,
        used_list_fen=used_list_fen,
        by_paid_fen=left.principal_fen,
        by_list_fen=by_list_fen,
        rule=rule,
    )


def valid_until(day: date, months: int | None) -> date | None:
    """Give the last day of a card bought on a day; without months it has no end.

    Units: the day before the same day of a later month; the month's last day where it has no such.
    """
    if months is None:
        return None
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = days.last_day(date(year, month + 1, 1))
    return last if day.day > last.day else last.replace(day=day.day) - timedelta(days=1)


def is_over(last: date | None, day: date) -> bool:
    """Tell whether a card's last day is over."""
    return last is not None and last < day


def later(one: date | None, other: date | None) -> date | None:
    """Give the later of two last days; no end is later than any."""
    return None if one is None or other is None else max(one, other)


def state_after(kind: EntryKind, before: CardState, after: Balances) -> CardState:
    """Say where a card stands after an entry."""
    fixed = {
        EntryKind.FREEZE: CardState.FROZEN,
        EntryKind.EXPIRE: CardState.EXPIRED,
        EntryKind.REFUND: CardState.REFUNDED,
        EntryKind.TRANSFER_OUT: CardState.SPENT,
    }
    if kind in fixed:
        return fixed[kind]
    if before in (CardState.FROZEN, CardState.EXPIRED) and kind != EntryKind.RELEASE:
        return before
    return CardState.SPENT if after.is_empty else CardState.ACTIVE


def yuan(fen: int) -> str:
    """Write an amount for a text: `1234.50`."""
    return f"{fen // 100}.{fen % 100:02d}"


def entry_hash(content: Content, previous: bytes) -> bytes:
    """Chain an entry to the one before it: SHA-256 over all it says and that one's hash.

    Shape: free words are left out, so that erasing them breaks no chain.
    """
    parts: Sequence[object] = (
        content.card_id, content.seq, content.kind, content.key, content.business_date,
        content.at.astimezone(UTC).isoformat(timespec="microseconds"),
        content.by_id, content.approver_id, content.sign, content.second_sign,
        content.item_id, content.category, content.quantity,
        *_numbers(content.before), *_numbers(content.after),
        content.value_fen, content.cost_fen, content.list_fen,
        content.source, content.reverses, previous.hex(),
    )  # fmt: skip
    said = "\x1f".join("" if part is None else str(part) for part in parts)
    return hashlib.sha256(said.encode()).digest()


def _numbers(one: Balances) -> tuple[int, int, int, int]:
    return one.principal_fen, one.bonus_fen, one.paid, one.gift
