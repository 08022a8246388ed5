"""The specification's worked examples, copied: the answers that our calculations must give.

Shape: one `<id>.json` per example, with the specification's `input` and `expected`; an example
with a table has `<id>.csv` beside it. A test compares the copies with the specification where it
is at hand.
"""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SPEC = HERE.parents[2] / "shared" / "spec.md"
_FENCE = re.compile(r"^```(json|csv)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def example(name: str) -> dict[str, Any]:
    """Give one example as the specification writes it."""
    found: dict[str, Any] = json.loads((HERE / f"{name}.json").read_text("utf-8"))
    return found


def table(name: str) -> list[dict[str, str]]:
    """Give the rows of an example's table."""
    return _rows((HERE / f"{name}.csv").read_text("utf-8"))


def copied() -> list[Path]:
    """List the copies."""
    return sorted([*HERE.glob("*.json"), *HERE.glob("*.csv")])


def in_spec(path: Path) -> Any:
    """Read the same example from the specification."""
    for kind, body in _FENCE.findall(SPEC.read_text("utf-8")):
        if kind == "csv" and path.suffix == ".csv":
            if body.startswith(f"# id: {path.stem} "):
                return _rows(body)
        elif kind == "json" and path.suffix == ".json":
            blocks = json.loads(body)
            for block in blocks if isinstance(blocks, list) else [blocks]:
                if block["id"] == path.stem:
                    return block
    raise LookupError(path.name)


def here(path: Path) -> Any:
    """Read a copy in the same shape as `in_spec` does."""
    return example(path.stem) if path.suffix == ".json" else table(path.stem)


def _rows(text: str) -> list[dict[str, str]]:
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return list(csv.DictReader(io.StringIO("\n".join(lines))))
