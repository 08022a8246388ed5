"""The tables of one of our tenants as Django models, made from our metadata in a loop.

So both sides always have the same tables, columns, keys and plain indexes. Checks, exclusions, and
foreign keys into keys of several columns, which Django does not know, are left out: that favours
Django.
"""

from typing import Any

import sqlalchemy as sa
from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from sqlalchemy.dialects.postgresql import ARRAY, TSTZRANGE

from shared.domain import tables

_KEPT = {
    sa.Boolean: models.BooleanField,
    sa.Date: models.DateField,
    sa.DateTime: models.DateTimeField,
    sa.Time: models.TimeField,
    sa.Uuid: models.UUIDField,
    sa.JSON: models.JSONField,
    sa.BigInteger: models.BigIntegerField,
    sa.Integer: models.IntegerField,
    sa.Text: models.TextField,
    sa.LargeBinary: models.BinaryField,
    TSTZRANGE: DateTimeRangeField,
}


def _name(table: str) -> str:
    return "".join(part.title() for part in table.split("_"))


def _field(column: sa.Column[Any], table: sa.Table) -> models.Field:
    only_key = list(table.primary_key.columns) == [column]
    # What our server fills in by itself may stay empty there.
    is_optional = column.nullable or column.server_default is not None
    options: dict[str, Any] = {"null": is_optional and not only_key, "primary_key": only_key}
    kind = column.type
    if only_key and isinstance(kind, sa.BigInteger):
        return models.BigAutoField(primary_key=True)
    for key in column.foreign_keys:
        if len(key.column.table.primary_key) == 1 and not only_key:
            return models.ForeignKey(
                f"store.{_name(key.column.table.name)}",
                on_delete=models.PROTECT,
                null=column.nullable,
                db_column=column.name,
                db_index=any([*index.columns] == [column] for index in table.indexes),
                related_name="+",
            )
    if isinstance(kind, ARRAY):
        return models.JSONField(**options)
    if isinstance(kind, sa.Numeric):
        return models.DecimalField(
            max_digits=kind.precision or 20, decimal_places=kind.scale or 0, **options
        )
    if isinstance(kind, sa.String) and kind.length:
        return models.CharField(max_length=kind.length, **options)
    made = next(field for base, field in _KEPT.items() if isinstance(kind, base))
    return made(**options)


def _attribute(column: sa.Column[Any], table: sa.Table) -> str:
    """Name a field; Django keeps a foreign key's number under the name with _id behind it."""
    field = _field(column, table)
    is_key = isinstance(field, models.ForeignKey)
    return column.name.removesuffix("_id") if is_key else column.name


def _meta(table: sa.Table, names: dict[str, str]) -> type:
    constraints = [
        models.UniqueConstraint(
            fields=[names[column.name] for column in one.columns], name=f"{table.name}_u{number}"
        )
        for number, one in enumerate(sorted(table.constraints, key=lambda made: str(made.name)))
        if isinstance(one, sa.UniqueConstraint)
    ]
    indexes = [
        models.Index(fields=[names[name] for name in found], name=f"{table.name[:22]}_i{number}")
        for number, index in enumerate(sorted(table.indexes, key=lambda made: str(made.name)))
        if (found := [column.name for column in index.columns]) and not _is_of_key(table, found)
    ]
    return type(
        "Meta",
        (),
        {
            "app_label": "store",
            "db_table": table.name,
            "constraints": constraints,
            "indexes": indexes,
        },
    )


def _is_of_key(table: sa.Table, columns: list[str]) -> bool:
    if len(columns) != 1:
        return False
    return isinstance(_field(table.c[columns[0]], table), models.ForeignKey)


def _model(table: sa.Table) -> type[models.Model]:
    names = {column.name: _attribute(column, table) for column in table.columns}
    body: dict[str, Any] = {"__module__": __name__, "Meta": _meta(table, names)}
    body |= {names[column.name]: _field(column, table) for column in table.columns}
    if len(table.primary_key) > 1:
        parts = [names[column.name] for column in table.primary_key]
        body["pk"] = models.CompositePrimaryKey(*parts)
    return type(_name(table.name), (models.Model,), body)


for _table in tables.HISTORIES["tenant"].sorted_tables:
    _made = _model(_table)
    globals()[_made.__name__] = _made
