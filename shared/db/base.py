"""Two families of tables: every tenant's, and the headquarters' extra ones.

Shape: they name no schema: the login's search_path says it. `info={"grants": ...}` on a table
narrows what the tenant's login may do with it (a ledger: SELECT, INSERT). The shared schemas
registry and ops are plain SQL in `alembic/registry`: their meaning is grants and policies.
"""

from typing import Annotated

from sqlalchemy import BigInteger, Identity, MetaData
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# Grants of a table whose rows stand for ever: not even our own SQL may change or delete one.
LEDGER = {"grants": "SELECT, INSERT"}


def ledger_but_for(words: str) -> dict[str, str]:
    """Give the grants of a ledger one of whose columns holds words that erasure must reach.

    Units: its rows can be locked as well; a statement per kind of grant, so `id` stands in all.
    """
    # FOR UPDATE asks for the right to update some column; an identity that is always generated
    # cannot be set, so that right locks rows and changes none.
    return {"grants": f"SELECT, INSERT, UPDATE (id, {words})"}


IdPk = Annotated[int, mapped_column(BigInteger, Identity(always=True), primary_key=True)]
Fen = Annotated[int, mapped_column(BigInteger)]


class Base(DeclarativeBase):
    """Tables of every tenant, store or headquarters."""

    metadata = MetaData(naming_convention=NAMING)


class HqBase(DeclarativeBase):
    """Tables that only a headquarters has, beside those of `Base`."""

    metadata = MetaData(naming_convention=NAMING)
