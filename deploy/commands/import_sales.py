"""`./rollbook import sales FILE`: a file of many stores into each of them, by jobs.

Shape: the columns of the import page and one that names the store: its slug, code or name.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from deploy.commands import options
from deploy.faults import Fault
from deploy.local.home import database_at_hand
from deploy.setup import say
from shared.domain.sales.events import ImportRows
from shared.domain.sales.queries import imports
from shared.domain.sales.service import import_parsing, importing
from shared.errors import problem
from shared.forms.tables import Table, write_table
from tenants import registry
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from workers.idle import StillBusy, work_until_idle

BAR_WIDTH = 30
BAR_SECONDS = 0.5

Reason = tuple[int, list[str], list[dict[str, str]]]


@dataclass(slots=True)
class Part:
    """What one store is sent; `called` is what the file calls it."""

    store: Tenant
    called: set[str]
    table: Table
    run_id: int = 0


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    options.add_data(parser)
    parser.add_argument("what", choices=["sales"])
    parser.add_argument("file", type=options.path, help="CSV or XLSX")
    parser.add_argument(
        "--hq", "--chain", metavar="SLUG", help="look for the stores in this chain alone"
    )
    parser.add_argument("--no-wait", action="store_true", help="leave the rows to the workers")


def run(arguments: argparse.Namespace) -> int:
    """Send each store its rows, wait for the jobs, write the bad rows beside the file."""
    path: Path = arguments.file
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Fault(f"cannot read {path}: {error.strerror}") from error
    with database_at_hand(arguments.data):
        with say.step(f"Reading {path.name}"):
            upload = importing.read_upload(path.name, content)
            parts, strangers = _part(upload.table, _stores_across_tenants(arguments.hq))
        with say.step(f"Sending rows to {len(parts)} stores"):
            for part in parts:
                _send(part, upload)
        if arguments.no_wait:
            say.line("received: the page of imports in each store shows how far it is")
            return 1 if strangers else 0
        _wait(parts, len(upload.table.rows) - len(strangers))
        reasons = [*strangers, *(reason for part in parts for reason in _result(part))]
    if not reasons:
        return 0
    table = importing.with_reasons(upload.table.file_format, upload.table.columns, sorted(reasons))
    bad = path.with_name(f"{path.stem}-bad-rows{path.suffix}")
    bad.write_bytes(write_table(table))
    say.line(f"{len(reasons)} rows were not imported; the reasons stand beside them in {bad}")
    return 1


def _stores_across_tenants(hq_slug: str | None) -> dict[str, list[Tenant]]:
    hq = registry.tenant_by_slug(hq_slug) if hq_slug else None
    if hq_slug and hq is None:
        raise Fault(f"there is no headquarters {hq_slug!r}", "./rollbook tenants list shows all.")
    named: dict[str, list[Tenant]] = {}
    for store in registry.all_tenants(hq=hq.name if hq else None):
        if store.kind == "store" and store.state == "active":
            names = (store.slug, store.code, store.display_name)
            for key in {import_parsing.store_key(name) for name in names}:
                named.setdefault(key, []).append(store)
    return named


def _part(table: Table, stores: dict[str, list[Tenant]]) -> tuple[list[Part], list[Reason]]:
    parts: dict[str, Part] = {}
    strangers: list[Reason] = []
    for called, rows in import_parsing.split_by_store(table).items():
        found = stores.get(import_parsing.store_key(called), [])
        if len(found) > 1:
            chains = ", ".join(sorted(store.hq_slug or store.slug for store in found))
            raise Fault(f"{called!r} is a store in several chains: {chains}", "Say --hq SLUG.")
        if found:
            store = found[0]
            part = parts.setdefault(store.name, Part(store, set(), replace(rows, rows=[])))
            part.called.add(called)
            part.table.rows.extend(rows.rows)
            continue
        unknown = problem("store", "NOT_FOUND")
        strangers += [(number, list(cells), [asdict(unknown)]) for number, cells in rows.rows]
    return list(parts.values()), strangers


def _send(part: Part, upload: importing.Upload) -> None:
    part.table.rows.sort()
    own = replace(upload, table=part.table)
    with tenant_session(part.store) as session, session.begin():
        part.run_id = importing.receive_table(
            session,
            upload=own,
            actor_id=None,
            now=datetime.now(UTC),
            own_store=part.called,
        ).id


def _wait(parts: Sequence[Part], rows: int) -> None:
    bar = _Bar(parts, rows)
    try:
        work_until_idle([part.store for part in parts], told=bar.told)
    except StillBusy as error:
        raise Fault(
            "the jobs of this import do not end",
            "The rows are safe; see the job centre of the stores, then run the same again.",
        ) from error
    bar.end()


class _Bar:
    """Shows on a terminal how many rows of all stores are done."""

    def __init__(self, parts: Sequence[Part], rows: int) -> None:
        self._parts = parts
        self._rows = rows
        self._drawn_at = 0.0
        self._is_shown = sys.stdout.isatty()

    def told(self, kind: str, _outcome: str) -> None:
        is_due = time.monotonic() - self._drawn_at > BAR_SECONDS
        if self._is_shown and is_due and kind == ImportRows.wire:
            self._draw(_done_across_tenants(self._parts))

    def end(self) -> None:
        if self._is_shown:
            self._draw(_done_across_tenants(self._parts))
            say.line("")

    def _draw(self, done: int) -> None:
        self._drawn_at = time.monotonic()
        filled = BAR_WIDTH * done // max(self._rows, 1)
        bar = "█" * filled + "░" * (BAR_WIDTH - filled)
        sys.stdout.write(f"\r  {bar} {done}/{self._rows} rows")
        sys.stdout.flush()


def _done_across_tenants(parts: Sequence[Part]) -> int:
    done = 0
    for part in parts:
        with tenant_session(part.store) as session:
            done += imports.get(session, part.run_id).rows_done
    return done


def _result(part: Part) -> Sequence[Reason]:
    with tenant_session(part.store) as session:
        run = imports.get(session, part.run_id)
        bad = imports.rows(session, part.run_id, state="BAD", limit=run.rows_total)
        say.line(
            f"    {part.store.slug}: {run.rows_saved} saved, {run.rows_known} known already, "
            f"{run.rows_bad} bad ({run.state.lower()})"
        )
        return [(row.line_no, list(row.cells), list(row.problems)) for row in bad]
