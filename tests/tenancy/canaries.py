"""Unmistakable values in every column of a tenant, made from the tables' own metadata.

Shape: a canary names whose it is and the column it was planted in; as a text (`zqv10042q`), as an
id (`feedca10-0000-4000-8000-000000000042`) or as an amount (`7713100427`, however it is printed).
A column is a canary, or a code that the product must be able to read (a short text that is nobody's
personal data and may be empty is taken for one and left empty), or too narrow. So a table that is
new is planted too; one that cannot be is an error here, and CODES is where to say what it wants.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Numeric,
    String,
    Table,
    Time,
    Uuid,
    insert,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, Range

from shared.domain import tables
from shared.domain.privacy.queries.inventory import holdings
from tenants.registry import Kind, Tenant
from tenants.schemas import histories
from tenants.sessions import tenant_transaction

Form = Literal["text", "id", "amount"]

DAY, MONTH = date(2025, 6, 10), date(2025, 6, 1)  # those of tests/api/addresses.py
AT = datetime(2025, 6, 10, 7, 30, tzinfo=UTC)
CODE = "x"  # what an address has where a code stands
NARROW = 9  # characters; a shorter column holds no canary
SHORT = 20  # a code may be that long

# Texts without a CHECK that the product reads as one of its own words.
CODES: dict[str, str | None] = {
    "authority": "STORE",
    "category": "FACIAL",
    "decision": "CLOSE",
    "from_state": "OPEN",
    "indicator": "cash_sales",
    "level": "REGION",
    "part": "",
    "refusal": "",
    "state": "COMPUTED",
    "tender": "CASH",
    "to_state": "COMPUTED",
}
# JSON whose readers want a shape; `*` stands for the canary
SHAPES: dict[str, Any] = {
    "cash_days.denominations": {"10000": 1},
    "erasures.erased": {"customers": 1},
    "import_runs.columns": ["*"],
    "import_rows.raw": ["*"],
    "import_rows.problems": [{"field": "*", "code": "TYPE", "message_zh": "*", "message_en": "*"}],
    "store_months.shut_days": ["2025-06-10"],
}
# What a CHECK or a reader wants together with the other columns of its row.
FIXED: dict[str, Any] = {
    "adjustments.from_revision": 1,
    "adjustments.old_fen": 0,
    "adjustments.to_revision": 2,
    "appointments.cancel_reason": None,
    "appointments.end_at": AT + timedelta(hours=1),
    "appointments.items": [1],
    "appointments.equipment": [1],
    "card_entries.reverses": None,
    "card_offers.gift_sessions": 0,  # stored value has no sessions
    "card_offers.item_id": None,
    "card_offers.paid_sessions": 0,
    "cards.item_id": None,
    "cash_corrections.of_day": DAY - timedelta(days=1),
    "cash_corrections.payment_id": None,
    "customers.balance_fen": 0,  # who has something left is not erased
    "customers.restricted_at": None,  # would hide the row from everybody
    "customers.sessions_left": 0,
    "items.duration_minutes": 60,
    "occupancies.approved_by": None,
    "plans.year": 2025,
    "occupancies.during": Range(AT, AT + timedelta(hours=1)),
    "resources.device_kind": None,
    "store_plan_figures.name": "R",
    "store_plan_figures.year": 2025,
    "store_plan_lines.year": 2025,
    "store_plans.year": 2025,
    "sale_lines.card_id": None,
    "sale_lines.offer_id": None,
    "treatments.ended_at": AT + timedelta(hours=1),
    "treatments.pay_by": "SINGLE",
    "treatments.recommended": [1],
    "treatments.sessions_after": 0,
    "visit_lines.card_id": None,
    "visit_lines.declined_at": None,
    "visit_lines.pay_by": "SINGLE",
    "visits.left_reason": None,
}
# A row that another table's needs beside the first one: what is written otherwise in it.
AGAIN: dict[str, dict[str, Any]] = {
    "cash_days": {"business_date": DAY - timedelta(days=1), "number": None},
    "closed_months": {"revision": 2},
}
# Lists whose readers know their words.
LISTS: dict[str, list[str]] = {
    "customer_merges.filled": ["wishes"],
    "items.contraindications": ["PREGNANT"],
}
# What lies outside the tenants' own tables.
SHARED = (
    *("tenants.display_name", "people.name", "people.login", "tokens.label"),
    *("job.args", "letter.payload"),
)
# What a store hands in for its headquarters to decide on, and who did.
HANDED_IN = ("plans.reason", "plans.made_by", "plans.submitted_by")
FIRST_CHOICE = re.compile(r"\b(\w+) IN \('([^']*)'")

_FOUND: dict[Form, re.Pattern[str]] = {
    "text": re.compile(r"zqv(\d)(\d{4})q"),
    "id": re.compile(r"feedca(\d)0-?0000-?4000-?8000-?00000000(\d{4})"),
    "amount": re.compile(r"(?<!\d)77(\d)31(\d{4})7(?:00)?(?!\d)"),
}
_POINTS = re.compile(r"(?<=\d)[,.](?=\d)")


@dataclass(frozen=True, slots=True, order=True)
class Canary:
    """Whose it is, and where it sat."""

    owner: int
    place: int
    form: Form

    def __str__(self) -> str:
        return f"{self.form} of {self.owner} from {_places()[self.place]}"

    @property
    def is_shared(self) -> bool:
        """Whether it sat in a shared table, of which a chain's stores and headquarters see some."""
        return self.place < len(SHARED)

    @property
    def is_handed_in(self) -> bool:
        """Whether a headquarters is told of it, to decide."""
        return _places()[self.place] in HANDED_IN

    @property
    def value(self) -> Any:
        """What is written into the column."""
        if self.form == "text":
            return f"zqv{self.owner}{self.place:04d}q"
        if self.form == "id":
            return UUID(f"feedca{self.owner}0-0000-4000-8000-00000000{self.place:04d}")
        return int(f"77{self.owner}31{self.place:04d}7")


@dataclass(slots=True)
class Nest:
    """A tenant with its canaries."""

    tenant: Tenant
    owner: int
    planted: set[Canary] = field(default_factory=set)

    @property
    def own(self) -> set[Canary]:
        """Those in the tenant's own tables."""
        return {canary for canary in self.planted if not canary.is_shared}

    def canary(self, place: str, form: Form = "text") -> Any:
        """Make one for a place; what is to be written there."""
        made = Canary(self.owner, place_number(place), form)
        self.planted.add(made)
        return made.value


def found_in(text: str) -> set[Canary]:
    """Find every canary in a text."""
    found = set()
    for form, pattern in _FOUND.items():
        # 77,131,004.27 is an amount too
        for owner, place in pattern.findall(_POINTS.sub("", text) if form == "amount" else text):
            found.add(Canary(int(owner), int(place), form))
    return found


def plant(nest: Nest, *, store: str) -> None:
    """Put one row of canaries into every table; `store` is whose file a headquarters keeps."""
    with tenant_transaction(nest.tenant) as session:
        for table in _tables(nest.tenant.kind):
            row = _row(nest, table, store)
            session.execute(insert(table).values(row))
            if table.name in AGAIN:
                session.execute(insert(table).values({**row, **AGAIN[table.name]}))


def rows_of(tenant: Tenant) -> dict[str, list[tuple[Any, ...]]]:
    """Read every table of a tenant, for a comparison."""
    with tenant_transaction(tenant) as session:
        return {
            table.name: [tuple(row) for row in session.execute(table.select())]
            for table in _tables(tenant.kind)
        }


def _row(nest: Nest, table: Table, store: str) -> dict[str, Any]:
    return {
        column.name: _value(nest, column, store)
        for column in table.columns
        if not (column.identity or column.computed)
    }


def _value(nest: Nest, column: Column[Any], store: str) -> Any:
    refers_to = [key.column for key in column.foreign_keys]
    if _place(column) in FIXED:
        return FIXED[_place(column)]
    if column.name == "tenant":
        return store
    if any(other.table is column.table and column.nullable for other in refers_to):
        return None
    if refers_to and isinstance(column.type, Integer):
        return 1
    if isinstance(column.type, String):
        return _text(nest, refers_to[0] if refers_to else column)
    return _thing(nest, column)


def _text(nest: Nest, column: Column[Any]) -> str | None:
    assert isinstance(column.type, String)
    table = column.table
    assert isinstance(table, Table)
    checks = [str(c.sqltext) for c in table.constraints if isinstance(c, CheckConstraint)]
    for choice in FIRST_CHOICE.finditer(" ".join(checks)):
        if choice.group(1) == column.name:
            return choice.group(2)
    if column.name in CODES:
        return CODES[column.name]
    length = column.type.length or 1000
    if length <= SHORT and column.nullable and not _is_personal(column):
        return None
    if length < NARROW:
        return CODE
    return str(nest.canary(_place(column)))


def _thing(nest: Nest, column: Column[Any]) -> Any:
    kind = column.type
    if isinstance(kind, Uuid):
        named = [key.column for key in column.foreign_keys] or [column]
        return nest.canary(_place(named[0]), "id")
    if isinstance(kind, JSONB):
        shape = SHAPES.get(_place(column), {"canary": "*"})
        return _filled(shape, nest.canary(_place(column))) if "*" in str(shape) else shape
    if isinstance(kind, ARRAY):
        return _list(nest, column)
    if isinstance(kind, LargeBinary):  # sealed or hashed: it shows nothing that could be read
        return f"{_place(column)}".encode()
    if isinstance(kind, BigInteger | Numeric):  # one amount in a row, so that sums agree
        return nest.canary(f"{column.table.name}.*", "amount")
    plain: dict[type, Any] = {
        Boolean: False,
        Integer: 1,
        DateTime: AT,
        Date: MONTH if column.name == "month" else DAY,
        Time: time(20) if column.name.startswith("closes") else time(8),
    }
    return next(value for known, value in plain.items() if isinstance(kind, known))


def _list(nest: Nest, column: Column[Any]) -> list[Any]:
    if _place(column) in LISTS:
        return LISTS[_place(column)]
    assert isinstance(column.type, ARRAY)
    kind = column.type.item_type
    if isinstance(kind, Uuid):
        return [nest.canary(_place(column), "id")]
    assert isinstance(kind, String)
    is_wide = (kind.length or NARROW) >= NARROW
    return [str(nest.canary(_place(column)))] if is_wide else [CODE]


def _is_personal(column: Column[Any]) -> bool:
    table = column.table
    assert isinstance(table, Table)
    return holdings()[table.name].secrecy(column.name) != "none"


def _filled(shape: Any, text: str) -> Any:
    if isinstance(shape, dict):
        return {key: _filled(value, text) for key, value in shape.items()}
    if isinstance(shape, list):
        return [_filled(value, text) for value in shape]
    return text if shape == "*" else shape


def _tables(kind: Kind) -> Iterable[Table]:
    for history in histories(kind):
        yield from tables.HISTORIES[history].sorted_tables


def _place(column: Column[Any]) -> str:
    return f"{column.table.name}.{column.name}"


def place_number(place: str) -> int:
    """Give the number of a place."""
    return _places().index(place)


@cache
def _places() -> list[str]:
    columns = [_place(column) for table in _tables("hq") for column in table.columns]
    amounts = [f"{table.name}.*" for table in _tables("hq")]
    return [*SHARED, *amounts, *columns]
