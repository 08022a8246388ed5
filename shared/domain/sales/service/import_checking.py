"""Judge the receipts of a file against what the store knows: items, months, cash days."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from shared.days import month_of
from shared.domain.catalog import queries as catalog
from shared.domain.sales.queries.imports import WaitingRow
from shared.domain.sales.rules import kinds, slips
from shared.domain.sales.service.import_parsing import spoiled
from shared.domain.sales.service.import_writing import Outcome
from shared.errors import Problem, problem


@dataclass(slots=True, kw_only=True)
class Receipt:
    """The rows of a file that make one receipt.

    Shape: `rows` are the fields of `import_parsing.Parsed`.
    """

    key: UUID
    day: date
    customer: str
    paper_no: str
    line_nos: list[int] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def total_fen(self) -> int:
        """Add up the lines."""
        return sum(row["amount_fen"] for row in self.rows)

    @property
    def tenders(self) -> dict[str, int]:
        """Add up the lines by means of payment."""
        sums: dict[str, int] = {}
        for row in self.rows:
            sums[row["tender"]] = sums.get(row["tender"], 0) + int(row["amount_fen"])
        return sums

    @property
    def name(self) -> str:
        """Give the customer's name, where a line has it."""
        return next((str(row["name"]) for row in self.rows if row["name"]), "")

    @property
    def phone(self) -> str:
        """Give the customer's phone, where a line has it."""
        return next((str(row["phone"]) for row in self.rows if row["phone"]), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What the store knows, as far as these rows ask."""

    items: dict[str, catalog.Offer]
    closed_months: set[date]
    closed_days: set[date]
    today: date


def receipts_of(rows: list[WaitingRow]) -> list[Receipt]:
    """Put rows of the same receipt together, in the order of their first lines."""
    found: dict[UUID, Receipt] = {}
    for row in rows:
        receipt = found.setdefault(
            row.key,
            Receipt(
                key=row.key,
                day=date.fromisoformat(row.parsed["day"]),
                customer=row.parsed["customer"],
                paper_no=row.parsed["receipt"],
            ),
        )
        receipt.line_nos.append(row.line_no)
        receipt.rows.append(row.parsed)
    return list(found.values())


def check(receipt: Receipt, checks: Checks) -> list[Outcome]:
    """Find everything wrong with a receipt; nothing found means it can be saved.

    Shape: one BAD outcome per row; a faultless row of a bad receipt says that another one is wrong.
    """
    common = _day_problems(receipt.day, checks)
    found = [common + _item_problems(row, receipt.day, checks) for row in receipt.rows]
    if not any(found):
        return []
    return [
        Outcome(line_no=line_no, state="BAD", problems=problems or [spoiled()])
        for line_no, problems in zip(receipt.line_nos, found, strict=True)
    ]


def sale_line(row: dict[str, Any], checks: Checks) -> tuple[int, str, str, int, int, int]:
    """Make the line of a row whose receipt passed the check.

    Shape: item id, kind, category, quantity, fen, cost in fen.
    """
    item = checks.items[row["item"]]
    kind = slips.line_kind(category=item.category, asked=_asked(row))
    quantity = int(row["quantity"])
    amount_fen = int(row["amount_fen"])
    return item.id, str(kind), item.category, quantity, amount_fen, quantity * item.cost_fen


def _day_problems(day: date, checks: Checks) -> list[Problem]:
    if day > checks.today:
        return [problem("date", "FUTURE")]
    if month_of(day) in checks.closed_months:
        return [problem("date", "CLOSED_PERIOD")]
    if day in checks.closed_days:
        return [problem("date", "STATE", zh="当日现金日报已结", en="the cash day is closed")]
    return []


def _item_problems(row: dict[str, Any], day: date, checks: Checks) -> list[Problem]:
    item = checks.items.get(row["item"])
    if item is None:
        return [problem("item", "NOT_FOUND")]
    problems = []
    if not item.is_on_sale(day):
        zh, en = "该项目当日不在售", "not on sale that day"
        problems.append(problem("item", "RANGE", zh=zh, en=en))
    if slips.line_kind(category=item.category, asked=_asked(row)) is None:
        problems.append(problem("kind", "ENUM"))
    return problems


def _asked(row: dict[str, Any]) -> kinds.LineKind | None:
    return kinds.LineKind(row["kind"]) if row["kind"] else None
