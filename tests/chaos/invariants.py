"""What must be true once everything runs again; each check lists what is not.

Shape: a violation is a line that begins with the invariant's number in reliability 2.0.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.domain.franchise.queries import checks as chain
from shared.domain.reporting.queries import checks, months
from tenants import audit
from tenants.fingerprint import fingerprint
from tenants.logins import connect
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.chaos.journal import Entry
from tests.chaos.patches import EFFECTS
from workers.rows import JOINED

SALES = text("SELECT key::text, total_fen, id FROM sales WHERE source = 'API'")
IMPORTED = text(
    "SELECT c.number, count(*) FROM sales s JOIN customers c ON c.id = s.customer_id "
    "WHERE s.source = 'IMPORT' GROUP BY c.number"
)
JOB_EFFECTS = text(
    f"""
    SELECT j.id, j.kind, j.state, count(e.job) FROM ops.job j
    LEFT JOIN {EFFECTS} e ON e.job = j.id
    GROUP BY j.id
    HAVING count(e.job) <> (j.state = 'done' AND j.error_class IS DISTINCT FROM '{JOINED}')::int
    """
)
MONTHS = text("SELECT to_char(month, 'YYYY-MM'), revision FROM months")
SLIPS = text(
    "SELECT date_trunc('month', business_date)::date, sum(total_fen)::bigint FROM sales GROUP BY 1"
)
CHAIN = text(
    "SELECT month, amount FROM chain_figures "
    "WHERE level = 'CHAIN' AND indicator = 'cash_sales' AND part = ''"
)


def writes(stores: Iterable[Tenant], journals: Iterable[Entry]) -> list[str]:
    """I1: what was acknowledged is there, once; what was only tried is there once or not at all."""
    by_store: dict[str, list[Entry]] = defaultdict(list)
    for entry in journals:
        by_store[entry["store"]].append(entry)
    found: list[str] = []
    for store in stores:
        with tenant_session(store) as session:
            own = by_store[store.name]
            found += [f"I1 {store.slug}: {line}" for line in _sales(session, own)]
            found += [f"I1 {store.slug}: {line}" for line in _imports(session, own)]
            found += [f"I1 {store.slug}: {line}" for line in _months(session, own)]
    return found


def _sales(session: Session, own: list[Entry]) -> list[str]:
    tried = {one["key"]: one["total"] for one in own if _is(one, "attempt", "sale")}
    acked = {one["key"]: one["sale"] for one in own if _is(one, "ack", "sale")}
    rows = {row[0]: (row[1], row[2]) for row in session.execute(SALES)}
    found = [f"acknowledged sale {key} is gone" for key in acked if key not in rows]
    found += [f"sale {key} was never asked for" for key in rows if key not in tried]
    found += [
        f"sale {key} is {rows[key]}, asked for {total}, answered {acked.get(key)}"
        for key, total in tried.items()
        if key in rows and rows[key] != (total, acked.get(key, rows[key][1]))
    ]
    return found


def _imports(session: Session, own: list[Entry]) -> list[str]:
    counts: dict[str, int] = {row[0]: row[1] for row in session.execute(IMPORTED)}
    acked = {one["marks"][0] for one in own if _is(one, "ack", "import")}
    found = []
    for one in own:
        if not _is(one, "attempt", "import"):
            continue
        there = Counter(counts.pop(mark, 0) for mark in one["marks"])
        whole = {1: len(one["marks"])}
        if there != whole and (one["marks"][0] in acked or there != {0: len(one["marks"])}):
            found.append(f"file of {one['marks'][0]}: rows by number of sales {dict(there)}")
    return found + [f"imported row {mark} was never sent" for mark in counts]


def _months(session: Session, own: list[Entry]) -> list[str]:
    rows = {row[0]: row[1] for row in session.execute(MONTHS)}
    return [
        f"month {one['month']}: revision {one['revision']} was acknowledged, there is "
        f"{rows.get(one['month'])}"
        for one in own
        if _is(one, "ack", "month") and rows.get(one["month"], 0) < one["revision"]
    ]


def _is(entry: Entry, event: str, deed: str) -> bool:
    return bool(entry["event"] == event and entry["deed"] == deed)


def jobs() -> list[str]:
    """I2: every job is done, or dead with a reason, or waits for an hour that has not come."""
    with connect("app_dispatch") as connection:
        rows = connection.execute(
            """
            SELECT id, kind, state FROM ops.job WHERE state IN ('sent', 'running')
                OR (state = 'queued' AND run_at < now())
            """
        ).fetchall()
        letters = connection.execute(
            "SELECT id FROM ops.letter WHERE delivered_at IS NULL"
        ).fetchall()
    found = [f"I2 job {job_id} {kind} is {state}" for job_id, kind, state in rows]
    found += [f"I2 letter {row[0]} was not delivered" for row in letters]
    return found + [
        f"I2 job {job_id} {kind} is dead without a reason"
        for job_id, _, kind, reason in dead_jobs()
        if not reason
    ]


def dead_jobs() -> list[tuple[UUID, str, str, str | None]]:
    """List what was given up: (id, tenant, kind, reason)."""
    with connect("app_provision") as connection:
        return connection.execute(
            "SELECT id, tenant::text, kind, error_class FROM ops.job WHERE state = 'dead'"
        ).fetchall()


def effects(tenants: Iterable[Tenant]) -> list[str]:
    """I3: the effect of each job that is done is there, once; of any other not at all.

    One that was joined, because the same work waited already, has left its effect to that one.
    """
    found = []
    for tenant in tenants:
        with tenant_session(tenant) as session:
            rows = session.execute(JOB_EFFECTS)
            found += [
                f"I3 {tenant.slug}: {kind} {job} is {state}, its effect is there {count} times"
                for job, kind, state, count in rows
            ]
    return found


def sums(stores: Iterable[Tenant]) -> list[str]:
    """I3: days and months are what the slips say, to the fen."""
    found = []
    for store in stores:
        with tenant_session(store) as session:
            found += [
                f"I3 {store.slug} {one.day or one.month} {one.what}: "
                f"{one.stored}, slips say {one.expected}"
                for one in checks.verify(session)
                if not one.is_known
            ]
    return found


def chains(tenants: Sequence[Tenant]) -> list[str]:
    """I5: a headquarters has what its stores say, sums it right, and that is what the slips say."""
    found = []
    for hq in tenants:
        if hq.kind == "hq":
            own = [store for store in tenants if store.hq == hq.name]
            found += [f"I5 {hq.slug} {line}" for line in _chain(hq, own)]
    return found


def _chain(hq: Tenant, stores: list[Tenant]) -> list[str]:
    with tenant_session(hq) as session:
        differing = chain.verify_hq(session)
        heard = {store.name: chain.heard_by_hq(session, store.name) for store in stores}
        summed: dict[Any, int] = {row[0]: row[1] for row in session.execute(CHAIN)}
    found, slips = [], Counter[Any]()
    for store in stores:
        with tenant_session(store) as session:
            said = chain.said_by_store(session)
            shown = {one.month for one in months.shown_months(session)}
            slips.update({row[0]: row[1] for row in session.execute(SLIPS)})
        differing += chain.compare(store.slug, said, heard[store.name])
        numbers = {one.month: one.snapshot_no for one in heard[store.name]}
        found += [
            f"{store.slug} {month}: not reported"
            for month in sorted(shown - {one.month for one in said})
        ]
        found += [
            f"{store.slug} {one.month}: snapshot {one.snapshot_no} sent, "
            f"{numbers.get(one.month)} there"
            for one in said
            if numbers.get(one.month) != one.snapshot_no
        ]
    found += [f"{one.month} {one.what}: {one.stored}, not {one.expected}" for one in differing]
    found += [
        f"{month}: headquarters {summed.get(month, 0)}, slips {slips[month]}"
        for month in sorted({*summed, *slips})
        if summed.get(month, 0) != slips[month]
    ]
    return found


def shapes(tenants: Sequence[Tenant]) -> list[str]:
    """I6: every tenant of a kind has one and the same schema."""
    found = []
    for kind in ("store", "hq"):
        prints = {one.slug: fingerprint(one.name) for one in tenants if one.kind == kind}
        if len(set(prints.values())) > 1:
            found.append(f"I6 {kind}: {prints}")
    return found


def wall() -> list[str]:
    """P3: the audit of the wall finds nothing."""
    return [f"P3 {hole.check}: {hole.found}" for hole in audit.holes()]


def everything(tenants: Sequence[Tenant], journals: Sequence[Entry]) -> list[str]:
    """Check all that can be read from the data."""
    stores = [tenant for tenant in tenants if tenant.kind == "store"]
    return [
        *writes(stores, journals),
        *jobs(),
        *effects(tenants),
        *sums(stores),
        *chains(tenants),
        *shapes(tenants),
        *wall(),
    ]
