"""Workbooks that we write: nothing in them runs, cells keep their kind (X-01, X-02, X-03)."""

import csv
import io
import zipfile
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from shared.forms import workbook
from shared.forms.cells import Cell
from shared.forms.workbook import Head

HOSTILE = [
    "=1+1",
    "+1",
    "-x",
    "@SUM(A1)",
    "\t=1",
    "＝1",
    "＋1",
    "－1",
    "＠1",
    "'=1",
    'a",=1',
    "x\n=1",
]
HEADS = [Head(text="=名称"), Head(text="金额", kind="money"), Head(text="日", kind="day")]


def written(file_format: workbook.FileFormat, *rows: list[Cell]) -> bytes:
    out = io.BytesIO()
    assert workbook.write(out, file_format, "x", HEADS, rows) == len(rows)
    return out.getvalue()


def test_texts_of_a_csv_file_cannot_run() -> None:
    content = written("CSV", *([text, None, None] for text in HOSTILE))
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[0][0] == "'=名称"
    for text, row in zip(HOSTILE, rows[1:], strict=True):
        is_safe = row[0][:1] not in "=+-@\t\r＝＋－＠"
        assert is_safe, text


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_of_a_workbook_are_strings(text: str) -> None:
    content = written("XLSX", [text, None, None])
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
    cell = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]["A2"]
    assert (cell.data_type, cell.hyperlink) == ("s", None)


def test_numbers_stay_numbers_and_phones_stay_texts() -> None:
    content = written("XLSX", ["+8613812345678", Decimal("-1234.50"), date(2025, 6, 10)])
    row = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0][2]
    assert [cell.value for cell in row][:2] == ["+8613812345678", -1234.5]
    assert (row[1].number_format, row[2].number_format) == ("#,##0.00", "yyyy-mm-dd")
    plain = written("CSV", ["+8613812345678", Decimal("-1234.50"), date(2025, 6, 10)])
    last = list(csv.reader(io.StringIO(plain.decode("utf-8-sig"))))[1]
    assert last == ["'+8613812345678", "-1234.50", "2025-06-10"]
