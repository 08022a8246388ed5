"""Files that people send: read as they are meant, or refused before they do harm."""

import io
import zipfile

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from shared.forms import tables, xlsx
from shared.forms.tables import FileRefused, Table, read_table, write_table

SHEET = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "{body}</worksheet>"
)


def _workbook(*rows: list[object]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate(rows):
            sheet.write_row(number, 0, cells)
    return out.getvalue()


def _with_part(content: bytes, name: str, part: bytes) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for info in old.infolist():
            if info.filename != name:
                new.writestr(info, old.read(info))
        new.writestr(name, part)
    return out.getvalue()


def _with_sheet(body: str) -> bytes:
    good = _workbook(["a"], [1])
    return _with_part(good, "xl/worksheets/sheet1.xml", SHEET.format(body=body).encode())


def test_cells_of_a_workbook_are_read_as_a_person_sees_them() -> None:
    table = read_table(
        "a.xlsx", _workbook(["a", "b", "c"], [1, 0.1 + 0.2, "007"], [], [2.5, True, ""])
    )

    assert table.columns == ("a", "b", "c")
    assert table.rows == [(2, ["1", "0.3", "007"]), (4, ["2.5", "TRUE", ""])]


@pytest.mark.parametrize(
    "body",
    [
        '<sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>',
        '<sheetData><row r="1"><c r="XFD1"><v>1</v></c></row></sheetData>',
        '<sheetData><row><c r="A999999"><v>1</v></c></row></sheetData>',
        '<sheetData><row r="1"><c r="A0x"><v>1</v></c></row></sheetData>',
        f"<sheetData><row>{'<c><v>1</v></c>' * 300}</row></sheetData>",
    ],
)
def test_a_cell_in_a_far_corner_is_refused_before_reading(body: str) -> None:
    """X-05."""
    with pytest.raises(FileRefused):
        read_table("a.xlsx", _with_sheet(body))


def test_a_declared_size_beyond_measure_with_few_cells_is_read_or_refused() -> None:
    """X-05."""
    body = (
        '<dimension ref="A1:XFD1048576"/><sheetData><row r="1">'
        '<c r="A1" t="inlineStr"><is><t>a</t></is></c></row></sheetData>'
    )

    assert read_table("a.xlsx", _with_sheet(body)).columns == ("a",)


def test_a_doctype_in_any_part_is_refused() -> None:
    """X-09."""
    part = b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    utf16 = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x><x/>'.encode("utf-16")

    for evil in (part, utf16):
        with pytest.raises(FileRefused):
            read_table("a.xlsx", _with_part(_workbook(["a"]), "docProps/core.xml", evil))


def test_a_bomb_is_refused_while_unpacking() -> None:
    """X-04."""
    bomb = _with_part(_workbook(["a"]), "xl/media/image1.png", b"\0" * 30_000_000)

    with pytest.raises(xlsx.Unsafe, match="too much"):
        xlsx.check(bomb, max_rows=100)


def test_too_many_shared_strings_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """X-06."""
    monkeypatch.setitem(xlsx.MAX_ITEMS, "si", 10)
    part = f"<sst>{'<si><t>a</t></si>' * 11}</sst>".encode()

    with pytest.raises(xlsx.Unsafe, match="strings"):
        xlsx.check(_with_part(_workbook(["a"]), "xl/sharedStrings.xml", part), max_rows=9)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", b"PK\x03\x04 broken"),
        ("a.xlsx", b"date,item\n"),
        ("a.csv", _workbook(["a"])),
        ("a.csv", b""),
        ("a.csv", b"\0\1\2"),
        ("a.csv", b"\xff\xfe\x00"),
        ("a.csv", b'a,b\n"open,1\n'),
        ("a.csv", b"a," * 100_000),
        ("a.csv", b"a\n1,2\n"),
        ("a.csv", b"x" * (tables.MAX_BYTES + 1)),
        ("a.csv", b"x" * 200_000),
    ],
)
def test_what_is_no_table_is_refused(name: str, content: bytes) -> None:
    """X-07 and others: no line's end, too many columns, an open quote, too much of all."""
    with pytest.raises(FileRefused) as refused:
        read_table(name, content)

    assert refused.value.problems


def test_a_file_of_too_many_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_ROWS", 3)

    with pytest.raises(FileRefused):
        read_table("a.csv", b"a\n1\n2\n3\n4\n")


@pytest.mark.parametrize("cell", ["=1+1", "+1a", "-x", "@A", "＝1", "'quoted", "\tx"])
def test_formulas_are_disarmed_and_come_back(cell: str) -> None:
    assert tables.guarded(cell) == f"'{cell}"
    assert tables.unguarded(tables.guarded(cell)) == cell


@pytest.mark.parametrize("cell", ["-5", "-0.50", "12", "text", "", "中文"])
def test_numbers_and_plain_words_stay_as_they_are(cell: str) -> None:
    assert tables.guarded(cell) == cell


_cells = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=12)


@given(st.lists(st.lists(_cells.map(str.strip), min_size=2, max_size=2).filter(any), max_size=8))
def test_a_written_csv_reads_back_the_same(rows: list[list[str]]) -> None:
    table = Table(file_format="CSV", columns=("a", "b"), rows=list(enumerate(rows, 2)))

    assert read_table("a.csv", write_table(table)) == table


def test_headers_are_known_in_any_dress() -> None:
    assert tables.header_key(" 金额（元） ") == tables.header_key("金额") == "金额"
    assert tables.header_key("AMOUNT") == "amount"
