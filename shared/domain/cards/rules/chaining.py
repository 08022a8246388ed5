"""What an entry of a card says for ever, and how entries hang together."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from shared.domain.cards.rules.worth import Balances

NO_HASH = bytes(32)  # what stands before a card's first entry


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
