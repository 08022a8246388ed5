"""What goes wrong, one thing at a time, chosen by the run's seed; each ends by itself.

Not made here, and said so: a second node of the database (F15).
"""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress

from tenants import script
from tests.chaos import ambushes, broker_faults, patches
from tests.chaos.site import Site, children_of, kill_group
from tests.tenancy import trial_history

Fault = Callable[[Site, random.Random], str]
BALLAST_MB = 4096
ZOMBIE_SECONDS = patches.QUICK_LEASE_SECONDS + 2.5


def web_killed(site: Site, chance: random.Random) -> str:
    """F1: a web process, or only what serves in it."""
    return _kill(site, chance, "web", or_child=True)


def worker_killed(site: Site, chance: random.Random) -> str:
    """F2: a worker in the midst of its jobs."""
    return _kill(site, chance, "worker", "all", or_child=True)


def dispatcher_killed(site: Site, chance: random.Random) -> str:
    """F3."""
    return _kill(site, chance, "dispatcher")


def clock_killed(site: Site, chance: random.Random) -> str:
    """The store calendars' process."""
    return _kill(site, chance, "clock")


def everything_killed(site: Site, chance: random.Random) -> str:
    """All processes but the database at once."""
    for program in site.programs:
        if program.child is not None:
            kill_group(program.child.pid)
    return "all"


def backend_killed(site: Site, chance: random.Random) -> str:
    """F4: kill -9 of one backend makes the whole cluster crash and recover."""
    pid = site.cluster.pid
    backends = [one for one in children_of(pid) if _is_backend(one)] if pid else []
    if not backends:
        return "none was there"
    victim = chance.choice(sorted(backends))
    words = _command(victim)
    with suppress(ProcessLookupError):
        os.kill(victim, signal.SIGKILL)
    return words


def database_stopped(site: Site, chance: random.Random) -> str:
    """F5: stopped at once (SIGQUIT), or its first process killed, and started again later."""
    number = chance.choice([signal.SIGQUIT, signal.SIGQUIT, signal.SIGKILL])
    pause = chance.random() * 2
    if pid := site.cluster.pid:
        os.kill(pid, number)
        time.sleep(pause)
    return f"{number.name}, away for {pause:.1f} s"


def database_killed(site: Site, chance: random.Random) -> str:
    """Every process of the database at once: what only their memory held is gone."""
    if pid := site.cluster.pid:
        os.kill(pid, signal.SIGSTOP)  # so that it starts nobody anew
        for one in (*children_of(pid), pid):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
    return "all of it"


def database_cut(site: Site, chance: random.Random) -> str:
    """F8: connections to the database reset, at once or in the midst of an answer."""
    assert site.database_proxy
    if chance.random() < 0.3:
        site.database_proxy.cut()
        return "at once"
    count = chance.randint(1, 3000)
    site.database_proxy.cut_after(count)
    return f"after {count} bytes"


def database_slow(site: Site, chance: random.Random) -> str:
    """F10."""
    assert site.database_proxy
    pause = 0.5 + chance.random()
    site.database_proxy.delay(0.1)
    site.watch(pause)
    site.database_proxy.delay(0)
    return f"0.1 s for {pause:.1f} s"


def worker_stopped(site: Site, chance: random.Random) -> str:
    """F12: a worker asleep for longer than its lease goes on as if nothing had been."""
    running = site.named("worker", "all")
    if not running or (child := chance.choice(running).child) is None:
        return "none was there"
    kill_group(child.pid, signal.SIGSTOP)
    site.watch(ZOMBIE_SECONDS)
    kill_group(child.pid, signal.SIGCONT)
    return f"for {ZOMBIE_SECONDS} s"


def migration_killed(site: Site, chance: random.Random) -> str:
    """F16: a new revision, its runner killed somewhere on the way; the next one finishes it."""
    folder = site.plan.folder / "revisions"
    folder.mkdir(exist_ok=True)
    number = len(list(folder.glob("*.py"))) + 1
    before = f"chaos{number - 1}" if number > 1 else script.head("tenant")
    trial_history.write(
        folder,
        f"chaos{number}",
        before,
        [f"ALTER TABLE customers ADD COLUMN chaos_{number} varchar(20)"],
        [f"ALTER TABLE customers DROP COLUMN chaos_{number}"],
    )
    runner = site.spawn("migrate", str(folder))
    pause = chance.random() * 6
    with suppress(subprocess.TimeoutExpired):
        runner.wait(pause)
    is_killed = runner.poll() is None
    kill_group(runner.pid)
    runner.wait(10)
    return f"revision {number}, " + (f"killed after {pause:.1f} s" if is_killed else "it was done")


def clock_stepped(site: Site, chance: random.Random) -> str:
    """F13: a wall clock jumps, the web's or that of the store calendars, and later back again."""
    name = chance.choice(["web", "clock"])
    step = chance.choice([-3600, 3600] if name == "web" else [-3600, 3600, -86_400, 86_400])
    pause = 1 + chance.random() * 3
    offset = site.plan.folder / "clocks" / name
    offset.write_text(str(step))
    site.watch(pause)
    offset.write_text("0")
    return f"the {name}'s by {step} s, for {pause:.1f} s"


def disk_full(site: Site, chance: random.Random) -> str:
    """F11: not a byte left where the database lives."""
    ballast = site.plan.folder / "pg" / "ballast"
    pause = 0.5 + chance.random() * 2
    site.disk_is_full = True
    try:
        with ballast.open("wb", buffering=0) as file, suppress(OSError):
            piece = bytes(2**20)
            for _ in range(BALLAST_MB):
                file.write(piece)
        site.watch(pause)
    finally:
        ballast.unlink(missing_ok=True)
        site.disk_is_full = False
    return f"for {pause:.1f} s"


COMMON: dict[Fault, int] = {
    web_killed: 4,
    worker_killed: 4,
    everything_killed: 1,
    backend_killed: 3,
    database_stopped: 3,
    database_killed: 1,
    worker_stopped: 1,
    migration_killed: 2,
    ambushes.job_killed: 2,
    ambushes.request_killed: 2,
    ambushes.answer_killed: 2,
    clock_stepped: 2,
}
SERVER_MODE: dict[Fault, int] = {
    dispatcher_killed: 3,
    clock_killed: 1,
    ambushes.job_asleep: 1,
    ambushes.retry_lost: 1,
    database_cut: 4,
    database_slow: 1,
    **broker_faults.OF_ANY_BROKER,
}


def all_faults(site: Site) -> dict[Fault, int]:
    """List what can be done to this site, with its weight."""
    faults = dict(COMMON)
    if site.plan.broker == "amqp":
        own = broker_faults.OF_OUR_OWN if site.broker else broker_faults.OF_A_SHARED_ONE
        faults |= SERVER_MODE | own
    if site.has_small_disk:
        faults |= {disk_full: 2}
    return faults


def chosen(site: Site, chance: random.Random) -> Fault:
    """Choose the next fault."""
    faults = all_faults(site)
    if only := site.plan.only:
        faults = {fault: weight for fault, weight in faults.items() if fault.__name__ in only}
    return chance.choices(list(faults), list(faults.values()))[0]


def _kill(site: Site, chance: random.Random, *names: str, or_child: bool = False) -> str:
    running = site.named(*names)
    if not running or (child := (program := chance.choice(running)).child) is None:
        return "none was there"
    inner = children_of(child.pid)
    if or_child and inner and chance.random() < 0.5:
        victim = chance.choice(sorted(inner))
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
        return f"a child of {program.name}"
    kill_group(child.pid)
    return program.name


def _is_backend(pid: int) -> bool:
    return any(f": {login}" in _command(pid) for login in ("t_", "app_"))


def _command(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""
