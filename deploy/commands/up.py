"""`./rollbook up`: everything on one machine, until Ctrl-C."""

import argparse
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

from deploy.commands import demo, options
from deploy.faults import Fault
from deploy.local import ports
from deploy.local.home import Home
from deploy.local.processes import Program, Supervisor
from deploy.setup import say
from tenants import audit, migrations, services
from tenants.pool import pool

ANSWER_SECONDS = 40
LOOK_THERE = "See log/web.log in the data folder."
PORT_SECONDS = 5.0


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    options.add_data(parser)
    parser.add_argument("--port", type=int, default=8000, help="where to listen (default: 8000)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--public-url", metavar="URL", help="how people's browsers reach it")
    parser.add_argument("--fresh", action="store_true", help="throw the data away and begin anew")
    parser.add_argument("--yes", action="store_true", help="with --fresh: do not ask")
    parser.add_argument("--no-demo", action="store_true", help="begin with no stores at all")
    parser.add_argument("--demo", choices=demo.SIZES, default="small", help="12 stores, or 200")


def run(arguments: argparse.Namespace) -> int:
    """Start all, watch until interrupted, stop all.

    Raises: Fault.
    """
    if os.environ.get("ROLLBOOK_DATABASE_URL"):
        raise Fault(
            "ROLLBOOK_DATABASE_URL is set, and up brings a database of its own",
            "Unset it, or start each process by itself as deploy/README.md says.",
        )
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    home = Home(arguments.data)
    home.make()
    home.lock.take(
        refusal=Fault(
            f"another ./rollbook up is running on {home.folder}",
            "Stop that one first, or give this one its own folder with --data DIR and a --port.",
        )
    )
    supervisor: Supervisor | None = None
    try:
        # Only an earlier run's web process is worth waiting for: it may still be ending.
        patience = PORT_SECONDS if home.cluster.exists() else 0
        _check_port(arguments.host, arguments.port, patience)
        if arguments.fresh:
            _begin_anew(home, is_agreed=arguments.yes)
        _start_database(home, arguments)
        logins = (
            [] if arguments.no_demo or not demo.is_wanted() else demo.load_chain(arguments.demo)
        )
        _leave_the_database()
        supervisor = Supervisor(home.cluster, _programs(home, arguments), say.line)
        with say.step("Starting web and workers"):
            supervisor.start()
            _wait_for_answer(_address(arguments), supervisor)
        _greet(home, arguments)
        demo.show(logins)
        supervisor.watch()
    except KeyboardInterrupt:
        say.line("")
    finally:
        _stop(home, supervisor)
    return 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _check_port(host: str, port: int, patience: float) -> None:
    deadline = time.monotonic() + patience
    while ports.is_taken(host, port):
        if time.monotonic() > deadline:
            raise Fault(
                f"somebody listens on port {port} already",
                f"Stop that program, or choose another port: ./rollbook up --port {port + 1}",
            )
        time.sleep(0.2)


def _begin_anew(home: Home, *, is_agreed: bool) -> None:
    if not is_agreed:
        if not sys.stdin.isatty():
            raise Fault("--fresh throws data away", "Say --fresh --yes if you mean it.")
        answer = input(f"Remove all data in {home.folder}? Type yes: ")
        if answer.strip().lower() != "yes":
            raise Fault("nothing was removed")
    with say.step("Removing the old data"):
        home.wipe()
        home.make()


def _start_database(home: Home, arguments: argparse.Namespace) -> None:
    what = "Starting" if home.cluster.exists() else "Making and starting"
    with say.step(f"{what} the database"):
        home.cluster.start()
    place = home.cluster.layout.place
    if place != home.cluster.home:
        say.line(f"    its files are in {place}: its account may not enter {home.folder}")
    os.environ.update(home.settings(public_url=arguments.public_url or _address(arguments)))
    with say.step("Bringing the tables up to date"):
        migrations.upgrade_registry()
        failed = migrations.upgrade_across_tenants().failed
    for name, reason in failed.items():
        say.line(f"    {name} was not migrated: {reason}")
    with say.step("Looking for holes in the wall between tenants"):
        found = audit.holes()
    if found:
        listed = "; ".join(f"{hole.check}: {hole.found}" for hole in found[:5])
        raise Fault(
            f"the wall between tenants is open in {len(found)} places: {listed}",
            "Mend them before anybody works; ./rollbook tenants audit lists all.",
        )


def _leave_the_database() -> None:
    pool().close()
    services.close_services()


def _programs(home: Home, arguments: argparse.Namespace) -> list[Program]:
    env = {**os.environ, "ROLLBOOK_BIND": f"{arguments.host}:{arguments.port}"}
    commands = {
        "web": ["-m", "gunicorn", "-c", "deploy/gunicorn.conf.py"],
        "worker": ["-m", "workers.run", "all"],
    }
    return [
        Program(
            name=name,
            command=[sys.executable, *command],
            env=env,
            cwd=options.ROOT,
            log=home.logs / f"{name}.log",
        )
        for name, command in commands.items()
    ]


def _address(arguments: argparse.Namespace) -> str:
    host = "127.0.0.1" if arguments.host in ("0.0.0.0", "::") else arguments.host
    return f"http://{host}:{arguments.port}"


def _wait_for_answer(address: str, supervisor: Supervisor) -> None:
    deadline = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < deadline:
        supervisor.insist()
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5):
                return
        except urllib.error.HTTPError as error:
            raise Fault(f"the web process answered {error.code}", LOOK_THERE) from error
        except OSError:
            time.sleep(0.1)
    raise Fault("the web process does not answer", LOOK_THERE)


def _greet(home: Home, arguments: argparse.Namespace) -> None:
    say.line(f"\nRollbook runs at {_address(arguments)}   (Ctrl-C stops it)")
    say.line(f"  data in {home.folder}, logs in {Path(home.logs).name}/")


def _stop(home: Home, supervisor: Supervisor | None) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it running
    if supervisor is None:
        home.cluster.stop()
        return
    with say.step("Stopping web, workers and database"):
        supervisor.stop()
