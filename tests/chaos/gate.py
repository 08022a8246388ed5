"""The mutations that must turn the whole harness red, each with the stroke that shows it.

`python -m tests.chaos.gate` reads their names, one a line, and answers with what broke, as JSON:
one process for all of them, so that everything is imported once. The name of a broker stands for
the product as it is, under every stroke that is dealt over that broker.
Shape: a small town under a small load, all processes, the strokes, healing, all questions.
"""

import json
import secrets
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from deploy.local.postgres import UNSAFE_BUT_FAST
from tests.chaos import ambushes, broker_faults, child, faults, patches, rabbit, session
from tests.chaos.faults import Fault
from tests.chaos.nursery import Nursery
from tests.chaos.site import Plan

# mutations that are no change of the code
ASYNCHRONOUS, MEMBERSHIP, LOUD_BELL = "asynchronous", "membership", "loud_bell"
MUTATIONS = sorted({*patches.MUTATIONS, ASYNCHRONOUS, MEMBERSHIP, LOUD_BELL})
PARTS = {"stub": ("web", "all"), "amqp": ("web", "dispatcher", "worker", "worker")}
# fsync off: what the system has survives us; what only the server's memory has does not
DATABASE = {**UNSAFE_BUT_FAST, "synchronous_commit": "on"}


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that a promise is broken, and what the harness then says."""

    broken: str  # what the violation begins with
    fault: Fault | None
    broker: str = "stub"
    strokes: int = 1


PROOFS = {
    "no_fence": Proof("I3", ambushes.job_asleep, "amqp"),
    "two_commits": Proof("I3", ambushes.job_killed),
    "late_publish": Proof("I3", ambushes.lone_answer_killed),
    "stock_retries": Proof("I2", ambushes.retry_lost, "amqp"),
    # the server writes by itself every ten seconds: one stroke may find all of it written
    ASYNCHRONOUS: Proof("I1", faults.database_killed, strokes=3),
    MEMBERSHIP: Proof("P3", None),
    LOUD_BELL: Proof("P3", None),
}
OF_OUR_OWN_BROKER: tuple[Fault, ...] = (
    broker_faults.broker_alarmed,
    broker_faults.broker_stopped,
    broker_faults.broker_emptied,
)


def mutated(plan: Plan, names: Sequence[str]) -> Plan:
    """Break promises in a plan."""
    database = dict(plan.database)
    if ASYNCHRONOUS in names:
        database |= {"synchronous_commit": "off", "wal_writer_delay": "10s"}
    return replace(
        plan,
        mutations=tuple(name for name in names if name in patches.PATCHES),
        database=database,
        with_membership=MEMBERSHIP in names,
        with_loud_bell=LOUD_BELL in names,
    )


def small_plan(name: str, folder: Path) -> Plan:
    """Plan the smallest run in which the strokes of a mutation, or of a broker, fall."""
    broker = name if name in PARTS else PROOFS[name].broker
    plan = Plan(
        folder=folder,
        broker=broker,
        parts=PARTS[broker],
        seed=secrets.token_hex(4),
        seconds=0,
        script=_strokes(name, broker),
        settle_seconds=90 if name in PARTS else 10,
        tenants=3,
        clients=1,  # another's sale in the same store would do the work that was lost
        pause_seconds=1.0,
        deeds={"sell": 1},
        heartbeat_seconds=4,
        database=DATABASE,
        with_small_disk=False,
    )
    return plan if name in PARTS else mutated(plan, [name])


def _strokes(name: str, broker: str) -> tuple[Fault, ...]:
    if name != broker:
        proof = PROOFS[name]
        return (proof.fault,) * proof.strokes if proof.fault else ()
    dealt = {proof.fault for proof in PROOFS.values() if proof.fault and proof.broker == broker}
    strokes = tuple(sorted(dealt, key=lambda fault: fault.__name__))
    return strokes + (OF_OUR_OWN_BROKER if broker == "amqp" and rabbit.is_installed() else ())


def main() -> int:
    """Answer for each name."""
    nursery = Nursery(child.main)
    for line in sys.stdin:
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="rollbook-gate-") as folder:
            Path(folder).chmod(0o711)  # the database's account passes through
            report = session.run(small_plan(line.strip(), Path(folder) / "run"), nursery)
        said = {"violations": report.violations, "faults": report.faults, "text": report.text()}
        said["seconds"] = round(time.monotonic() - began, 1)
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
    nursery.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
