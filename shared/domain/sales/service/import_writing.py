"""Write many receipts in a few statements, however many they are.

Shape: every statement takes arrays of equal length, one element per row.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Date, Integer, String, TextClause, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from shared.domain.sales.service.import_parsing import Line
from shared.errors import Problem

BATCH = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReceipt:
    """One receipt of a file, checked, numbered and ready to write.

    Shape: `lines` are (item id, kind, category, quantity, fen, cost in fen).
    """

    key: UUID
    receipt_no: str
    day: date
    customer_id: int | None
    paper_no: str | None
    total_fen: int
    lines: list[tuple[int, str, str, int, int, int]]
    tenders: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one row."""

    line_no: int
    state: str
    sale_id: int | None = None
    problems: Sequence[Problem] = ()


def _statement(sql: str, **arrays: TypeEngine[Any]) -> TextClause:
    return text(sql).bindparams(
        *(bindparam(name, type_=ARRAY(kind)) for name, kind in arrays.items())
    )


# One JSON text for all lines: in arrays of JSON texts every quote would be escaped once more, which
# takes longer than everything else together.
_STAGE = text(
    """
    INSERT INTO import_rows (run_id, line_no, sale_no, key, raw, parsed, state, problems)
    SELECT :run_id, line_no, sale_no, key, raw, parsed, state, problems
    FROM jsonb_to_recordset(CAST(:lines AS jsonb))
         AS given (line_no integer, sale_no integer, key uuid, raw jsonb, parsed jsonb,
                   state text, problems jsonb)
    """
)
_SALES = _statement(
    """
    INSERT INTO sales (key, receipt_no, kind, customer_id, business_date, recorded_at, source,
                       total_fen, paper_no, import_run_id)
    SELECT key, receipt_no, 'SALE', customer_id, day, :now, 'IMPORT', total_fen, paper_no, :run_id
    FROM unnest(:keys, :receipt_nos, :customers, :days, :totals, :paper_nos)
         WITH ORDINALITY AS given (key, receipt_no, customer_id, day, total_fen, paper_no, n)
    ORDER BY n
    RETURNING key, id
    """,
    keys=Uuid(),
    receipt_nos=String(),
    customers=BigInteger(),
    days=Date(),
    totals=BigInteger(),
    paper_nos=String(),
)
_LINES = _statement(
    """
    INSERT INTO sale_lines (sale_id, item_id, kind, category, quantity, amount_fen, cost_fen)
    SELECT sale_id, item_id, kind, category, quantity, amount_fen, cost_fen
    FROM unnest(:sales, :items, :kinds, :categories, :quantities, :amounts, :costs)
         WITH ORDINALITY
         AS given (sale_id, item_id, kind, category, quantity, amount_fen, cost_fen, n)
    ORDER BY n
    """,
    sales=BigInteger(),
    items=BigInteger(),
    kinds=String(),
    categories=String(),
    quantities=Integer(),
    amounts=BigInteger(),
    costs=BigInteger(),
)
_TENDERS = _statement(
    """
    INSERT INTO sale_tenders (sale_id, tender, amount_fen)
    SELECT sale_id, tender, amount_fen FROM unnest(:sales, :tenders, :amounts)
         WITH ORDINALITY AS given (sale_id, tender, amount_fen, n) ORDER BY n
    """,
    sales=BigInteger(),
    tenders=String(),
    amounts=BigInteger(),
)
_OUTCOMES = _statement(
    """
    UPDATE import_rows r
    SET state = given.state, sale_id = given.sale_id, problems = given.problems::jsonb
    FROM unnest(:line_nos, :states, :sales, :problems)
         AS given (line_no, state, sale_id, problems)
    WHERE r.run_id = :run_id AND r.line_no = given.line_no
    """,
    line_nos=Integer(),
    states=String(),
    sales=BigInteger(),
    problems=String(),
)
_KNOWN = _statement("SELECT key, id, total_fen FROM sales WHERE key = ANY(:keys)", keys=Uuid())


def stage_lines(session: Session, run_id: int, lines: Sequence[Line]) -> None:
    """Write the lines of a file as rows of its run, the senseless ones as bad already."""
    for start in range(0, len(lines), BATCH):
        part = [_staged(line) for line in lines[start : start + BATCH]]
        session.execute(_STAGE, {"run_id": run_id, "lines": json.dumps(part)})


def known_sales(session: Session, keys: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """Find receipts by their keys.

    Shape: key -> (id, total in fen).
    """
    found = session.execute(_KNOWN, {"keys": list(keys)})
    return {key: (sale_id, total_fen) for key, sale_id, total_fen in found}


def write_receipts(
    session: Session, run_id: int, receipts: Sequence[NewReceipt], *, now: datetime
) -> dict[UUID, int]:
    """Write receipts with their lines and tenders; give their ids by key."""
    written = session.execute(
        _SALES,
        {
            "run_id": run_id,
            "now": now,
            "keys": [receipt.key for receipt in receipts],
            "receipt_nos": [receipt.receipt_no for receipt in receipts],
            "customers": [receipt.customer_id for receipt in receipts],
            "days": [receipt.day for receipt in receipts],
            "totals": [receipt.total_fen for receipt in receipts],
            "paper_nos": [receipt.paper_no for receipt in receipts],
        },
    )
    ids: dict[UUID, int] = {key: sale_id for key, sale_id in written}  # noqa: C416 rows, not pairs
    lines = [(ids[receipt.key], *line) for receipt in receipts for line in receipt.lines]
    names = ("sales", "items", "kinds", "categories", "quantities", "amounts", "costs")
    session.execute(_LINES, _arrays(names, lines))
    tenders = [
        (ids[receipt.key], tender, fen)
        for receipt in receipts
        for tender, fen in receipt.tenders.items()
    ]
    session.execute(_TENDERS, _arrays(("sales", "tenders", "amounts"), tenders))
    return ids


def write_outcomes(session: Session, run_id: int, outcomes: Sequence[Outcome]) -> None:
    """Write beside each row what became of it."""
    session.execute(
        _OUTCOMES,
        {
            "run_id": run_id,
            "line_nos": [outcome.line_no for outcome in outcomes],
            "states": [outcome.state for outcome in outcomes],
            "sales": [outcome.sale_id for outcome in outcomes],
            "problems": [_problems_json(outcome.problems) for outcome in outcomes],
        },
    )


def _staged(line: Line) -> dict[str, Any]:
    return {
        "line_no": line.line_no,
        "sale_no": line.sale_no,
        "key": str(line.key) if line.key else None,
        "raw": line.cells,
        "parsed": line.parsed_values,
        "state": "BAD" if line.problems else "NEW",
        "problems": [asdict(problem) for problem in line.problems],
    }


def _arrays(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> dict[str, list[Any]]:
    return {name: [row[n] for row in rows] for n, name in enumerate(names)}


def _problems_json(problems: Sequence[Problem]) -> str:
    return json.dumps([asdict(problem) for problem in problems])
