"""How far a long load has come, drawn on a terminal; quiet elsewhere."""

import sys
import time
from typing import TextIO

WIDTH = 28
REDRAW_SECONDS = 0.1


class Progress:
    """Counts steps; says nothing. What a caller without a terminal is given."""

    def begin(self, what: str, total: int) -> None:
        """Start a new stretch of so many steps."""

    def step(self, count: int = 1) -> None:
        """Go on."""

    def end(self) -> None:
        """Leave the line free."""


class Bar(Progress):
    """One line, drawn over and over."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._what, self._total, self._done = "", 1, 0
        self._drawn_at = 0.0

    def begin(self, what: str, total: int) -> None:
        """Start a new stretch of so many steps."""
        self._what, self._total, self._done = what, max(total, 1), 0
        self._draw()

    def step(self, count: int = 1) -> None:
        """Go on; drawn ten times a second at most."""
        self._done = min(self._done + count, self._total)
        if time.monotonic() - self._drawn_at > REDRAW_SECONDS or self._done == self._total:
            self._draw()

    def end(self) -> None:
        """Leave the line free."""
        self._output.write("\r\x1b[K")
        self._output.flush()

    def _draw(self) -> None:
        filled = WIDTH * self._done // self._total
        bar = "█" * filled + "░" * (WIDTH - filled)
        self._output.write(f"\r\x1b[K  {bar} {100 * self._done // self._total:3d}%  {self._what}")
        self._output.flush()
        self._drawn_at = time.monotonic()


def for_output(output: TextIO = sys.stdout) -> Progress:
    """Draw a bar on a terminal, nothing into a pipe or file."""
    return Bar(output) if output.isatty() else Progress()
