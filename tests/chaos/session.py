"""One run from beginning to end: load and faults, then healing, then the questions."""

import random
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import psycopg

from shared.errors import Unavailable
from shared.events import queries
from tenants.logins import connect
from tenants.registry import tenant_by_name
from tenants.sessions import tenant_session
from tests.chaos import faults, invariants, site, town
from tests.chaos.clients import Client, Load
from tests.chaos.journal import Entry, Journal, entries
from tests.chaos.nursery import Nursery
from tests.chaos.sampler import Sampler
from tests.chaos.site import Plan, Site

RERUNS = 3
FIRST_ACKS = 3
MOST_LINES = 8  # of a report, for each invariant


@dataclass(slots=True, kw_only=True)
class Report:
    """What a run found."""

    seed: str
    broker: str
    faults: list[str] = field(default_factory=list)
    fault_kinds: Counter[str] = field(default_factory=Counter)
    acked: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    jobs: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Say it all; the fault log only when something broke."""
        count = sum(self.fault_kinds.values())
        kinds = Counter(line.split()[0] for line in self.violations)
        lines = [
            f"chaos: {self.broker}, seed {self.seed}",
            f"  faults     {count}: {_counts(self.fault_kinds)}",
            f"  acks       {sum(self.acked.values())}: {_counts(self.acked)}",
            f"  answers    {_counts(self.answers)}",
            f"  jobs       {_counts(self.jobs)}",
            *(f"  {note}" for note, _ in Counter(self.notes).most_common()),
            f"  violations {len(self.violations)}: {_counts(kinds)}",
            *(f"    {line}" for kind in kinds for line in self._of(kind)[:MOST_LINES]),
        ]
        if self.violations:
            lines += ["  fault log", *(f"    {line}" for line in self.faults)]
        elif count:
            lines.append(f"  with none in {count} faults: below {3 / count:.2%} (95 %)")
        return "\n".join(lines)

    def _of(self, kind: str) -> list[str]:
        return [line for line in self.violations if line.split()[0] == kind]


def run(plan: Plan, nursery: Nursery) -> Report:
    """Run a plan and report; what the processes said stays in the plan's folder."""
    report = Report(seed=plan.seed, broker=plan.broker)
    with site.opened(plan, nursery) as made:
        if plan.with_small_disk and not made.has_small_disk:
            report.notes.append("no disk of our own could be mounted: no full disk in this run")
        if plan.broker == "amqp" and not made.broker:
            report.notes.append("the broker is not ours alone: never alarmed, stopped or killed")
        people = town.build(plan.tenants)
        if plan.with_membership:
            town.grant_a_membership(people)
        site.start(made)
        load = _load(plan, made, people)
        clients = [Client(load, number) for number in range(plan.clients)]
        sampler = Sampler()
        for thread in (*clients, sampler):
            thread.start()
        _get_going(made, load)
        _do_harm(plan, made, report)
        load.stop.set()
        _heal(made, load, clients, report)
        sampler.stop()
        journals = list(entries(plan.folder))
        _tell(report, load, sampler, journals)
        fresh = [tenant_by_name(tenant.name) for tenant in people.tenants()]
        tenants = [tenant for tenant in fresh if tenant]
        site.end_programs(made)  # their connections are needed for the questions
        report.violations += invariants.everything(tenants, journals)
    return report


def _load(plan: Plan, made: Site, people: town.Town) -> Load:
    return Load(
        town=people,
        addresses=made.addresses,
        journals=[
            Journal(plan.folder / f"client-{number:03d}.jsonl") for number in range(plan.clients)
        ],
        seed=plan.seed,
        pause_seconds=plan.pause_seconds or plan.clients / 50,
        weights=plan.deeds,
    )


def _get_going(made: Site, load: Load) -> None:
    """Wait until something was acknowledged that can be lost."""
    deadline = time.monotonic() + site.READY_SECONDS
    while load.answers["POST 201"] < FIRST_ACKS and time.monotonic() < deadline:
        made.watch(0.05)


def _do_harm(plan: Plan, made: Site, report: Report) -> None:
    chance = random.Random(plan.seed)
    script = iter(plan.script)
    began = time.monotonic()
    with (plan.folder / "faults.log").open("a", encoding="utf-8") as log:
        while True:
            elapsed = time.monotonic() - began
            fault = next(script, None)
            if fault is None and elapsed >= plan.seconds:
                return
            made.watch(0.3 + chance.random() * 1.7)
            fault = fault or faults.chosen(made, chance)
            said = fault(made, chance)
            line = f"{elapsed:6.1f} s {fault.__name__}: {said}"
            log.write(f"{datetime.now(UTC):%H:%M:%S} {line}\n")
            log.flush()
            report.faults.append(line)
            report.fault_kinds[fault.__name__] += 1


def _heal(made: Site, load: Load, clients: list[Client], report: Report) -> None:
    """Let everything run again, each client hear its last answer, and each job come to its end."""
    _finish_migrations(made, report)
    deadline = time.monotonic() + made.plan.settle_seconds
    while any(client.is_alive() for client in clients) and time.monotonic() < deadline:
        made.watch(0.2)
    load.give_up.set()
    for client in clients:
        client.join(45)
    for _ in range(RERUNS):
        _settle(made, deadline)
        if not _rerun_dead(report):
            return
        deadline = time.monotonic() + made.plan.settle_seconds  # what is run again leads to more


def _finish_migrations(made: Site, report: Report) -> None:
    folder = made.plan.folder / "revisions"
    if not folder.exists():
        return
    for _ in range(5):
        made.watch(0.5)
        runner = made.spawn("migrate", str(folder))
        while runner.poll() is None:
            made.watch(0.2)
        if runner.returncode == 0:
            return
    report.violations.append("P4 the migration does not come to its end")


def _settle(made: Site, deadline: float) -> None:
    calm = 0
    while calm < 3 and time.monotonic() < deadline:
        made.watch(0.5)
        with suppress(psycopg.Error, Unavailable):
            calm = 0 if site.is_busy() else calm + 1


def _rerun_dead(report: Report) -> int:
    """Do what a manager does with jobs that were given up: see the reason, run them again."""
    dead = invariants.dead_jobs()
    again = 0
    for job_id, tenant, kind, reason in dead:
        report.notes.append(f"dead, run again: {kind}, {reason}")
        owner = tenant_by_name(tenant)
        assert owner
        with tenant_session(owner) as own, suppress(queries.JobWaitsAlready):
            queries.rerun_dead(own, job_id, tenant=tenant, now=datetime.now(UTC))
            own.commit()
            again += 1
    return again


def _tell(report: Report, load: Load, sampler: Sampler, journals: list[Entry]) -> None:
    report.acked.update(one["deed"] for one in journals if one["event"] == "ack")
    report.answers = load.answers
    report.violations += [f"I8 {line}" for line in sampler.late.values()]
    report.violations += load.wrong
    report.notes.append(
        f"longest answer {load.longest_seconds:.1f} s, latest job {sampler.worst_seconds:.0f} s"
    )
    with connect("app_dispatch") as connection:
        rows = connection.execute("SELECT state, count(*) FROM ops.job GROUP BY state").fetchall()
    report.jobs.update({f"{state}": count for state, count in rows})


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counter.most_common())
