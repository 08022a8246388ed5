"""The catalogue audit: questions to the database whose right answer is nothing.

Each finds one way in which the wall between tenants could have been opened. It runs in CI, when
Rollbook starts, and as `./rollbook tenants audit`. All questions read access lists, not pairs of
tenants: their cost grows with the number of tables, not with its square.

An audit that found nothing is remembered by its horizon: every catalogue row written before it has
been looked at. The next one asks about tables, columns, keys and triggers only where a row is newer
(`xmin` says so, whoever wrote it), and all else as always. Roles, schemas and shared tables are
few: they are asked about each time, which also finds whatever was renamed.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from psycopg import Connection
from psycopg.rows import DictRow

from tenants.services import service

_TENANT = "^t_[0-9a-z]{10}$"
_OLDEST = 2**30  # transactions; numbers of rows older than that may begin anew
_MOST_CHANGED = 50_000  # tables; when more are new, asking about all costs no more

# Tables about which something was written since the horizon: themselves, a column's grant, a key of
# theirs or to them, a trigger.
_CHANGED = """
    WITH touched AS MATERIALIZED (
        SELECT oid FROM pg_class
        WHERE age(xmin) <= %(age)s AND relkind NOT IN ('i', 'I', 't', 'c'))
    SELECT oid FROM touched
    UNION SELECT attrelid FROM pg_attribute WHERE attacl IS NOT NULL AND age(xmin) <= %(age)s
    UNION SELECT conrelid FROM pg_constraint
        WHERE contype = 'f' AND (age(xmin) <= %(age)s OR confrelid IN (SELECT oid FROM touched))
    UNION SELECT tgrelid FROM pg_trigger WHERE NOT tgisinternal AND age(xmin) <= %(age)s
    LIMIT %(most)s
"""
_NOW = """
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon,
        (SELECT system_identifier FROM pg_control_system()) AS cluster
"""

# check -> a query of one text column naming each offender
_CHECKS: dict[str, str] = {
    "a tenant's login has a membership besides tenant_login, or one it could use to switch": """
        SELECT m.rolname || ' in ' || g.rolname FROM pg_auth_members a
        JOIN pg_roles m ON m.oid = a.member JOIN pg_roles g ON g.oid = a.roleid
        WHERE m.rolname ~ %(tenant)s
          AND (g.rolname <> 'tenant_login' OR a.set_option OR a.admin_option)""",
    "somebody may act as a tenant's login": """
        SELECT m.rolname || ' in ' || g.rolname FROM pg_auth_members a
        JOIN pg_roles m ON m.oid = a.member JOIN pg_roles g ON g.oid = a.roleid
        WHERE g.rolname ~ %(tenant)s
          AND (m.rolname <> 'app_provision' OR a.inherit_option OR a.set_option)""",
    "a service login has a membership it does not need": """
        SELECT m.rolname || ' in ' || g.rolname FROM pg_auth_members a
        JOIN pg_roles m ON m.oid = a.member JOIN pg_roles g ON g.oid = a.roleid
        WHERE m.rolname IN ('app_auth', 'app_dispatch', 'tenant_login')
           OR (m.rolname IN ('app_migrator', 'app_provision') AND a.inherit_option)
           OR (m.rolname = 'app_migrator' AND g.rolname <> 'app_owner')""",
    "a tenant's login has a right of the whole cluster": """
        SELECT rolname FROM pg_roles WHERE rolname ~ %(tenant)s
          AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls
               OR rolconnlimit < 0)""",
    "a tenant's login has changed its own settings": """
        SELECT r.rolname || ': ' || array_to_string(s.setconfig, ', ')
        FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole
        WHERE r.rolname ~ %(tenant)s AND (s.setdatabase <> 0 OR EXISTS (
          SELECT FROM unnest(s.setconfig) c WHERE c <> ALL(ARRAY['search_path=' || r.rolname,
            'temp_file_limit=256MB', 'statement_timeout=15s', 'lock_timeout=5s',
            'idle_in_transaction_session_timeout=10s', 'TimeZone=UTC'])))""",
    "a tenant's login owns something": """
        SELECT r.rolname || ' owns ' || d.classid::regclass || ' ' || d.objid
        FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid
        WHERE d.refclassid = 'pg_authid'::regclass AND d.deptype = 'o'
          AND r.rolname ~ %(tenant)s""",
    "a schema is open to another than its own tenant": """
        SELECT n.nspname || ' to ' || coalesce(r.rolname, 'PUBLIC')
        FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) a
        LEFT JOIN pg_roles r ON r.oid = a.grantee
        WHERE n.nspname ~ %(tenant)s AND coalesce(r.rolname, 'PUBLIC') <> 'app_owner'
          AND (coalesce(r.rolname, 'PUBLIC') <> n.nspname OR a.privilege_type <> 'USAGE')""",
    "a table is open to another than its own tenant, or open too wide": """
        SELECT c.oid::regclass || ' ' || a.privilege_type || ' to ' || coalesce(r.rolname, 'PUBLIC')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
        WHERE (%(new)s::oid[] IS NULL OR c.oid = ANY(%(new)s))
          AND n.nspname ~ %(tenant)s AND coalesce(r.rolname, 'PUBLIC') <> 'app_owner'
          AND (coalesce(r.rolname, 'PUBLIC') <> n.nspname
               OR a.privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE'))""",
    "a column is open to another than its own tenant": """
        SELECT c.oid::regclass || '.' || t.attname || ' to ' || coalesce(r.rolname, 'PUBLIC')
        FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL aclexplode(t.attacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
        WHERE (%(new)s::oid[] IS NULL OR t.attrelid = ANY(%(new)s))
          AND t.attacl IS NOT NULL AND n.nspname ~ %(tenant)s
          AND coalesce(r.rolname, 'PUBLIC') NOT IN ('app_owner', n.nspname)""",
    "a tenant reaches a shared table that is not for tenants": """
        SELECT c.oid::regclass || ' to ' || coalesce(r.rolname, 'PUBLIC')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
        WHERE n.nspname IN ('registry', 'ops', 'ext')
          AND (a.grantee = 0 OR r.rolname ~ %(tenant)s
               OR (r.rolname = 'tenant_login'
                   AND c.relname NOT IN ('job', 'letter', 'tombstone')))""",
    "a shared table that tenants use lacks row-level security": """
        SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'ops' AND c.relname IN ('job', 'letter', 'tombstone')
          AND NOT (c.relrowsecurity AND c.relforcerowsecurity)""",
    "a policy lets tenants see others' rows": """
        SELECT p.tablename || '.' || p.policyname FROM pg_policies p
        WHERE p.schemaname = 'ops' AND (p.roles && ARRAY['public', 'tenant_login']::name[])
          AND coalesce(p.qual, p.with_check) NOT LIKE '%%SESSION_USER%%'""",
    "a definer function does not pin its search_path, or anybody may call it": """
        SELECT p.oid::regprocedure::text FROM pg_proc p
        JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE p.prosecdef AND n.nspname !~ '^pg_' AND (
          NOT coalesce(array_to_string(p.proconfig, ',') LIKE '%%search_path=pg_catalog%%', false)
          OR p.proacl IS NULL
          OR EXISTS (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee = 0))""",
    "something crosses from one tenant's schema to another": """
        SELECT k.conrelid::regclass || ' refers to ' || k.confrelid::regclass
        FROM pg_constraint k JOIN pg_class a ON a.oid = k.conrelid
        JOIN pg_class b ON b.oid = k.confrelid JOIN pg_namespace n ON n.oid = a.relnamespace
        WHERE (%(new)s::oid[] IS NULL OR k.conrelid = ANY(%(new)s))
          AND k.contype = 'f' AND n.nspname ~ %(tenant)s AND a.relnamespace <> b.relnamespace
        UNION ALL
        SELECT t.tgrelid::regclass || ' trigger ' || t.tgname FROM pg_trigger t
        JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE (%(new)s::oid[] IS NULL OR t.tgrelid = ANY(%(new)s))
          AND NOT t.tgisinternal AND n.nspname ~ %(tenant)s
        UNION ALL
        SELECT c.oid::regclass || ' is a view' FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE (%(new)s::oid[] IS NULL OR c.oid = ANY(%(new)s))
          AND c.relkind IN ('v', 'm') AND n.nspname !~ '^(pg_|information_schema$|ext$)'""",
    "a dangerous function is open to everybody": """
        SELECT p.oid::regprocedure::text FROM pg_proc p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace
          AND (p.proname IN ('set_config', 'pg_notify', 'ts_stat', 'pg_export_snapshot',
                 'pg_terminate_backend', 'pg_cancel_backend', 'pg_logical_emit_message')
               OR p.proname LIKE 'pg\\_%%advisory%%' OR p.proname ~ '^lo_'
               OR p.proname ~ '^(query|cursor|table|schema|database)_to_xml'
               OR p.proname LIKE 'pg\\_stat\\_get\\_%%' OR p.proname IN ('pg_lock_status',
                 'pg_relation_size', 'pg_total_relation_size', 'pg_table_size'))
          AND (p.proacl IS NULL
               OR EXISTS (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee = 0))""",
    "a view that watches others is open to everybody": """
        SELECT c.oid::regclass::text FROM pg_class c
        WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind IN ('r', 'v')
          AND (c.relname ~ '^pg_(stat|statio)_'
               OR c.relname IN ('pg_locks', 'pg_roles', 'pg_user', 'pg_db_role_setting'))
          AND EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee = 0)""",
    "the database or the public schema is open to everybody": """
        SELECT d.datname || ' ' || a.privilege_type FROM pg_database d
        CROSS JOIN LATERAL aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
        WHERE d.datname = current_database() AND a.grantee = 0
        UNION ALL
        SELECT 'schema public ' || a.privilege_type FROM pg_namespace n
        CROSS JOIN LATERAL aclexplode(n.nspacl) a WHERE n.nspname = 'public' AND a.grantee = 0""",
    "new objects would be granted by default": """
        SELECT d.oid || ' for ' || d.defaclrole::regrole FROM pg_default_acl d
        CROSS JOIN LATERAL aclexplode(d.defaclacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
        WHERE a.grantee = 0 OR r.rolname ~ %(tenant)s OR r.rolname = 'tenant_login'""",
    "a schema has no tenant in the registry": """
        SELECT n.nspname::text FROM pg_namespace n WHERE n.nspname ~ %(tenant)s
          AND NOT EXISTS (SELECT FROM registry.tenants t WHERE t.name = n.nspname)
          AND NOT EXISTS (SELECT FROM registry.stock s WHERE s.name = n.nspname)""",
}


@dataclass(frozen=True, slots=True)
class Hole:
    """One place where the wall is open: which question found it, and the object."""

    check: str
    found: str


def holes(*, full: bool = False) -> list[Hole]:
    """Ask every question; an empty list is a whole wall.

    Unless `full`, of what was already found whole only that which was written since.
    """
    with service("app_provision") as connection:
        now = connection.execute(_NOW).fetchone()
        assert now is not None
        new = None if full else _changed(connection, now)
        found = [
            Hole(check, row["found"])
            for check, query in _CHECKS.items()
            for row in connection.execute(
                f"SELECT * FROM ({query}) AS asked (found)", {"tenant": _TENANT, "new": new}
            )
        ]
        if not found:
            _remember(connection, now)
    return found


def _changed(connection: Connection[DictRow], now: DictRow) -> list[int] | None:
    """List the tables to look at; None: all of them."""
    last = connection.execute(
        "SELECT horizon FROM registry.clean_audit WHERE questions = %s AND cluster = %s",
        [_questions(), now["cluster"]],
    ).fetchone()
    if last is None or not 0 <= now["horizon"] - last["horizon"] < _OLDEST:
        return None
    # Both ages count from one and the same transaction, so what is newer is never left out.
    row = connection.execute("SELECT age(%s::text::xid) AS age", [last["horizon"] % 2**32])
    given = {**(row.fetchone() or {}), "most": _MOST_CHANGED}
    changed = [one["oid"] for one in connection.execute(_CHANGED, given)]
    return changed if len(changed) < _MOST_CHANGED else None


def _remember(connection: Connection[DictRow], now: DictRow) -> None:
    connection.execute(
        "INSERT INTO registry.clean_audit (questions, cluster, horizon, made_at) "
        "VALUES (%(questions)s, %(cluster)s, %(horizon)s, %(at)s) ON CONFLICT (is_last) DO UPDATE "
        "SET (questions, cluster, horizon, made_at) = "
        "(excluded.questions, excluded.cluster, excluded.horizon, excluded.made_at)",
        {**now, "questions": _questions(), "at": datetime.now(UTC)},
    )


def _questions() -> str:
    """Name this audit: one that asks otherwise has found nothing whole yet."""
    return hashlib.sha256(repr((_CHANGED, _CHECKS)).encode()).hexdigest()
