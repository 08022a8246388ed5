"""Read an XLSX file that a stranger sent.

A file of 5 kB with one cell in the last corner makes the reader reserve memory for the whole sheet
and abort the process. So the parts are streamed and judged first, and then read in a child process
with a memory limit, whose death is only a refused file.
"""

import io
import json
import re
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from xml.parsers import expat

MAX_COLUMNS = 256
MAX_CELLS = 6_000_000
MAX_PARTS = 2_000
MAX_INFLATED = 200_000_000
MAX_RATIO = 200
MAX_ITEMS = {"si": 2_000_000, "xf": 70_000, "font": 70_000, "fill": 70_000, "border": 70_000}
MEMORY_BYTES = 2 << 30  # of the child
OUTPUT_BYTES = 1 << 30  # of the child: one long text may stand in millions of cells
_SMALL = 2_000_000  # below it a high ratio harms nobody
_CHUNK = 1 << 16
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})", re.ASCII)
_XML_STARTS = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<", b"\xfe\xff\0<", b"\0<")
_CHILD = Path(__file__).with_name("xlsx_child.py")
_CHILD_SECONDS = 120


class Unsafe(Exception):
    """The file is broken or dangerous; the text says what was found."""


def read(content: bytes, *, max_rows: int) -> Iterator[list[str]]:
    """Give the rows of the first sheet as texts.

    Raises: Unsafe.
    """
    check(content, max_rows=max_rows)
    return _lines(_read_by_child(content))


def _read_by_child(content: bytes) -> IO[bytes]:
    """Let the rows be written into a file: a large workbook must not grow us, nor half come out."""
    out = tempfile.TemporaryFile()  # noqa: SIM115 whoever reads the lines closes it
    try:
        child = subprocess.run(  # noqa: S603 our own script, the file goes to its input
            [sys.executable, "-I", str(_CHILD), str(MEMORY_BYTES), str(OUTPUT_BYTES)],
            input=content,
            stdout=out,
            stderr=subprocess.DEVNULL,
            timeout=_CHILD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        out.close()
        raise Unsafe("reading the workbook took too long") from error
    if child.returncode:
        out.close()
        raise Unsafe("the workbook cannot be read")
    out.seek(0)
    return out


def _lines(out: IO[bytes]) -> Iterator[list[str]]:
    with out:
        for line in out:
            yield json.loads(line)


def check(content: bytes, *, max_rows: int) -> None:
    """Judge a workbook without opening it: size when unpacked, places of cells, no DOCTYPE.

    Raises: Unsafe.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS:
                raise Unsafe("the workbook has too many parts")
            if len({part.filename for part in parts}) != len(parts):
                raise Unsafe("the workbook has a part twice")
            inflated = 0
            for part in parts:
                room = min(MAX_INFLATED, max(_SMALL, MAX_RATIO * len(content))) - inflated
                inflated += _check_part(archive, part, max_rows=max_rows, room=room)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise Unsafe("the workbook is broken or encrypted") from error
    except expat.ExpatError as error:
        raise Unsafe("the workbook is not well-formed") from error


def _check_part(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, *, max_rows: int, room: int
) -> int:
    judge, size = None, 0
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):  # counted while inflating: the header may lie
            if not size and _is_xml(part.filename, chunk):
                judge = _Judge(max_rows)
            size += len(chunk)
            if size > room:
                raise Unsafe("the workbook unpacks to too much")
            if judge is not None:
                judge.feed(chunk)
    if judge is not None and size:
        judge.feed(b"", is_last=True)
    return size


def _is_xml(name: str, beginning: bytes) -> bool:
    """Tell what has to be judged: a reader goes by what another part says, not by a name's end."""
    is_called_so = name.lower().endswith((".xml", ".rels", ".vml"))
    return is_called_so or beginning.lstrip().startswith(_XML_STARTS)


class _Judge:
    """Watches the elements of one part go by."""

    def __init__(self, max_rows: int) -> None:
        self._max_rows = max_rows
        self._cells = self._row = self._column = 0
        self._items = dict.fromkeys(MAX_ITEMS, 0)
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._element
        self._parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, chunk: bytes, *, is_last: bool = False) -> None:
        self._parser.Parse(chunk, is_last)

    def _doctype(self, *_: object) -> None:
        raise Unsafe("the workbook has a DOCTYPE")

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "c":
            self._cell(attributes.get("r"))
        elif local == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._column = 0
            if not 0 < self._row <= self._max_rows:
                raise Unsafe(f"the sheet has more than {self._max_rows} rows")
        elif local in self._items:
            self._items[local] += 1
            if self._items[local] > MAX_ITEMS[local]:
                raise Unsafe("the workbook has too many strings or styles")

    def _cell(self, place: str | None) -> None:
        self._cells += 1
        self._column += 1
        if place is not None:
            found = _PLACE.fullmatch(place)
            if found is None:
                raise Unsafe("a cell has no proper place")
            self._column = _column_number(found[1])
            if int(found[2]) > self._max_rows:
                raise Unsafe(f"the sheet has more than {self._max_rows} rows")
        if self._column > MAX_COLUMNS or self._cells > MAX_CELLS:
            raise Unsafe(f"the sheet has more than {MAX_COLUMNS} columns or too many cells")


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
