"""What slips and cards say of each day, added up here row by row: no statement of the product sums.

Shape: as `inputs.day_rows` gives what is stored, so that both can be compared.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.domain.reporting.queries.inputs import DayRows

_SALES = text("SELECT id, business_date AS day, kind, customer_id, total_fen FROM sales")
_LINES = text("SELECT sale_id, kind, category, quantity, amount_fen, cost_fen FROM sale_lines")
_TENDERS = text("SELECT sale_id, tender, amount_fen FROM sale_tenders")
_ENTRIES = text(
    """
    SELECT e.card_id, e.seq, e.business_date AS day, c.customer_id, e.kind, e.category, e.quantity,
           e.value_fen, e.cost_fen, e.reverses, e.principal_after_fen AS after_fen,
           e.principal_after_fen - e.principal_before_fen AS moved_fen
    FROM card_entries e JOIN cards c ON c.id = e.card_id ORDER BY e.card_id, e.seq
    """
)
_TURNOVER = ("SINGLE", "PRODUCT")
_MOVED = {"TOPUP": "topups", "PACKAGE": "packages"}
_TOTALS = (
    "visits", "receipts", "new", "turnover", "consumption", "product", "cash", "refunds", "topups",
    "packages", "prepaid",
)  # fmt: skip
_ITEMS = ("quantity", "turnover", "consumption", "cost")


class Slips:
    """All slips of a store, and their sums."""

    def __init__(self, session: Session) -> None:
        self.sales = {row.id: row for row in session.execute(_SALES)}
        self.lines = session.execute(_LINES).all()
        self.tenders = session.execute(_TENDERS).all()
        self.entries = session.execute(_ENTRIES).all()
        self.totals: defaultdict[date, Counter[str]] = defaultdict(Counter)
        self.items: defaultdict[tuple[date, str], Counter[str]] = defaultdict(Counter)
        self.money: Counter[tuple[date, str]] = Counter()
        self._add_receipts()
        self._add_cards()
        self._add_people()

    def rows(self) -> DayRows:
        """Give the days' rows without those that say nothing."""
        found: DayRows = {}
        for (day, category), sums in sorted(self.items.items()):
            _add(found, day, "categories", (category,), (sums[name] for name in _ITEMS))
        for day, sums in sorted(self.totals.items()):
            _add(found, day, "totals", (), (sums[name] for name in _TOTALS))
        for (day, tender), fen in sorted(self.money.items()):
            _add(found, day, "tenders", (tender,), (fen,))
        return found

    def held_fen(self) -> int:
        """Sum what all cards hold, by the last entry of each."""
        return sum({one.card_id: one.after_fen for one in self.entries}.values())

    def _add_receipts(self) -> None:
        for line in self.lines:
            day = self.sales[line.sale_id].day
            if line.category is not None:
                self.items[day, line.category]["cost"] += line.cost_fen
            if line.kind in _TURNOVER:
                self._earn(day, line.category, line.quantity, line.amount_fen)
            if name := _MOVED.get(line.kind):
                self.totals[day][name] += line.amount_fen
        for part in self.tenders:
            self.money[self.sales[part.sale_id].day, part.tender] += part.amount_fen
        for sale in self.sales.values():
            is_refund = sale.kind == "REFUND"
            self.totals[sale.day]["receipts"] += not is_refund
            self.totals[sale.day]["cash"] += sale.total_fen
            self.totals[sale.day]["refunds"] -= sale.total_fen * is_refund

    def _add_cards(self) -> None:
        for one in self.entries:
            self.totals[one.day]["prepaid"] += one.moved_fen
            if one.category is not None:
                self.items[one.day, one.category]["cost"] += one.cost_fen
                self._earn(one.day, one.category, one.quantity, one.value_fen)

    def _earn(self, day: date, category: str, quantity: int, fen: int) -> None:
        kinds = ["turnover", "product" if category == "PRODUCT" else "consumption"]
        for name in kinds:
            self.totals[day][name] += fen
            self.items[day, category][name] += fen
        self.items[day, category]["quantity"] += quantity

    def _add_people(self) -> None:
        turnover: Counter[int] = Counter()
        for line in self.lines:
            turnover[line.sale_id] += line.amount_fen * (line.kind in _TURNOVER)
        came = {
            (sale.day, sale.customer_id or f"receipt {sale.id}")
            for sale in self.sales.values()
            if sale.kind == "SALE" and turnover[sale.id] > 0
        }
        undone = {(one.card_id, one.reverses, one.day) for one in self.entries}
        came |= {
            (one.day, one.customer_id)
            for one in self.entries
            if one.kind in ("DEDUCT", "GIFT_SESSION")
            and (one.card_id, one.seq, one.day) not in undone
        }
        for day, _ in came:
            self.totals[day]["visits"] += 1
        paid: list[Any] = [
            *(one for one in self.sales.values() if one.kind == "SALE" and one.total_fen > 0),
            *(one for one in self.entries if one.kind == "DEDUCT" and one.value_fen > 0),
        ]
        first: dict[int, date] = {}
        for one in paid:
            if one.customer_id is not None:
                first[one.customer_id] = min(one.day, first.get(one.customer_id, one.day))
        for day in first.values():
            self.totals[day]["new"] += 1


def _add(
    found: DayRows, day: date, what: str, name: tuple[str, ...], values: Iterable[int]
) -> None:
    if any(numbers := tuple(values)):
        found.setdefault((day, what), []).append((*name, *numbers))
