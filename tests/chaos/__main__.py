"""`python -m tests.chaos --minutes N --seed S --broker stub|amqp`: status 1 if one broke."""

import argparse
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from tests.chaos import child, gate, session
from tests.chaos.nursery import Nursery
from tests.chaos.site import Plan


def main() -> int:
    """Run once and print the report."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument(
        "--minutes", type=float, default=2.0, help="of faults; healing comes on top"
    )
    parser.add_argument("--seed", default="", help="of an earlier run (default: a new one)")
    parser.add_argument("--broker", choices=["stub", "amqp"], default="stub")
    parser.add_argument("--tenants", type=int, default=40)
    parser.add_argument("--clients", type=int, default=30)
    parser.add_argument("--heartbeat", type=int, help="seconds, AMQP's (default: the product's)")
    parser.add_argument("--mutate", choices=gate.MUTATIONS, default=[], nargs="*")
    parser.add_argument("--shared-broker", action="store_true", help="start no RabbitMQ of our own")
    parser.add_argument("--only", nargs="*", default=[], help="names of faults (default: all)")
    parser.add_argument("--folder", type=Path, help="keep journals and logs there")
    given = parser.parse_args()
    nursery = Nursery(child.main)
    folder = given.folder or Path(tempfile.mkdtemp(prefix="rollbook-chaos-"))
    if not given.folder:
        folder.chmod(0o711)  # the database's account passes through
    plan = Plan(
        folder=folder,
        broker=given.broker,
        seed=given.seed or secrets.token_hex(4),
        seconds=given.minutes * 60,
        tenants=given.tenants,
        clients=given.clients,
        with_own_broker=not given.shared_broker,
        heartbeat_seconds=given.heartbeat,
        only=tuple(given.only),
    )
    report = session.run(gate.mutated(plan, given.mutate), nursery)
    nursery.close()
    sys.stdout.write(report.text() + "\n")
    if report.violations:
        sys.stdout.write(f"  journals and logs are in {folder}\n")
        return 1
    if not given.folder:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
