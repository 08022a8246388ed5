"""Run as a program of its own: workbook in, one JSON list of texts per row of sheet one out.

Shape: its arguments are how many bytes it may have in memory, and how many it may write.
"""

import contextlib
import io
import json
import resource
import sys
from datetime import date, datetime, time

from python_calamine import CalamineWorkbook


def text(cell: object) -> str:
    """Write a cell as a person sees it; a number with the 15 digits a spreadsheet keeps."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d}" if cell.time() == time() else f"{cell:%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).strip()


def main() -> None:
    """Read standard input, write standard output."""
    memory, output = (int(text) for text in sys.argv[1:])
    with contextlib.suppress(ValueError, OSError):  # macOS does not know this limit
        resource.setrlimit(resource.RLIMIT_FSIZE, (output, output))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    for row in book.get_sheet_by_index(0).iter_rows():
        sys.stdout.write(json.dumps([text(cell) for cell in row]) + "\n")


if __name__ == "__main__":
    main()
