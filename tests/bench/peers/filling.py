"""Fills the peers' database by plain SQL: django-tenants itself would take an hour."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg

from tenants import script
from tests.bench.servers import Peer, in_groups

TEMPLATE = "kept_template"


def fillers(peer: Peer, names: Sequence[str]) -> None:
    """Make schemas with the tables of a tenant that nobody will use, as a full database has."""
    statements = [one for one in script.whole_schema("tenant") if not one.startswith("GRANT")]
    text = ";\n".join(statements)

    def make(connection: psycopg.Connection, name: str) -> None:
        connection.execute(
            f"BEGIN; CREATE SCHEMA {name}; SET LOCAL search_path = {name}, ext; {text}; COMMIT"
        )

    _in_two(peer, names, make)


def tenants(peer: Peer, names: Sequence[str], *, more: str = "") -> None:
    """Make tenants as django-tenants would, from the SQL of its own first migration.

    `more` is SQL to run in each schema afterwards.
    """
    with peer.connect() as connection:
        known = connection.execute("SELECT to_regnamespace(%s)", [TEMPLATE]).fetchone()
    if known == (None,):
        peer.run("makes", said=f"{TEMPLATE}\n")
    text = peer.run("renders", TEMPLATE)

    def make(connection: psycopg.Connection, name: str) -> None:
        connection.execute(
            f"BEGIN; CREATE SCHEMA {name}; SET LOCAL search_path = {name}, public; {text}\n"
            f"CREATE TABLE django_migrations (LIKE {TEMPLATE}.django_migrations INCLUDING ALL);"
            f"INSERT INTO django_migrations (app, name, applied) SELECT app, name, applied "
            f"FROM {TEMPLATE}.django_migrations; {more}; COMMIT"
        )
        connection.execute(
            "WITH made AS (INSERT INTO public.tenancy_client (schema_name, name) "
            "VALUES (%(name)s, %(name)s) RETURNING id) "
            "INSERT INTO public.tenancy_domain (domain, is_primary, tenant_id) "
            "SELECT %(name)s || '.localhost', true, id FROM made",
            {"name": name},
        )

    _in_two(peer, names, make)


def _in_two(
    peer: Peer, names: Sequence[str], make: Callable[[psycopg.Connection, str], None]
) -> None:
    def work(some: Sequence[str]) -> None:
        with peer.connect() as connection:
            connection.execute("SET synchronous_commit = off")
            for name in some:
                make(connection, name)

    with ThreadPoolExecutor(2) as makers:
        list(makers.map(work, in_groups(names)))
