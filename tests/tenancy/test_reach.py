"""What each login can reach, tried out object by object as the catalogue lists them.

Everything that is not on the short lists below is refused; what is on them is allowed, so that a
broken login cannot make this pass.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import TupleRow

from deploy.local.postgres import Cluster
from tenants.logins import SERVICE_LOGINS, connect
from tenants.registry import Tenant
from tests.factories.tenants import new_hq

ALL = "SELECT INSERT UPDATE DELETE"
JOB_STATE = "state run_at attempt lease_until lease_by error_class finished_at"

# login -> table -> verbs; `verb(column column)` means those columns alone
REACH: dict[str, dict[str, list[str]]] = {
    "app_auth": {
        "registry.tenants": ["SELECT"],
        "registry.contracts": ["SELECT"],
        "registry.version": ["SELECT"],
        "registry.people": [
            "SELECT",
            "INSERT(id login name password_hash locale created_at email)",
            "UPDATE(password_hash locale email)",
        ],
        "registry.memberships": ["SELECT", "INSERT", "UPDATE(since)", "DELETE"],
        **dict.fromkeys(
            ("registry.sessions", "registry.api_tokens", "registry.sign_in_failures"), ALL.split()
        ),
        **dict.fromkeys(
            (
                "registry.second_factors",
                "registry.recovery_codes",
                "registry.links",
                "registry.account_mails",
            ),
            ALL.split(),
        ),
        **dict.fromkeys(
            ("registry.invitations", "registry.role_changes"), ["SELECT", "INSERT", "UPDATE"]
        ),
        "registry.people_log": ["SELECT", "INSERT"],  # nobody alters or deletes it
    },
    "app_dispatch": {
        "registry.tenants": ["SELECT"],
        "registry.contracts": ["SELECT"],
        "registry.people": ["SELECT(id login name locale disabled_at email)"],
        "registry.memberships": ["SELECT(person_id tenant role)"],
        "registry.version": ["SELECT"],
        "ops.job": [
            "SELECT(id tenant kind queue uniq state run_at attempt max_attempt lease_until lease_by"
            " created_at finished_at)",
            "INSERT",
            f"UPDATE({JOB_STATE})",
            "DELETE",
        ],
        "ops.letter": [
            "SELECT(id sender receiver kind sent_at delivered_at)",
            "UPDATE(delivered_at)",
        ],
        "ops.clock": ALL.split(),
    },
    "app_migrator": {
        **dict.fromkeys(
            ("registry.tenants", "registry.stock"), ["SELECT", "UPDATE(version hq_version)"]
        )
    },
    "app_provision": {
        **dict.fromkeys(
            ("registry.tenants", "registry.contracts", "registry.people"),
            ["SELECT", "INSERT", "UPDATE"],
        ),
        "registry.stock": ALL.split(),
        "registry.clean_audit": ALL.split(),
        "registry.memberships": ["SELECT", "INSERT", "DELETE"],
        "registry.api_tokens": ["SELECT", "INSERT", "UPDATE"],
        "registry.people_log": ["INSERT"],
        "registry.sessions": ["SELECT(person_id)", "DELETE"],
        "ops.job": [
            "SELECT(id tenant kind queue state run_at attempt error_class created_at finished_at)"
        ],
        "ops.errand": ALL.split(),
        "ops.tombstone": ["SELECT"],
    },
    "a tenant": {
        "ops.job": ["SELECT", "INSERT", f"UPDATE(args {JOB_STATE})"],  # args: erased by their owner
        "ops.letter": ["SELECT", "INSERT"],
        "ops.tombstone": ["INSERT"],
    },
}
ROLES = {"app_migrator": {"app_owner"}, "app_provision": {"app_owner"}}
# Those who watch the server see who is at work and how many rows there are, not what is in them.
WATCHERS = ("app_migrator", "app_provision")
WATCHING = re.compile(
    r"pg_stat(io)?_[a-z_]*|pg_stat_get_.*|pg_locks|pg_lock_status\(\)|pg_settings|pg_show_all_settings\(\)|pg_roles|pg_user"
    r"|pg_group|pg_db_role_setting|pg_prepared_xacts?(\(\))?|pg_(table|total_relation|relation|indexes"
    r"|database|tablespace)_size\(.*\)|pg_relation_file(path|node)\(.*\)"
)
FUNCTIONS = {
    "a tenant": {"ops.is_linked(name,date)"},
    "app_provision": {"registry.settle_login(name)"},
}
MAKES = {"app_provision": {"CREATE ROLE planted"}}

LOGINS = (*SERVICE_LOGINS, "a tenant")


@dataclass(frozen=True)
class Table:
    """One relation and its columns."""

    schema: str
    name: str
    columns: tuple[str, ...]

    @property
    def place(self) -> sql.Identifier:
        """Give its quoted name."""
        return sql.Identifier(self.schema, self.name)


@dataclass(frozen=True)
class House:
    """The one whose login tries, and the one whose tables it should not reach."""

    mine: Tenant
    theirs: Tenant

    def connect(self, login: str) -> psycopg.Connection[TupleRow]:
        """Log in."""
        return connect(self.mine.name if login == "a tenant" else login, autocommit=True)


@pytest.fixture(scope="module")
def house(cluster: Cluster) -> House:
    return House(new_hq(), new_hq())  # a headquarters has every table there is


@pytest.mark.parametrize("login", LOGINS)
def test_a_login_reaches_the_tables_on_its_list_and_no_other(house: House, login: str) -> None:
    tables = _tables("registry", "ops", "ext", "public", house.theirs.name)
    assert len(tables) > 30
    reached: dict[str, list[str]] = {}
    with house.connect(login) as connection:
        for table in tables:
            if verbs := _verbs(connection, table):
                reached[f"{table.schema}.{table.name}"] = verbs

    assert reached == REACH[login]


@pytest.mark.parametrize("login", LOGINS)
def test_a_login_reaches_the_hidden_views_on_its_list(house: House, login: str) -> None:
    closed = _ask(
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'pg_catalog'::regnamespace"
        " AND c.relkind IN ('r', 'v') AND NOT EXISTS (SELECT FROM aclexplode(c.relacl) a"
        " WHERE a.grantee = 0 AND a.privilege_type = 'SELECT') AND NOT EXISTS (SELECT FROM"
        " pg_attribute t WHERE t.attrelid = c.oid AND t.attacl IS NOT NULL) ORDER BY 1"
    )
    assert set(closed) >= {"pg_authid", "pg_statistic", "pg_stat_activity", "pg_stat_user_tables"}
    with house.connect(login) as connection:
        seen = {view for view in closed if _may(connection, _select(("pg_catalog", view), "1"))}

    assert seen == _watched(login, closed)


@pytest.mark.parametrize("login", LOGINS)
def test_a_login_becomes_nobody_else(house: House, login: str) -> None:
    roles = _ask("SELECT rolname FROM pg_roles WHERE rolname !~ '^t_'")
    own = house.mine.name if login == "a tenant" else login
    with house.connect(login) as connection:
        became = {
            role
            for role in [*roles, house.theirs.name]
            if role != own and _may(connection, _set_role(role))
        }

    assert became == ROLES.get(login, set())


@pytest.mark.parametrize("login", LOGINS)
def test_a_login_calls_no_function_that_is_not_for_it(house: House, login: str) -> None:
    own = house.mine.name if login == "a tenant" else login
    ours = _ask(
        "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n"
        " ON n.oid = p.pronamespace WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')"
        " AND has_schema_privilege(%s, n.oid, 'USAGE')"
        " AND has_function_privilege(%s, p.oid, 'EXECUTE')",
        [own, own],
    )
    closed = _ask(
        "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.proacl IS NOT NULL"
        " AND p.pronamespace = 'pg_catalog'::regnamespace AND NOT EXISTS"
        " (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee = 0)"
    )
    opened = _ask(
        "SELECT f FROM unnest(%s::text[]) f WHERE has_function_privilege(%s, f, 'EXECUTE')",
        [list(closed), own],
    )

    assert set(ours) == FUNCTIONS.get(login, set())
    assert "set_config(text,text,boolean)" in closed
    assert set(opened) == _watched(login, closed)


@pytest.mark.parametrize("login", LOGINS)
def test_a_login_makes_nothing(house: House, login: str) -> None:
    schemas = ("registry", "ops", "ext", "public", house.theirs.name, house.mine.name)
    makes = [
        *(f"CREATE TABLE {schema}.planted (a int)" for schema in schemas),
        *(f"CREATE VIEW {schema}.planted AS SELECT 1" for schema in schemas),
        "CREATE TEMP TABLE planted (a int)",
        "CREATE SCHEMA planted",
        "CREATE ROLE planted",
        "CREATE DATABASE planted",
        "CREATE EXTENSION hstore SCHEMA ext",
        "CREATE PUBLICATION planted",
        f"CREATE FUNCTION {house.mine.name}.planted() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "DO LANGUAGE plpgsql 'BEGIN NULL; END'",
        "ALTER SYSTEM SET fsync = off",
        "CHECKPOINT",
        f"DROP SCHEMA {house.theirs.name} CASCADE",
        f"ALTER ROLE {house.theirs.name} SUPERUSER",
        "ALTER ROLE app_owner LOGIN",
    ]
    with house.connect(login) as connection:
        made = {make for make in makes if _may(connection, sql.SQL(make))}  # type: ignore[arg-type]

    assert made == MAKES.get(login, set())


def _watched(login: str, closed: list[str]) -> set[str]:
    return {name for name in closed if login in WATCHERS and WATCHING.fullmatch(name)}


def _verbs(connection: psycopg.Connection[TupleRow], table: Table) -> list[str]:
    """Try every verb on every column."""
    by_column: dict[str, Callable[[str], sql.Composable]] = {
        "SELECT": lambda column: _select((table.schema, table.name), column),
        "INSERT": lambda column: sql.SQL("EXPLAIN INSERT INTO {} ({}) VALUES (DEFAULT)").format(
            table.place, sql.Identifier(column)
        ),
        "UPDATE": lambda column: sql.SQL("EXPLAIN UPDATE {} SET {} = DEFAULT").format(
            table.place, sql.Identifier(column)
        ),
    }
    found = []
    for verb, statement in by_column.items():
        columns = [c for c in table.columns if _may(connection, statement(c))]
        if columns:
            whole = len(columns) == len(table.columns)
            found.append(verb if whole else f"{verb}({' '.join(columns)})")
    for verb, form in (
        ("DELETE", "EXPLAIN DELETE FROM {}"),
        ("TRUNCATE", "TRUNCATE {}"),
        ("CHANGE", "ALTER TABLE {} ADD COLUMN planted int"),
        ("LOCK", "LOCK TABLE {} IN ACCESS EXCLUSIVE MODE NOWAIT"),
    ):
        if verb == "LOCK" and found:
            continue  # whoever may write may lock
        if _may(connection, sql.SQL(form).format(table.place)):
            found.append(verb)
    return found


def _select(place: tuple[str, str], column: str) -> sql.Composable:
    what = sql.SQL("1") if column == "1" else sql.Identifier(column)
    return sql.SQL("EXPLAIN SELECT {} FROM {}").format(what, sql.Identifier(*place))


def _set_role(role: str) -> sql.Composable:
    return sql.SQL("SET ROLE {}").format(sql.Identifier(role))


def _may(connection: psycopg.Connection[TupleRow], statement: sql.Composable) -> bool:
    """Tell whether a statement is allowed, and undo it."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return False
    except psycopg.errors.ActiveSqlTransaction:  # asked before the right is: ask without one
        return _may_alone(connection, statement)
    return True


def _may_alone(connection: psycopg.Connection[TupleRow], statement: sql.Composable) -> bool:
    try:
        connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True


def _tables(*schemas: str) -> list[Table]:
    with connect("app_provision") as connection:
        rows = connection.execute(
            "SELECT n.nspname, c.relname, array_agg(a.attname::text ORDER BY a.attnum)"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
            " WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
            " GROUP BY 1, 2 ORDER BY 1, 2",
            [list(schemas)],
        ).fetchall()
    return [Table(schema, name, tuple(columns)) for schema, name, columns in rows]


def _ask(question: str, given: list[object] | None = None) -> list[str]:
    with connect("app_provision") as connection:
        return [row[0] for row in connection.execute(question, given).fetchall()]  # type: ignore[arg-type]
