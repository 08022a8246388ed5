"""Strokes at the worst moment: the harness waits at a waypoint until somebody comes by.

Random kills hit the gap between two commits once in a thousand times; these hit it each time.
"""

import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path

from tenants.logins import connect
from tests.chaos import broker_faults, patches
from tests.chaos.site import Site, is_busy

PATIENCE_SECONDS = 6.0
CALM_SECONDS = 30.0
ASLEEP_SECONDS = patches.CAUGHT_SECONDS  # at most: a little later the database ends its transaction
ASLEEP_TIMES = 4


def job_killed(site: Site, chance: random.Random) -> str:
    """F2: between a job's effect and its end."""
    return _kill_at(site, patches.JOB)


def request_killed(site: Site, chance: random.Random) -> str:
    """R-01: between what a request did and its commit."""
    return _kill_at(site, patches.REQUEST)


def answer_killed(site: Site, chance: random.Random) -> str:
    """R-02: between a request's commit and its answer."""
    return _kill_at(site, patches.ANSWER)


def lone_answer_killed(site: Site, chance: random.Random) -> str:
    """R-02, while nothing else is on its way: no later work can make good what is lost."""
    for _ in range(int(CALM_SECONDS / 0.1)):
        if not is_busy():
            break
        site.watch(0.1)
    return answer_killed(site, chance)


def job_asleep(site: Site, chance: random.Random) -> str:
    """F12: between a job's effect and its end, until another has taken it; then it goes on.

    On a busy machine nobody may take it in time: then another job is put to sleep.
    """
    for _ in range(ASLEEP_TIMES):
        caught = _catch(site, patches.JOB)
        if caught is None:
            return "nobody came by"
        job = _said(site, caught)
        os.kill(_pid(caught), signal.SIGSTOP)
        caught.unlink()
        began, attempt = time.monotonic(), _attempt(job)
        while time.monotonic() - began < ASLEEP_SECONDS and _attempt(job) == attempt:
            site.watch(0.1)
        with suppress(ProcessLookupError):
            os.kill(_pid(caught), signal.SIGCONT)
        if _attempt(job) != attempt:
            return f"for {time.monotonic() - began:.1f} s"
    return "and nobody took its job"


def _said(site: Site, caught: Path) -> str:
    """Read of which job a process was caught: it writes that down at once."""
    for _ in range(100):
        if job := caught.read_text(encoding="utf-8"):
            return job
        site.watch(0.02)
    raise TimeoutError("whoever was caught does not say of which job")


def _attempt(job: str) -> int:
    with connect("app_dispatch") as connection:
        row = connection.execute("SELECT attempt FROM ops.job WHERE id = %s", [job]).fetchone()
    return int(row[0]) if row else 0


def retry_lost(site: Site, chance: random.Random) -> str:
    """D1: a job fails for a passing reason, and then the broker loses all that it knows."""
    assert site.database_proxy
    caught = _catch(site, patches.JOB)
    if caught is None:
        return "nobody came by"
    site.database_proxy.cut()
    caught.unlink(missing_ok=True)
    site.watch(1.5)
    return "and the broker was lost " + broker_faults.broker_lost(site, chance)


def _kill_at(site: Site, waypoint: str) -> str:
    caught = _catch(site, waypoint)
    if caught is None:
        return "nobody came by"
    with suppress(ProcessLookupError):
        os.kill(_pid(caught), signal.SIGKILL)
    caught.unlink(missing_ok=True)
    return "caught"


def _catch(site: Site, waypoint: str) -> Path | None:
    trap = site.plan.folder / "ambush" / waypoint
    trap.touch()
    for _ in range(int(PATIENCE_SECONDS / 0.1)):
        site.watch(0.1)
        if found := list(trap.parent.glob(f"{waypoint}.*")):
            return found[0]
    trap.unlink(missing_ok=True)
    return next(trap.parent.glob(f"{waypoint}.*"), None)


def _pid(caught: Path) -> int:
    return int(caught.suffix[1:])
