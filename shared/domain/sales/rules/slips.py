"""Receipts, refunds, payments and corrections before they are recorded, and their sums.

Form: F08; the money words of specification 4.5.
Units: `_fen` is whole fen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.domain.sales.rules.kinds import LineKind, Purpose, Source, Tender

MAX_QUANTITY = 9_999
REFUND_LIMIT_FEN = 200_00  # above it a second person agrees (specification 10: refund_limit)
PAY_OUT_LIMIT_FEN = 200_00  # above it a payment names its approver (F08)


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
