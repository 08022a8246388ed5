"""What happens at the till, and what imports ask for."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from shared.events.messages import Fact, Queue, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleRecorded(Fact):
    """A sale or refund was rung up; its day and perhaps other days are marked as changed."""

    wire: ClassVar[str] = "sales.sale_recorded"
    sale_id: int
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CashDayClosed(Fact):
    """A cash day was counted and signed by two people."""

    wire: ClassVar[str] = "sales.cash_day_closed"
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsImported(Fact):
    """A file has been imported to its end; the days it touched are marked as changed."""

    wire: ClassVar[str] = "sales.rows_imported"
    run_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchCashDays(Request):
    """Tell of days that nobody has closed by the next noon (J10)."""

    wire: ClassVar[str] = "sales.watch_cash_days"
    day: date

    def uniq(self) -> str:
        """One waiting look a day."""
        return self.day.isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRows(Request):
    """Import the next rows of a file; asks for itself again until none is left."""

    wire: ClassVar[str] = "sales.import_rows"
    queue: ClassVar[Queue] = "bulk"
    run_id: int

    def uniq(self) -> str:
        """One waiting request per file."""
        return str(self.run_id)
