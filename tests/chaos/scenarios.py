"""The harness's smallest scenes: one promise each, in one process, asked by the same invariants.

Each lists what it found broken; on the product as it is, nothing.
"""

import signal
import threading
import time
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from deploy.local.postgres import Cluster
from shared.domain.sales.rules import slips
from shared.domain.sales.rules.kinds import Source
from shared.domain.sales.service import recording
from tenants.registry import Tenant
from tenants.services import service
from tenants.sessions import tenant_session
from tests.chaos import invariants
from tests.chaos.journal import Journal, entries
from tests.factories.sales import DAY, NOW, SELLER, described_sale, new_item
from tests.factories.tenants import new_store
from tests.workers import kinds
from tests.workers.conftest import ask, jobs, make_due, marks, run_out, with_effects
from workers import job
from workers.dispatcher import Dispatcher
from workers.sweeper import sweep
from workers.testing import NoBell

MOST_TRIES = 8
WRITES = 40


class Killed(BaseException):
    """What `kill -9` is to the code that it strikes: nothing of it runs any more."""


def effects_match(shop: Tenant) -> list[str]:
    """I3: as many effects as jobs that are done, each once."""
    done = sorted(row.args["mark"] for row in jobs(shop) if row.state == "done")
    return [] if marks(shop) == done else [f"I3 done {done}, effects {marks(shop)}"]


def a_worker_sleeps_past_its_lease() -> list[str]:
    """F12: somebody else does the job meanwhile, then the first one wakes up in its midst."""
    shop = with_effects(new_store())
    kinds.released.clear()
    ask(shop, kinds.Wait(mark=1))
    first = threading.Thread(target=_do_due, args=(shop,))
    first.start()
    assert kinds.begun.acquire(timeout=20)
    run_out(shop)
    sweep()
    second = threading.Thread(target=_do_due, args=(shop,))
    second.start()
    assert kinds.begun.acquire(timeout=20)
    kinds.released.set()
    for thread in (first, second):
        thread.join(20)
    return effects_match(shop)


def a_job_kills_its_worker_each_time(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Q-08: it must be given up one day, with a reason."""
    shop = with_effects(new_store())
    _deadly(monkeypatch)
    ask(shop, kinds.Write(mark=1))
    for _ in range(MOST_TRIES):
        _do_due(shop)
        run_out(shop)
        sweep()
        make_due(shop)
    (row,) = jobs(shop)
    is_over = row.state == "dead" and row.error_class
    return [] if is_over else [f"I2 after {MOST_TRIES} kills: {row.state}, attempt {row.attempt}"]


def a_worker_dies_in_the_midst(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """F2: the job is done by the next one."""
    shop = with_effects(new_store())
    ask(shop, kinds.Write(mark=1))
    with monkeypatch.context() as once:
        _deadly(once)
        _do_due(shop)
    run_out(shop)
    sweep()
    _do_due(shop)
    return effects_match(shop)


def a_sale_is_rolled_back() -> list[str]:
    """R-01: a fact and what it was told in live and die together."""
    store = new_store()
    with tenant_session(store) as session:
        _sell(session, new_item(session).id, uuid4())
        session.rollback()
    return [f"I3 {row.kind} was asked for, of a sale that never was" for row in jobs(store)]


def sales_until_the_database_dies(cluster: Cluster, store: Tenant, folder: Path) -> list[str]:
    """F5: all that was acknowledged before a crash is there after it."""
    folder.mkdir()
    journal = Journal(folder / "client-0.jsonl")
    with tenant_session(store) as session:
        item = new_item(session).id
        session.commit()
        for _ in range(WRITES):
            key = uuid4()
            entry = {"deed": "sale", "store": store.name, "key": str(key)}
            journal.write("attempt", **entry, total=100)
            sale = _sell(session, item, key)
            session.commit()
            journal.write("ack", **entry, sale=sale)
    crash(cluster)
    return invariants.writes([store], entries(folder))


def crash(cluster: Cluster) -> None:
    """Stop the database at once and start it again."""
    server = cluster._server
    assert server
    server.send_signal(signal.SIGQUIT)
    server.wait(20)
    cluster.revive()
    deadline = time.monotonic() + 20
    while True:
        try:
            with service("app_provision") as connection:
                connection.execute("SELECT 1")
            return
        except (psycopg.Error, DBAPIError):
            assert time.monotonic() < deadline


def _sell(session: Session, item: int, key: UUID) -> int:
    new = described_sale((item, 100), key=key)
    new = slips.NewSale(
        key=new.key,
        customer_id=None,
        lines=new.lines,
        tenders=new.tenders,
        source=Source.API,
    )
    return recording.record_sale(session, seller_id=SELLER, new=new, day=DAY, now=NOW).id


def _do_due(shop: Tenant) -> None:
    for one in Dispatcher(NoBell(), only=[shop.name]).mark_sent():
        try:
            job.run(one.held.id, one.tenant)
        except Killed:
            continue


def _deadly(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = job.KINDS[kinds.Write.wire]

    def die(session: Session, request: kinds.Write, at: job.At) -> None:
        kind.effect(session, request, at)
        raise Killed

    monkeypatch.setitem(job.KINDS, kinds.Write.wire, job.Kind(kind.request, die, 60.0))
