"""`./rollbook bench [--quick] [--json FILE] [SECTION ...]`: measure beside the field.

Each section runs in a process of its own with servers of its own; one that fails or takes too long
is reported and the others go on. Only ratios of one run say something, not its seconds.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.goals import GOALS
from tests.bench.sizes import SIZES
from tests.bench.table import rows_of

ROOT = Path(__file__).resolve().parents[2]
# Seconds after which a section is ended, in the whole form; the others take a third.
SECTIONS: dict[str, int] = {
    "provision": 1200,
    "memory": 480,
    "migrate": 900,
    "read": 300,
    "rollup": 2700,  # a thousand stores are made first
    "months": 480,
    "web": 480,
    "jobs": 600,
    "hq": 360,
}
FAREWELL_SECONDS = 5
ENDED = 128 + signal.SIGTERM  # what a section answers that was told to end


def main() -> int:
    """Run the sections one after the other; 1 when one failed."""
    given = _arguments()
    began = time.monotonic()
    found: dict[str, Any] = {"begun_at": datetime.now(UTC).isoformat(), "form": given.form}
    found |= {"machine": _machine(), "lines": [], "skipped": [], "failed": {}}
    for name in given.sections or SECTIONS:
        _say(f"\n{name} …")
        for told in lines_of(name, given.form, found["failed"]):
            kind = "skipped" if "why" in told else "lines"
            found[kind].append(told)
            _say("\n".join(rows_of(told)))
    found["minutes"] = round((time.monotonic() - began) / 60, 1)
    _summary(found)
    if given.json:
        given.json.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
    return 1 if found["failed"] else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./rollbook bench", description=__doc__)
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--quick", dest="form", action="store_const", const="quick", help="about five minutes"
    )
    form.add_argument("--form", choices=SIZES, help=argparse.SUPPRESS)
    parser.add_argument("--json", type=_path, metavar="FILE", help="write everything there, too")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    given = parser.parse_args()
    if strange := [name for name in given.sections if name not in SECTIONS]:
        parser.error(f"no such section: {', '.join(strange)}")
    given.form = given.form or "full"
    return given


def _path(text: str) -> Path:
    return Path(os.environ.get("ROLLBOOK_CALLED_FROM", ".")) / Path(text).expanduser()


def lines_of(name: str, form: str, failed: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Run one section in a process of its own, giving its lines as they come.

    Shape: a section that failed or was ended leaves its reason in `failed`.
    """
    limit = SECTIONS[name] / (3 if form == "quick" else 1)
    with (
        tempfile.TemporaryFile("w+") as words,
        subprocess.Popen(
            [sys.executable, "-m", "tests.bench.section", form, name],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=words,
            text=True,
        ) as child,
    ):
        clock = threading.Timer(limit, child.terminate)
        clock.start()
        try:
            assert child.stdout is not None
            for row in child.stdout:
                yield json.loads(row)
        finally:
            clock.cancel()
            _see_off(child)
        if child.returncode:
            was_ended = child.returncode in (ENDED, -signal.SIGTERM)
            words.seek(0)
            last = "\n".join(words.read().strip().splitlines()[-12:])
            failed[name] = f"ended after {limit:.0f} s" if was_ended else last
            _say(f"  ✗ {name}: {failed[name]}")


def _see_off(child: subprocess.Popen[str]) -> None:
    """Wait for a section's end; one that was left in the middle is asked to clean up."""
    try:
        child.wait(FAREWELL_SECONDS)
    except subprocess.TimeoutExpired:
        child.terminate()
        child.wait()


def _summary(found: dict[str, Any]) -> None:
    _say("\n" + "=" * 100)
    for told in found["lines"]:
        _say("\n".join(rows_of(told)))
    judged = [told for told in found["lines"] if told["key"] in GOALS]
    reached = sum(1 for told in judged if told["reached"])
    _say(f"\n{reached} of {len(judged)} goals reached, in {found['minutes']} minutes.")
    for told in found["skipped"]:
        _say(f"skipped: {told['key']}: {told['why']}")
    for name, why in found["failed"].items():
        _say(f"failed: {name}: {why.splitlines()[-1] if why else ''}")


def _machine() -> dict[str, Any]:
    return {
        "system": " ".join(os.uname()[index] for index in (0, 2, 4)),
        "processors": os.cpu_count(),
        "load": os.getloadavg(),
        "python": sys.version.split()[0],
    }


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
