"""Tables of cells that people send and get: CSV and XLSX in, the same out again.

Shape: cells are texts; a row keeps the line it has in the file, so that reasons find it again.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import xlsxwriter  # type: ignore[import-untyped]

from shared import errors
from shared.forms import xlsx

MAX_BYTES = 20_000_000
MAX_ROWS = 200_000
MAX_COLUMNS = 256
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,10})?", re.ASCII)
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠'")

FileFormat = Literal["CSV", "XLSX"]
Row = tuple[int, list[str]]


class FileRefused(errors.Invalid):
    """This file cannot be read as a table."""

    zh = "无法读取该文件"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A header and rows as they stand in a file.

    Shape: `rows` are (line number in the file, cells), one cell per column, no blank lines.
    """

    file_format: FileFormat
    columns: tuple[str, ...]
    rows: list[Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTable:
    """A table whose rows are read as they are asked for; `rows` raises FileRefused as well."""

    file_format: FileFormat
    columns: tuple[str, ...]
    rows: Iterator[Row]


def read_table(file_name: str, content: bytes) -> Table:
    """Read a CSV (UTF-8, UTF-16 with its mark, GB18030) or XLSX file, its first sheet.

    Raises: FileRefused when it is too large, broken, dangerous, or no table.
    """
    found = open_table(file_name, content)
    return Table(file_format=found.file_format, columns=found.columns, rows=list(found.rows))


def open_table(file_name: str, content: bytes) -> OpenTable:
    """Begin to read a file, as `read_table` does: its header now, its rows one after the other.

    Raises: FileRefused.
    """
    file_format = check_file(file_name, content)
    numbered = _numbered(content, file_format)
    _, header = next(numbered, (1, []))
    columns = tuple(header[: max((n for n, name in enumerate(header, 1) if name), default=0)])
    if not columns:
        raise refused("REQUIRED", "文件是空的", "the file is empty")
    rows = _rows(numbered, len(columns))
    return OpenTable(file_format=file_format, columns=columns, rows=rows)


def check_file(file_name: str, content: bytes) -> FileFormat:
    """Say what a file is, by its name and its first bytes, without reading it.

    Raises: FileRefused when it is too large, or not what its name says.
    """
    if len(content) > MAX_BYTES:
        raise refused("RANGE", f"文件超过 {MAX_BYTES // 10**6} MB", "the file is too large")
    is_xlsx = content[:4] == b"PK\x03\x04"
    if file_name.lower().endswith((".xlsx", ".xlsm")) != is_xlsx:
        raise refused("TYPE", "扩展名与内容不符", "the file is not what its name says")
    return "XLSX" if is_xlsx else "CSV"


def write_table(table: Table) -> bytes:
    """Write a table in its own format, so that nothing in it runs as a formula."""
    return _xlsx_bytes(table) if table.file_format == "XLSX" else _csv_bytes(table)


def refused(code: str, zh: str, en: str, *, field: str = "file") -> FileRefused:
    """Say why a file is refused."""
    return FileRefused(problems=(errors.problem(field, code, zh=zh, en=en),))


def guarded(cell: str) -> str:
    """Keep a spreadsheet from running a text of a CSV file as a formula; numbers stay numbers."""
    return f"'{cell}" if cell[:1] in _FORMULA and cell and not _NUMBER.fullmatch(cell) else cell


def unguarded(cell: str) -> str:
    """Take away what `guarded` put in front."""
    return cell[1:] if len(cell) > 1 and cell[0] == "'" and cell[1] in _FORMULA else cell


def _csv_lines(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    if "\0" in text:
        raise UnicodeError("NUL")
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    watched = _Watched(io.StringIO(text, newline=""), delimiter)
    for cells in csv.reader(watched, delimiter=delimiter, strict=True):
        watched.begin_row()
        if len(cells) > MAX_COLUMNS:
            raise csv.Error("too many columns")
        yield [unguarded(cell.strip()) for cell in cells]


class _Watched:
    """Lines of a CSV file; one row of a million cells is refused before it is made."""

    MOST = 10_000  # delimiters of one row, those within its texts included

    def __init__(self, lines: Iterable[str], delimiter: str) -> None:
        self._lines, self._delimiter = iter(lines), delimiter
        self.begin_row()

    def begin_row(self) -> None:
        self._left = self.MOST

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._left -= line.count(self._delimiter)
        if self._left < 0:
            raise csv.Error("too many columns")
        return line


def _decoded(content: bytes) -> str:
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content.decode(encoding)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def _numbered(content: bytes, file_format: FileFormat) -> Iterator[Row]:
    """Give the lines that are not blank, under their numbers."""
    is_xlsx = file_format == "XLSX"
    try:
        lines = xlsx.read(content, max_rows=MAX_ROWS + 1) if is_xlsx else _csv_lines(content)
        yield from ((number, cells) for number, cells in enumerate(lines, 1) if any(cells))
    except xlsx.Unsafe as unsafe:
        raise refused("TYPE", "文件已损坏或含有不安全内容", str(unsafe)) from unsafe
    except (csv.Error, UnicodeError) as error:
        raise refused("TYPE", "不是有效的文本表格", "not a readable table of text") from error


def _rows(numbered: Iterator[Row], width: int) -> Iterator[Row]:
    for count, (number, cells) in enumerate(numbered, 1):
        if any(cells[width:]):
            en = f"line {number} has more cells than the header"
            raise refused("TYPE", f"第 {number} 行的列数多于表头", en)
        if count > MAX_ROWS:
            raise refused("RANGE", f"超过 {MAX_ROWS} 行", f"more than {MAX_ROWS} rows")
        yield number, [*cells[:width], *[""] * (width - len(cells))]


def _csv_bytes(table: Table) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    for cells in _all_lines(table):
        writer.writerow([guarded(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig")  # the mark tells a spreadsheet that it is UTF-8


def _xlsx_bytes(table: Table) -> bytes:
    out = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate(_all_lines(table)):
            for column, cell in enumerate(cells):
                if _NUMBER.fullmatch(cell):
                    sheet.write_number(number, column, float(cell))
                else:
                    sheet.write_string(number, column, cell)
    return out.getvalue()


def _all_lines(table: Table) -> Iterator[Sequence[str]]:
    yield table.columns
    for _, cells in table.rows:
        yield cells


def header_key(name: str) -> str:
    """Bring a header into one form: `金额（元）` and ` 金额 ` are the same column."""
    plain = unicodedata.normalize("NFKC", name).strip().casefold()
    return re.sub(r"\s*\(.*\)$", "", plain)
