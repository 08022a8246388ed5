"""The SQL that turns an empty database into one with walls: roles, revokes, schemas.

Shape: statements in order, each safe to run again; run once by a superuser, who is then not used
any more. The embedded database runs them in single-user mode, so no superuser can ever connect.
"""

from collections.abc import Mapping

from tenants.logins import SERVICE_LOGINS, TENANT_NAME

# Settings of a tenant's login itself, for whoever connects without our start-up options.
LOGIN_SETTINGS = {
    "temp_file_limit": "256MB",
    "statement_timeout": "15s",
    "idle_in_transaction_session_timeout": "10s",
    "lock_timeout": "5s",
    "TimeZone": "UTC",
}

_ROLES = {
    "app_owner": "NOLOGIN",
    "tenant_login": "NOLOGIN",
    "app_auth": "LOGIN NOINHERIT",
    "app_dispatch": "LOGIN NOINHERIT",
    "app_migrator": "LOGIN NOINHERIT",
    "app_provision": "LOGIN NOINHERIT CREATEROLE",
}

# Functions that let one statement change the session, run text as SQL, block or shout across
# tenants. None of our code needs them; a tenant's login must not have them.
_DANGEROUS = """
DO $$ DECLARE f record; BEGIN
  FOR f IN SELECT oid::regprocedure sig FROM pg_proc
    WHERE pronamespace = 'pg_catalog'::regnamespace AND (
      proname IN ('set_config', 'pg_notify', 'ts_stat', 'pg_export_snapshot',
        'pg_logical_emit_message', 'pg_cancel_backend', 'pg_terminate_backend', 'loread', 'lowrite')
      OR proname ~ '^(query|cursor|table|schema|database)_to_xml'
      OR proname LIKE 'pg\\_%advisory%' OR proname ~ '^lo_')
  LOOP EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f.sig); END LOOP;
END $$
"""

# Who is at work, what is locked, how many rows and bytes others have. A view's functions are called
# as whoever asks the view, so both are closed, and both are opened to those who watch the server.
# pg_stats and its kin show each reader its own already.
_WATCHING = """
DO $$ DECLARE f record; BEGIN
  FOR f IN SELECT 'FUNCTION ' || oid::regprocedure sig FROM pg_proc
      WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f'
        AND (proname LIKE 'pg\\_stat\\_get\\_%' OR proname IN ('pg_lock_status',
          'pg_show_all_settings', 'pg_prepared_xact',
          'pg_relation_size', 'pg_table_size', 'pg_indexes_size', 'pg_total_relation_size',
          'pg_database_size', 'pg_tablespace_size', 'pg_relation_filepath',
          'pg_relation_filenode'))
    UNION ALL
    SELECT oid::regclass::text FROM pg_class
      WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'v'
        AND (relname ~ '^pg_(stat|statio)_' OR relname IN ('pg_locks', 'pg_settings', 'pg_roles',
          'pg_user', 'pg_group', 'pg_db_role_setting', 'pg_prepared_xacts'))
    UNION ALL SELECT 'pg_db_role_setting'
  LOOP
    EXECUTE 'REVOKE ALL ON ' || f.sig || ' FROM PUBLIC';
    EXECUTE 'GRANT ' || CASE WHEN f.sig LIKE 'FUNCTION%' THEN 'EXECUTE' ELSE 'SELECT' END
      || ' ON ' || f.sig || ' TO app_provision, app_migrator';
  END LOOP;
END $$
"""

# What a tenant's login gets besides its name. As app_provision, which is made an administrator of
# every login it makes, the server would go through all of them for each of these statements; the
# superuser, whose function this is, it asks nothing. The name's form is all a caller can choose.
_SETTLE_LOGIN = """
CREATE OR REPLACE FUNCTION registry.settle_login(login name) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$ BEGIN
  IF login !~ '^{pattern}$' THEN RAISE EXCEPTION 'no login of a tenant: %', login; END IF;
  EXECUTE format('GRANT tenant_login TO %I WITH INHERIT TRUE, SET FALSE, ADMIN FALSE', login);
  EXECUTE format('ALTER ROLE %I SET search_path = %I', login, login);
{settings}
END $$
"""


def cluster_sql(*, database: str, passwords: Mapping[str, str] | None = None) -> list[str]:
    """List the statements that build roles, walls and shared schemas in `database`.

    Shape: `passwords` maps a service login to its SCRAM verifier; none with peer.
    """
    return [
        *(_create_role(role, options) for role, options in _ROLES.items()),
        *(
            f"ALTER ROLE {login} PASSWORD '{verifier}'"
            for login, verifier in (passwords or {}).items()
        ),
        *_memberships(),
        *_database_grants(database),
        _DANGEROUS.strip(),
        _WATCHING.strip(),
        *_schemas(),
        _settle_login(),
        "REVOKE ALL ON FUNCTION registry.settle_login FROM PUBLIC",
        "GRANT EXECUTE ON FUNCTION registry.settle_login TO app_provision",
    ]


def _create_role(role: str, options: str) -> str:
    return (
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') "
        f"THEN CREATE ROLE {role} {options}; END IF; END $$"
    )


def _memberships() -> list[str]:
    return [
        "GRANT app_owner TO app_migrator, app_provision WITH INHERIT FALSE, SET TRUE",
        "GRANT tenant_login TO app_provision WITH ADMIN TRUE, INHERIT FALSE, SET FALSE",
    ]


def _database_grants(database: str) -> list[str]:
    return [
        f"REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {database} TO tenant_login, {', '.join(SERVICE_LOGINS)}",
        f"GRANT CREATE ON DATABASE {database} TO app_owner",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "REVOKE ALL ON LANGUAGE plpgsql FROM PUBLIC",
        "GRANT USAGE ON LANGUAGE plpgsql TO app_owner",
        "ALTER DEFAULT PRIVILEGES FOR ROLE app_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
    ]


def _settle_login() -> str:
    settings = [
        f"  EXECUTE format('ALTER ROLE %I SET {name} = %L', login, '{value}');"
        for name, value in LOGIN_SETTINGS.items()
    ]
    return _SETTLE_LOGIN.strip().format(
        pattern=TENANT_NAME.pattern,
        settings="\n".join(settings),
    )


def _schemas() -> list[str]:
    return [
        "CREATE SCHEMA IF NOT EXISTS ext",
        "GRANT USAGE ON SCHEMA ext TO app_owner",
        "CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA ext",
        "CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA ext",
        "CREATE SCHEMA IF NOT EXISTS registry AUTHORIZATION app_owner",
        "CREATE SCHEMA IF NOT EXISTS ops AUTHORIZATION app_owner",
        "GRANT USAGE ON SCHEMA ops TO tenant_login, app_dispatch, app_provision",
        "GRANT USAGE ON SCHEMA registry TO app_auth, app_dispatch, app_provision, app_migrator",
    ]
