"""Whether what hangs together agrees: parts and wholes, days and cards, debit and credit.

Shape: each disagreement is (day, what, stored, expected); no day where a month or all is meant.
Units: whole fen. None of it asks the statements that made the figures.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from shared.domain.reporting.models.days import DayTotal
from shared.domain.sales.queries import journal

Disagreement = tuple[date | None, str, int, int]

_FIGURES = text("SELECT revision, indicator, part, amount FROM month_figures WHERE month = :month")
_CELLS = text(
    """
    SELECT revision, sum(turnover_fen)::bigint FROM month_cells WHERE month = :month
    GROUP BY revision
    """
)
_HELD = text(
    """
    SELECT coalesce(sum(e.principal_after_fen), 0)::bigint
    FROM cards c JOIN card_entries e ON e.card_id = c.id AND e.seq = c.last_seq
    """
)


def of_month(session: Session, month: date) -> Iterator[Disagreement]:
    """Add up the parts of a month in every revision it ever had, earlier live views too."""
    amounts: dict[int, Counter[tuple[str, str]]] = {}
    parts: dict[int, Counter[str]] = {}
    for revision, indicator, part, amount in session.execute(_FIGURES, {"month": month}):
        amounts.setdefault(revision, Counter())[indicator, part] += amount
        parts.setdefault(revision, Counter())[indicator] += amount if part else 0
    cells: dict[int, int] = dict(session.execute(_CELLS, {"month": month}).all())
    for revision, amount_of in sorted(amounts.items()):
        turnover, product = amount_of["turnover", ""], amount_of["product_sales", ""]
        equal = [
            ("turnover parts", parts[revision]["turnover"], turnover),
            ("turnover by kind", amount_of["consumption", ""] + product, turnover),
            ("consumption parts", parts[revision]["consumption"], amount_of["consumption", ""]),
            ("products", amount_of["turnover", "PRODUCT"], product),
            ("tenders", parts[revision]["cash_receipts"], amount_of["cash_sales", ""]),
        ]
        if revision:
            equal.append(("matrix", cells.get(revision, 0), turnover))
        for what, stored, expected in equal:
            if stored != expected:
                yield None, f"{what}, revision {revision}", stored, expected


def of_cards(session: Session) -> Iterator[Disagreement]:
    """Compare what the days say is prepaid with what all cards hold by their last entries."""
    stored = int(session.scalars(select(func.coalesce(func.sum(DayTotal.prepaid_fen), 0))).one())
    held = session.execute(_HELD).scalar_one()
    if stored != held:
        yield None, "prepaid balances", stored, held


def of_journal(session: Session) -> Iterator[Disagreement]:
    """Balance every closed day's postings."""
    debits: Counter[date] = Counter()
    credits: Counter[date] = Counter()
    for one in journal.postings(session, date.min, date.max):
        debits[one.day] += one.debit_fen
        credits[one.day] += one.credit_fen
    for day in sorted(debits.keys() | credits.keys()):
        if debits[day] != credits[day]:
            yield day, "journal", debits[day], credits[day]
