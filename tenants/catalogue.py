"""The tables of one schema as the catalogue knows them, in foreign-key order.

The way leads from the schema through pg_depend's index: nothing reads the whole catalogue.
"""

from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

from psycopg import Connection, sql

_TABLES = """
    SELECT c.oid, c.relname,
        (SELECT array_agg(a.attname ORDER BY a.attname COLLATE "C") FROM pg_attribute a
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
           AND a.attgenerated = '') AS columns,
        (SELECT array_agg(a.attname) FROM pg_attribute a
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.attidentity <> '') AS identities,
        (SELECT array_agg(a.attname || CASE WHEN a.attcollation <> 0 THEN ' text' ELSE '' END
                          ORDER BY k.place)
         FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)
         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
         WHERE i.indrelid = c.oid AND i.indisprimary) AS key,
        (SELECT array_agg(f.confrelid) FROM pg_constraint f
         WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.confrelid <> c.oid) AS refers_to
    FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
    WHERE d.refclassid = 'pg_namespace'::regclass AND d.classid = 'pg_class'::regclass
      AND d.refobjid = (SELECT oid FROM pg_namespace WHERE nspname = %s) AND c.relkind = 'r'
    ORDER BY c.relname
"""


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """One table as it is copied: all stored columns, rows in the order of the primary key.

    Shape: columns by name: a migrated table has them in another order than one made anew.
    """

    name: str
    columns: tuple[str, ...]
    identities: tuple[str, ...]
    key: tuple[sql.Composable, ...]

    def copy_out(self) -> sql.Composed:
        """Write the COPY that reads every row, in one order on every server."""
        return sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(
            self._columns(), sql.Identifier(self.name), sql.SQL(", ").join(self.key)
        )

    def copy_in(self) -> sql.Composed:
        """Write the COPY that takes the rows back."""
        return sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(self.name), self._columns())

    def _columns(self) -> sql.Composed:
        return sql.SQL(", ").join(map(sql.Identifier, self.columns))


def tables_of(connection: Connection[Any], schema: str) -> list[CopiedTable]:
    """List a schema's tables, each after those it refers to; on a connection with dict rows."""
    rows = {row["oid"]: row for row in connection.execute(_TABLES, [schema]).fetchall()}
    order = TopologicalSorter({oid: row["refers_to"] or () for oid, row in rows.items()})
    return [_table(rows[oid]) for oid in order.static_order()]


def _table(row: dict[str, Any]) -> CopiedTable:
    key = []
    for entry in row["key"]:
        column, _, collated = entry.partition(" ")
        by = sql.Identifier(column)
        key.append(sql.SQL('{} COLLATE "C"').format(by) if collated else by)
    return CopiedTable(
        row["relname"], tuple(row["columns"]), tuple(row["identities"] or ()), tuple(key)
    )
