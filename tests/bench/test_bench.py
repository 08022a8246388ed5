"""The bench's own parts, at next to no size: what it finds is never judged here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench import servers
from tests.bench.__main__ import SECTIONS, lines_of
from tests.bench.figures import Goal, interleaved, share_of, times_faster
from tests.bench.goals import GOALS
from tests.bench.servers import PeerMissing
from tests.bench.table import rows_of

ROOT = Path(__file__).resolve().parents[2]


def test_every_section_measures_or_says_who_is_missing() -> None:
    last = "migrate"  # its history is not the product's
    names = [*(name for name in SECTIONS if name != last), last]

    done = run("tests.bench.section", "tiny", *names)

    assert done.returncode == 0, done.stderr
    told = [json.loads(row) for row in done.stdout.splitlines()]
    assert {one["key"].split(".")[0].split()[0] for one in told} == set(SECTIONS)
    for one in told:
        if "why" not in one:
            assert {"says", "ours", "beside", "goal", "reached"} <= one.keys()
            assert one["ratio"] > 0


def test_the_table_shows_what_the_file_holds(tmp_path: Path) -> None:
    found = tmp_path / "found.json"

    done = run("tests.bench", "--form", "tiny", "--json", str(found), "hq")

    assert done.returncode == 0, done.stdout
    told = json.loads(found.read_text(encoding="utf-8"))
    assert told["failed"] == {}
    assert told["lines"]
    assert all(line["says"][:40] in done.stdout for line in told["lines"])


def test_a_missing_peer_is_said() -> None:
    with pytest.raises(PeerMissing, match="not installed: no_such_peer"):
        servers.need("json", "no_such_peer")


def test_a_failing_section_is_told_and_so_is_a_slow_one(monkeypatch: pytest.MonkeyPatch) -> None:
    failed: dict[str, str] = {}
    monkeypatch.setitem(SECTIONS, "no_such_section", 90)
    monkeypatch.setitem(SECTIONS, "hq", 1)

    assert list(lines_of("no_such_section", "tiny", failed)) == []
    assert list(lines_of("hq", "tiny", failed)) == []

    assert "No module named" in failed["no_such_section"]
    assert failed["hq"] == "ended after 1 s"


def test_a_ratio_is_judged_by_its_median() -> None:
    faster = times_faster("migrate.revision", "x", ([1.0, 1.0, 2.0], [300.0, 250.0, 2.0]))
    share = share_of("read.with_tenancy", "x", ([9.0], [10.0]), unit="/s")

    assert faster.ratio == 250
    assert GOALS["migrate.revision"].is_reached(faster.ratio)
    assert not GOALS["read.with_tenancy"].is_reached(share.ratio)
    assert (str(Goal(at_least=2)), str(Goal(at_most=1.7))) == ("≥ 2", "≤ 1.7")


def test_rounds_go_to_and_fro() -> None:
    seen: list[str] = []
    cases = {name: lambda name=name: seen.append(name) for name in "ab"}  # type: ignore[misc]

    got = interleaved(cases, 2, warm=1)

    assert seen == ["a", "b", "b", "a", "a", "b"]
    assert [len(samples) for samples in got.values()] == [2, 2]


def test_a_line_shows_ratio_goal_and_both_sides() -> None:
    line = times_faster("x", "a thing", ([0.5], [2.0]), beside_is="another")

    rows = rows_of({**line.as_json(), "goal": "≥ 3", "reached": True})

    assert "✓    4.00  goal ≥ 3" in rows[0]
    assert "ours 500.0 ms, another 2.0 s" in rows[1]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one of the bench's programs."""
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
