"""One hash for the whole shape of a tenant's schema, to compare two of them.

Shape: SHA-256 over the sorted columns, types, defaults, identities, constraints, indexes,
policies and grants of the catalogue, the schema's own name left out.
"""

import hashlib

from psycopg.rows import TupleRow

from tenants.logins import connect

_LINES = """
    SELECT 'column ' || c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
        || ' ' || a.attnotnull || ' ' || a.attidentity::text || ' '
        || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind = 'r' AND a.attnum > 0
      AND NOT a.attisdropped
    UNION ALL
    SELECT 'constraint ' || c.relname || '.' || k.conname || ' ' || pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE k.connamespace = %(schema)s::regnamespace
    UNION ALL
    SELECT 'index ' || pg_get_indexdef(i.indexrelid) || ' ' || i.indisvalid
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    WHERE c.relnamespace = %(schema)s::regnamespace
    UNION ALL
    SELECT 'policy ' || c.relname || '.' || p.polname FROM pg_policy p
    JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = %(schema)s::regnamespace
    UNION ALL
    SELECT 'grant ' || c.relname || ' ' || a.privilege_type || ' ' || a.grantee::regrole
    FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
    WHERE c.relnamespace = %(schema)s::regnamespace
    UNION ALL
    SELECT 'grant ' || c.relname || '.' || t.attname || ' ' || a.privilege_type || ' '
        || a.grantee::regrole
    FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid
    CROSS JOIN LATERAL aclexplode(t.attacl) a
    WHERE c.relnamespace = %(schema)s::regnamespace AND t.attacl IS NOT NULL
    UNION ALL
    SELECT 'owner ' || c.relname || ' ' || c.relowner::regrole || ' ' || c.relkind::text
    FROM pg_class c WHERE c.relnamespace = %(schema)s::regnamespace
"""


def fingerprint(schema: str) -> str:
    """Hash the shape of a tenant's schema; equal shapes have equal hashes."""
    return hashlib.sha256("\n".join(shape(schema)).encode()).hexdigest()


def shape(schema: str) -> list[str]:
    """List what the fingerprint hashes, sorted; to see where two schemas differ."""
    with connect("app_migrator") as connection:
        connection.execute("SET search_path = pg_catalog")
        rows: list[TupleRow] = connection.execute(_LINES, {"schema": schema}).fetchall()
    return sorted(str(row[0]).replace(schema, "<tenant>") for row in rows)
