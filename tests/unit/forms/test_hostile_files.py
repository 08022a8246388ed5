"""Workbooks and tables made to do harm (reliability.md, group X); more stand in test_tables."""

import io
import socket
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from shared.forms import xlsx
from shared.forms.tables import FileRefused, read_table
from tests.unit.forms.test_tables import SHEET, _with_part, _with_sheet, _workbook

ROOT = Path(__file__).resolve().parents[3]
# Weighs what such files cost a fresh process of ours beyond what an ordinary one costs, MiB.
WEIGH = """
import resource
from shared.forms.tables import FileRefused, read_table
read_table("a.csv", b"a\\n1\\n")
began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for row in (b"ab,", b'"\\n",', b"a;", b'"' + b"ab\\n" * 100):
    try:
        read_table("a.csv", row * (19_000_000 // len(row)))
    except FileRefused:
        print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - began) // 1024)
"""


def refused(content: bytes, name: str = "a.xlsx") -> str:
    """Read a file that must be refused; gives the reason."""
    with pytest.raises(FileRefused) as refusal:
        read_table(name, content)
    return refusal.value.problems[0].message_en


def test_a_file_of_a_hundred_thousand_entries_is_refused() -> None:
    """X-04."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for n in range(2_001):
            made.writestr(f"{n}", b"")
    assert refused(out.getvalue()) == "the workbook has too many parts"


def test_a_size_that_lies_does_not_help_a_bomb() -> None:
    """X-04: the directory says ten bytes, thirty million come out."""
    content = bytearray(
        _with_part(_workbook(["a"]), "xl/worksheets/sheet1.xml", b"<a/>" + b" " * 30_000_000)
    )
    place = content.rfind(b"xl/worksheets/sheet1.xml") - 46
    assert content[place : place + 4] == b"PK\x01\x02"
    struct.pack_into("<I", content, place + 24, 10)
    refused(bytes(content))


def test_zips_within_zips_are_not_unpacked() -> None:
    """X-04: forty-two layers; a part is a part."""
    inner = b"\0" * 100
    for _ in range(42):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr("inner.zip", inner)
        inner = out.getvalue()
    assert refused(inner) == "the workbook cannot be read"
    assert read_table("a.xlsx", _with_part(_workbook(["a"]), "xl/x.zip", inner)).columns == ("a",)


def test_too_many_styles_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """X-06."""
    monkeypatch.setitem(xlsx.MAX_ITEMS, "xf", 30)
    styles = f"<styleSheet><cellXfs>{'<xf/>' * 31}</cellXfs></styleSheet>".encode()
    said = refused(_with_part(_workbook(["a"]), "xl/styles.xml", styles))
    assert said == "the workbook has too many strings or styles"


def test_a_table_of_one_endless_row_is_refused_in_little_memory() -> None:
    """X-07: of columns, of columns over many lines, with semicolons, of open quotes."""
    done = subprocess.run(
        [sys.executable, "-c", WEIGH], cwd=ROOT, capture_output=True, text=True, check=True
    )
    weights = [int(line) for line in done.stdout.split()]
    assert len(weights) == 4
    assert max(weights) < 200


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "x.bin"])
def test_entities_fetch_nothing_and_do_not_swell(part: str) -> None:
    """X-09: files, addresses, parameter entities and laughs in any part, whatever it is called."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/x"
        laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
        for declared in (
            '<!ENTITY a SYSTEM "file:///etc/passwd">',
            f'<!ENTITY a SYSTEM "{address}">',
            f'<!ENTITY % a SYSTEM "{address}"> %a;',
            f'<!ENTITY l0 "ha">{laughs}<!ENTITY a "&l9;">',
        ):
            evil = f'<?xml version="1.0"?><!DOCTYPE x [{declared}]><x>&a;</x>'.encode()
            said = refused(_with_part(_workbook(["a"]), part, evil))
            assert said == "the workbook has a DOCTYPE"
        with pytest.raises(BlockingIOError):
            listening.accept()


def test_a_sheet_under_another_name_is_judged_as_well() -> None:
    """X-05: a reader goes by the relations, not by `.xml`."""
    content = _workbook(["a"], [1])
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        rels = parts.read("xl/_rels/workbook.xml.rels")
    body = '<sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    moved = _with_part(content, "xl/worksheets/far.dat", SHEET.format(body=body).encode())
    rels = rels.replace(b"worksheets/sheet1.xml", b"worksheets/far.dat")
    assert "more than" in refused(_with_part(moved, "xl/_rels/workbook.xml.rels", rels))


@pytest.mark.parametrize("name", ["../../x", "/etc/x", "C:\\x", "CON", "xl\\..\\x", "a\0b", "x/"])
def test_names_of_parts_lead_nowhere(name: str, tmp_path: Path) -> None:
    """X-10: nothing is ever unpacked to a disk, so such a part is only one that nobody reads."""
    out = io.BytesIO(_workbook(["a"], [1]))
    with zipfile.ZipFile(out, "a") as made:
        link = zipfile.ZipInfo(name)
        link.external_attr = 0o120777 << 16  # a symbolic link
        made.writestr(link, "/etc/passwd")
    assert read_table("a.xlsx", out.getvalue()).rows == [(2, ["1"])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_tables_are_read_in_the_encodings_that_spreadsheets_write(
    encoding: str, delimiter: str
) -> None:
    """X-13."""
    text = f'姓名{delimiter}金额\n王丽{delimiter}"1{delimiter}5"\n'
    table = read_table("a.csv", text.encode(encoding))
    assert (table.columns, table.rows) == (("姓名", "金额"), [(2, ["王丽", f"1{delimiter}5"])])


def test_one_long_text_in_many_cells_ends_the_child_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """X-06: thirty thousand characters in three hundred cells; what comes out is limited."""
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 300))
    strings = f"{SHEET.format(body='')}".replace("worksheet", "sst").replace(
        "></sst>", f"><si><t>{'x' * 30_000}</t></si></sst>"
    )
    content = _with_part(_with_strings(cells), "xl/sharedStrings.xml", strings.encode())
    assert len(read_table("a.xlsx", content).rows) == 298
    monkeypatch.setattr(xlsx, "OUTPUT_BYTES", 1_000_000)
    assert refused(content) == "the workbook cannot be read"


def _with_strings(cells: str) -> bytes:
    return _with_sheet(f"<sheetData>{cells}</sheetData>")
