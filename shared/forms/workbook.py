"""Write workbooks and CSV files: typed cells, nothing that runs as a formula, row after row.

Shape: the first sheet has the rows, as readers expect; sheets of plain text follow; a hidden one
    has what drop-down lists offer.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO, Literal

import xlsxwriter  # type: ignore[import-untyped]

from shared.forms.cells import Cell, Kind, as_read
from shared.forms.tables import guarded

FileFormat = Literal["CSV", "XLSX"]
TYPES: dict[FileFormat, str] = {
    "CSV": "text/csv; charset=utf-8",
    "XLSX": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
LIST_ROWS = 5_000  # of an empty workbook have their drop-down lists

_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
_FORMATS: dict[Kind, str] = {
    "text": "@", "whole": "0", "money": "#,##0.00", "ratio": "0.0000",
    "day": "yyyy-mm-dd", "moment": "yyyy-mm-dd hh:mm",
}  # fmt: skip
_WIDTHS: dict[Kind, int] = {
    "text": 14, "whole": 9, "money": 13, "ratio": 10, "day": 12, "moment": 17
}  # fmt: skip
_TITLE, _MESSAGE = 32, 250  # what a spreadsheet shows beside a cell at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """One column: its header, what its cells are, and what an empty one offers to choose."""

    text: str
    kind: Kind = "text"
    is_required: bool = False
    is_wide: bool = False
    choices: Sequence[str] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet of texts beside the rows, such as what the columns mean; its first line is bold."""

    name: str
    lines: Sequence[Sequence[str]]
    widths: Sequence[int] = (24, 60)


def write(
    out: BinaryIO, file_format: FileFormat, name: str, heads: Sequence[Head],
    rows: Iterable[Sequence[Cell]], sheets: Callable[[int], Sequence[Sheet]] = lambda rows: (),
) -> int:  # fmt: skip
    """Write rows under their headers; give how many there were.

    Shape: `name` of the first sheet; `sheets` makes those beside it, knowing how many rows there
        were; a CSV file has the rows alone.
    """
    if file_format == "CSV":
        return _write_csv(out, heads, rows)
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        count = _Rows(book, name, heads).write(rows)
        _write_sheets(book, sheets(count))
    return count


def write_blank(out: BinaryIO, name: str, heads: Sequence[Head], sheets: Sequence[Sheet]) -> None:
    """Write an empty workbook whose columns help whoever fills it in."""
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        rows = _Rows(book, name, heads)
        rows.write([])
        _write_sheets(book, sheets)
        rows.offer()


def _write_csv(out: BinaryIO, heads: Sequence[Head], rows: Iterable[Sequence[Cell]]) -> int:
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow([guarded(head.text) for head in heads])
    count = 0
    for row in rows:
        count += 1
        writer.writerow([guarded(_csv_text(cell)) for cell in row])
    text.detach()
    return count


def _csv_text(cell: Cell) -> str:
    return f"{cell:.2f}" if isinstance(cell, Decimal) else as_read(cell)


class _Rows:
    """The first sheet."""

    def __init__(self, book: Any, name: str, heads: Sequence[Head]) -> None:
        self._book, self._heads = book, heads
        self._sheet = book.add_worksheet(name)
        self._formats = {
            kind: book.add_format({"num_format": code, "valign": "top"})
            for kind, code in _FORMATS.items()
        }
        self._wrapped = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
        plain = {"bold": True, "bottom": 1, "valign": "vcenter", "text_wrap": True}
        header = book.add_format({**plain, "bg_color": "#ECECEC"})
        needed = book.add_format({**plain, "bg_color": "#F7E3DC"})
        self._sheet.set_row(0, 32)
        for column, head in enumerate(heads):
            width = (
                40 if head.is_wide else max(_WIDTHS[head.kind], min(24, _breadth(head.text) + 3))
            )
            self._sheet.set_column(column, column, width, self._format(head))
            self._sheet.write_string(0, column, head.text, needed if head.is_required else header)

    def write(self, rows: Iterable[Sequence[Cell]]) -> int:
        count, formats = 0, [self._format(head) for head in self._heads]
        for count, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                if cell is not None:
                    self._write_cell(count, column, cell, formats[column])
        self._sheet.freeze_panes(1, min(1, len(self._heads) - 1))
        self._sheet.autofilter(0, 0, max(count, 1), len(self._heads) - 1)
        return count

    def offer(self) -> None:
        """Put drop-down lists and hints into the empty rows."""
        lists = self._book.add_worksheet("lists")
        lists.hide()
        for column, head in enumerate(self._heads):
            rule: dict[str, Any] = {"validate": "any", "ignore_blank": True}
            if head.choices:
                letter = xlsxwriter.utility.xl_col_to_name(column)
                source = f"=lists!${letter}$1:${letter}${len(head.choices)}"
                rule = {"validate": "list", "source": source, "error_type": "stop"}
            if head.hint:
                rule |= {"input_title": head.text[:_TITLE], "input_message": head.hint[:_MESSAGE]}
            if len(rule) > 2:
                self._sheet.data_validation(1, column, LIST_ROWS, column, rule)
        for row in range(max((len(head.choices) for head in self._heads), default=0)):
            for column, head in enumerate(self._heads):
                if row < len(head.choices):
                    lists.write_string(row, column, head.choices[row])

    def _format(self, head: Head) -> Any:
        return self._wrapped if head.is_wide else self._formats[head.kind]

    def _write_cell(self, row: int, column: int, cell: Cell, style: Any) -> None:
        if isinstance(cell, str):
            self._sheet.write_string(row, column, cell, style)
        elif isinstance(cell, (date, datetime)):
            self._sheet.write_datetime(row, column, cell, style)
        else:
            self._sheet.write_number(row, column, cell, style)


def _write_sheets(book: Any, sheets: Sequence[Sheet]) -> None:
    bold = book.add_format({"bold": True, "valign": "top", "text_wrap": True})
    plain = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
    for sheet in sheets:
        made = book.add_worksheet(sheet.name)
        for column, width in enumerate(sheet.widths):
            made.set_column(column, column, width)
        for row, line in enumerate(sheet.lines):
            for column, text in enumerate(line):
                made.write_string(row, column, text, plain if row else bold)


def _breadth(text: str) -> int:
    return sum(1 if char.isascii() else 2 for char in text)
