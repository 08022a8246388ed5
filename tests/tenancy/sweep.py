"""Ask everything of everybody, and look for canaries that are not the asker's.

A sweep has parts: answers, errors, jobs, exports. Each says where a canary was that has no business
there, and which of its own the asker saw, so that a sweep that sees nothing cannot pass.
"""

import io
import logging
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import structlog
from flask.testing import FlaskClient
from psycopg import sql
from psycopg.types.json import Jsonb
from werkzeug.test import TestResponse

from deploy.local.postgres import Cluster
from tenants import provisioning
from tenants.logins import SERVICE_LOGINS, connect
from tenants.moving import archive, exporting
from tenants.people import api_tokens, permissions
from tenants.registry import Tenant
from tests.api.addresses import Address, tenant_addresses
from tests.api.clients import browser_of
from tests.factories.tenants import new_hq, new_store
from tests.tenancy import canaries
from tests.tenancy.canaries import AT, MONTH, Canary, Nest
from web.app import App

OUTSIDE = ("/", "/stores", "/sign-in", "/api/v1/", "/api/v1/openapi.json", "/healthz", "/readyz")
SHARED_TABLES = ("job", "letter", "clock")


@dataclass(slots=True)
class Person:
    """Somebody with every role in one tenant, signed in and with a token."""

    nest: Nest
    browser: FlaskClient
    token: str
    token_id: UUID
    job_id: UUID


@dataclass(slots=True)
class Town:
    """Two chains of a headquarters and a store each, full of canaries."""

    people: list[Person]

    def others(self, nest: Nest) -> list[Person]:
        """List the people of the other chain, the one of the same kind first."""
        foreign = [one for one in self.people if _chain(one.nest.owner) != _chain(nest.owner)]
        return sorted(foreign, key=lambda one: one.nest.tenant.kind != nest.tenant.kind)

    def may_see(self, nest: Nest, canary: Canary) -> bool:
        """One's own; within a chain names and amounts, and of a store's texts what it hands in."""
        if canary.owner == nest.owner:
            return True
        return _chain(canary.owner) == _chain(nest.owner) and (
            canary.is_shared
            or canary.form == "amount"
            or (nest.tenant.kind == "hq" and canary.is_handed_in)
        )


def _chain(owner: int) -> int:
    return (owner + 1) // 2


@dataclass(slots=True)
class Sweep:
    """What was found where it must not be, and what everybody saw of their own."""

    town: Town
    leaks: list[str] = field(default_factory=list)
    seen: set[Canary] = field(default_factory=set)

    def look(self, reader: Nest | None, where: str, *texts: str) -> None:
        """Look through what `reader` got; None: what should name nobody at all."""
        for canary in sorted(canaries.found_in("\n".join(texts))):
            if reader is None or not self.town.may_see(reader, canary):
                self.leaks.append(f"{where}: {canary}")
            elif canary.owner == reader.owner:
                self.seen.add(canary)

    def look_at(self, reader: Nest, where: str, answer: TestResponse) -> None:
        """Look through an answer, its headers and what is packed in it."""
        self.look(reader, where, str(answer.headers), *_texts(answer.data))


def settle(app: App) -> Town:
    """Make both chains and plant everything."""
    people = []
    for first in (1, 3):
        hq = new_hq(name=Canary(first, 0, "text").value)
        store = new_store(hq=hq, name=Canary(first + 1, 0, "text").value)
        for owner, tenant in ((first, hq), (first + 1, store)):
            nest = Nest(tenant, owner)
            canaries.plant(nest, store=store.name)
            people.append(_person(app, nest, hq if tenant is store else None))
    return Town(people)


def _person(app: App, nest: Nest, hq: Tenant | None) -> Person:
    now = datetime.now(UTC)
    person = provisioning.add_person(
        login=f"{nest.canary('people.login')}@{nest.tenant.name}", name=nest.canary("people.name")
    )
    for role in permissions.ROLES:
        provisioning.grant_role(person, nest.tenant, role)
    token = api_tokens.make_api_token(
        person, nest.tenant, label=nest.canary("tokens.label"), now=now
    )
    (listed,) = api_tokens.api_tokens(person, nest.tenant)
    job_id = _job(nest, hq)
    return Person(nest, browser_of(app, person), token, listed.id, job_id)


def _job(nest: Nest, hq: Tenant | None) -> UUID:
    """Write a job that was given up, and a letter to the headquarters."""
    with connect(nest.tenant.name) as connection:
        row = connection.execute(
            "INSERT INTO ops.job (kind, queue, args, state, run_at, created_at, error_class) "
            "VALUES ('test.unknown', 'bulk', %s, 'dead', %s, %s, 'Planted') RETURNING id",
            [Jsonb({"text": nest.canary("job.args")}), AT, AT],
        ).fetchone()
        if hq is not None:
            connection.execute(
                "INSERT INTO ops.letter (receiver, kind, key, revision, version, payload, on_date,"
                " sent_at) VALUES (%s, 'test', 'x', 1, 1, %s, %s, %s)",
                [hq.name, Jsonb({"text": nest.canary("letter.payload")}), MONTH, AT],
            )
    assert row
    return UUID(str(row[0]))


def answers(
    sweep: Sweep, app: App, person: Person, *, wanted: Callable[[Address], bool] = lambda _: True
) -> None:
    """Ask every address with every method it knows: in one's own tenant, and in another's.

    Methods it does not know: tests/api/test_every_address.py, where all answers are one.
    """
    own, other = person.nest.tenant, sweep.town.others(person.nest)[0]
    asked = [one for one in tenant_addresses(app) if wanted(one)]
    # what shows no more than another answer does is asked by those alone whom it is for
    fitting = {one.template for one in asked if (one.access.only == "hq") == (own.kind == "hq")}
    known = {(one.template, one.method) for one in asked}
    for template, method in sorted(known | {(one, "OPTIONS") for one in fitting}):
        for slug in (own.slug, other.nest.tenant.slug):
            for path in _paths(template, slug, [person, other]):
                _ask(sweep, app, person, method, path)
        if method == "GET":
            in_own = template.replace("<slug>", own.slug)
            if template in fitting:
                _ask(sweep, app, person, "HEAD", in_own)
            sweep.look_at(person.nest, in_own, person.browser.get(f"{in_own}?text=zqv"))
    for path in OUTSIDE:
        sweep.look_at(person.nest, path, person.browser.get(path))
    sweep.look(None, "/metrics", app.test_client().get("/metrics").text)


def _paths(template: str, slug: str, people: Sequence[Person]) -> Iterator[str]:
    """Fill in ids: numbers are the same everywhere, a UUID is one's own and another's."""
    path = template.replace("<slug>", slug)
    sample = str(UUID(int=7))
    if sample not in path:
        yield path
        return
    for person in people:
        yield path.replace(sample, str(person.job_id if "jobs" in path else person.token_id))


def _ask(sweep: Sweep, app: App, person: Person, method: str, path: str) -> None:
    answer = app.test_client().open(
        path, method=method, headers={"Authorization": f"Bearer {person.token}"}, json={}
    )
    assert answer.status_code < 500, (method, path, answer.text[:300])
    sweep.look_at(person.nest, f"{method} {path} as {person.nest.owner}", answer)


def jobs(sweep: Sweep) -> None:
    """Look at the shared tables as every login sees them."""
    for person in sweep.town.people:
        with connect(person.nest.tenant.name) as connection:
            for table in ("job", "letter"):
                # as text: Python knows no date after the year 9999, and a job may wait for ever
                rows = connection.execute(f"SELECT t::text FROM ops.{table} t").fetchall()
                sweep.look(person.nest, f"ops.{table} as {person.nest.owner}", str(rows))
    for login in SERVICE_LOGINS:
        with connect(login) as connection:
            for table in SHARED_TABLES:
                columns = connection.execute(
                    "SELECT attname FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid "
                    "JOIN pg_namespace n ON n.oid = relnamespace AND nspname = 'ops' "
                    "WHERE relname = %s AND attnum > 0 "
                    "AND has_schema_privilege(n.oid, 'USAGE') "
                    "AND has_column_privilege(attrelid, attname, 'SELECT')",
                    [table],
                ).fetchall()
                if columns:
                    names = sql.SQL(", ").join(sql.Identifier(name) for (name,) in columns)
                    rows = connection.execute(
                        sql.SQL("SELECT ROW({})::text FROM {}").format(
                            names, sql.Identifier("ops", table)
                        )
                    ).fetchall()
                    sweep.look(None, f"ops.{table} as {login}", str(rows))


def exports(sweep: Sweep) -> None:
    """Export every tenant and look into the files."""
    for person in sweep.town.people:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "export"
            exporting.export(person.nest.tenant, path)
            with archive.reading(path) as reader:
                tables = [
                    b"".join(reader.table(table)).decode() for table in reader.manifest.tables
                ]
                where = f"export of {person.nest.owner}"
                sweep.look(person.nest, where, str(reader.manifest), *tables)


@contextmanager
def logged(cluster: Cluster) -> Iterator[list[str]]:
    """Catch what the process and the database server log; filled when the block ends."""
    lines: list[str] = []
    said, root = io.StringIO(), logging.getLogger()
    before, handlers, level = structlog.get_config(), root.handlers, root.level
    server = cluster.layout.log
    began = server.stat().st_size
    try:
        with redirect_stderr(said):
            root.handlers, root.level = [logging.StreamHandler(sys.stderr)], logging.INFO
            yield lines
    finally:
        root.handlers, root.level = handlers, level
        structlog.configure(**before)
        lines += said.getvalue().splitlines()
        with server.open("rb") as file:
            file.seek(began)
            lines += file.read().decode(errors="replace").splitlines()


def _texts(data: bytes) -> Iterator[str]:
    if data.startswith(b"PK"):  # a workbook
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for name in packed.namelist():
                yield packed.read(name).decode(errors="replace")
    yield data.decode(errors="replace")
