"""What the demo chain is made of, as plain values.

Units: `_fen` is whole fen; `growth_rate` is per month; `price_level` multiplies the list prices.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Kind = Literal["DIRECT", "FRANCHISED"]
Habits = Literal["china", "overseas"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StorePlan:
    """One store of the chain: what its file says, and how it does."""

    code: str
    slug: str
    name: str
    region: str
    kind: Kind
    city_tier: str
    size_class: str
    time_zone: str
    opened_on: date
    visits_a_month: int
    growth_rate: float = 0.005
    price_level: float = 1.0
    shut_weekdays: tuple[int, ...] = ()  # 1 Monday .. 7 Sunday
    habits: Habits = "china"
    short_weekdays: tuple[int, ...] = ()  # the drawer lacks money on these: one person's shifts
    rent_fen: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoItem:
    """One thing on the price list, before the store's price level."""

    code: str
    name: str
    category: str
    price_fen: int
    cost_fen: int
    weight: int
    on_sale_from: date | None = None  # None: always
    on_sale_to: date | None = None


@dataclass(slots=True, kw_only=True)
class Guest:
    """One customer of one store."""

    number: str
    name: str
    phone: str
    habit: str  # a key of guests.HABITS
    favourite: str  # an item's code
    visits: int = 0


@dataclass(frozen=True, slots=True)
class DemoLine:
    """One item on a receipt."""

    item: DemoItem
    quantity: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class DemoReceipt:
    """One receipt of a day; `number` is the one printed on paper."""

    number: str
    day: date
    guest: Guest
    lines: tuple[DemoLine, ...]
    tender: str

    @property
    def total_fen(self) -> int:
        """Add up the lines."""
        return sum(line.amount_fen for line in self.lines)


@dataclass(frozen=True, slots=True)
class DemoPayment:
    """Money taken out of the drawer."""

    purpose: str
    payee: str
    amount_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoDrawer:
    """What happened at the drawer on a day besides receipts.

    Units: `variance_fen` is counted - book.
    """

    day: date
    payments: tuple[DemoPayment, ...]
    is_banking_day: bool
    variance_fen: int
    variance_reason: str | None
    cashier: int  # which of the two front desks counts
    is_signed: bool = True  # the manager has closed the day


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreStory:
    """All of one store: its files, what happened, what it cost.

    Shape: `costs` month -> cost kind -> fen, finished months only.
    """

    plan: StorePlan
    items: tuple[DemoItem, ...]
    receipts: tuple[DemoReceipt, ...]
    shut_days: dict[date, str]
    drawers: tuple[DemoDrawer, ...]
    costs: dict[date, dict[str, int]] = field(default_factory=dict)
