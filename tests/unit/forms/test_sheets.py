"""Workbooks of reports: numbers are numbers, texts are texts, nothing runs."""

import io
import zipfile
from datetime import date
from fractions import Fraction

from python_calamine import CalamineWorkbook

from shared.forms.sheets import Exact, Money, Sheet, workbook


def test_cells_keep_their_kind_and_no_text_is_a_formula() -> None:
    lines = [
        ("head", ["项目", "金额"]),
        ("row", ["=1+1", Money(-12_34), Exact(Fraction(1, 3)), Money(None), 7, date(2025, 6, 1)]),
        (
            "total",
            ["", Exact(Fraction(5, 2), "money"), Exact(Fraction(-1, 8), "ratio"), Money(None)],
        ),
    ]

    made = workbook([Sheet(name="F08", widths=(20, 10), lines=lines)])

    rows = CalamineWorkbook.from_filelike(io.BytesIO(made)).get_sheet_by_index(0).to_python()
    assert rows[1][:5] == ["=1+1", -12.34, 0.3333, "—", 7]
    assert rows[1][5] == date(2025, 6, 1)
    assert rows[2][:4] == ["", 2.5, -0.125, "—"]
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert 'paperSize="9"' in sheet
