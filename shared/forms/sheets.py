"""Workbooks of reports: sheets of lines as they stand on paper, ready to be printed on A4.

Shape: a cell is a text, a whole number, a day, `Money` or `Rate`; nothing in it runs as a formula.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Literal

import xlsxwriter  # type: ignore[import-untyped]

from shared.forms.texts import decimal_text

Manner = Literal["title", "note", "head", "row", "total"]
_FORMATS = {
    "money": "#,##0.00;[Red]-#,##0.00",
    "rate": "0.00%",
    "ratio": "#,##0.0000",
    "whole": "#,##0",
    "day": "yyyy-mm-dd",
    "text": "@",
}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in fen; the sheet shows yuan."""

    fen: int | None


@dataclass(frozen=True, slots=True)
class Exact:
    """An exact number, rounded once, half up; `kind` says how it is shown; none is a dash."""

    value: Fraction | None
    kind: Literal["money", "rate", "ratio"] = "rate"


Cell = str | int | date | Money | Exact | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet: its lines with their manner, how wide the columns are in characters."""

    name: str
    widths: Sequence[int]
    lines: Sequence[tuple[Manner, Sequence[Cell]]]
    is_landscape: bool = False


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """Write the sheets as an XLSX file."""
    out = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(out, options) as book:
        for sheet in sheets:
            _write(book, sheet)
    return out.getvalue()


def _write(book: Any, sheet: Sheet) -> None:
    page = book.add_worksheet(sheet.name[:31])
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.set_margins(0.5, 0.5, 0.6, 0.6)
    page.set_footer("&L&F&R&P / &N")
    if sheet.is_landscape:
        page.set_landscape()
    for column, width in enumerate(sheet.widths):
        page.set_column(column, column, width)
    formats: dict[tuple[str, str], Any] = {}
    for number, (manner, cells) in enumerate(sheet.lines):
        for column, cell in enumerate(cells):
            kind, value = _value(cell)
            key = (manner, kind)
            if key not in formats:
                formats[key] = book.add_format(_style(manner, kind))
            if kind == "text":
                page.write_string(number, column, value, formats[key])
            elif kind == "day":
                page.write_datetime(number, column, value, formats[key])
            else:
                page.write_number(number, column, value, formats[key])


def _value(cell: Cell) -> tuple[str, Any]:
    if isinstance(cell, Money):
        return ("text", "—") if cell.fen is None else ("money", cell.fen / 100)
    if isinstance(cell, Exact):
        if cell.value is None:
            return "text", "—"
        return cell.kind, float(decimal_text(cell.value, places=2 if cell.kind == "money" else 4))
    if isinstance(cell, date):
        return "day", cell
    if isinstance(cell, int):
        return "whole", cell
    return "text", cell or ""


def _style(manner: Manner, kind: str) -> dict[str, Any]:
    style: dict[str, Any] = {"num_format": _FORMATS[kind], "font_size": 10, "valign": "vcenter"}
    if kind == "text":
        style["align"] = "left"
    if manner == "title":
        style |= {"bold": True, "font_size": 16}
    elif manner == "note":
        style |= {"font_color": "#555555", "font_size": 9}
    else:
        style |= {"border": 1, "border_color": "#777777"}
    if manner == "head":
        style |= {"bold": True, "bg_color": "#EEEEEE", "text_wrap": True}
    if manner == "total":
        style |= {"bold": True, "top": 2}
    return style
