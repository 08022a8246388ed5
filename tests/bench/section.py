"""Sections in a process of their own, JSON lines out: `... tests.bench.section FORM NAME ...`."""

import importlib
import json
import logging
import signal
import sys
from collections.abc import Sequence
from types import FrameType

import structlog

from tests.bench.figures import Line, Skipped
from tests.bench.goals import GOALS
from tests.bench.servers import PeerMissing, end, need
from tests.bench.sizes import SIZES, Sizes


def main(form: str, names: Sequence[str]) -> int:
    """Measure and tell each line as it is known."""
    signal.signal(signal.SIGTERM, _told_to_end)
    quiet = structlog.make_filtering_bound_logger(logging.ERROR)
    structlog.configure(wrapper_class=quiet)
    try:
        for name in names:
            _measure(name, SIZES[form])
    finally:
        end()
    return 0


def _measure(name: str, sizes: Sizes) -> None:
    section = importlib.import_module(f"tests.bench.sections.{name}")
    try:
        for line in section.measure(sizes):
            _tell(line)
    except PeerMissing as missing:
        _tell(Skipped(key=name, why=str(missing)))


def _tell(told: Line | Skipped) -> None:
    if isinstance(told, Skipped):
        row = {"key": told.key, "why": told.why}
    else:
        goal = GOALS.get(told.key)
        row = told.as_json()
        row["goal"] = str(goal) if goal else None
        row["reached"] = goal.is_reached(told.ratio) if goal else None
    sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _told_to_end(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)  # through every `finally`, so that no server stays


if __name__ == "__main__":
    need()
    sys.exit(main(sys.argv[1], sys.argv[2:]))
