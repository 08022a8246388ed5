"""What each guest spent and when each came, for grading and for who stays away.

Form: F02 spend and RFM, F04 last visit.
Units: spend is turnover: lines of kind SINGLE and PRODUCT, refunds taken off on their own day,
    never below 0; a visit is a business day with a sale that had turnover.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import BigInteger, TextClause, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from shared.domain.sales.models.receipts import Sale


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """The first days of what is counted; all of it ends with `last`, included."""

    last: date
    year: date  # of the twelve months
    days_365: date
    days_180: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """One guest who came at least once."""

    customer_id: int
    spend_12m_fen: int
    spend_365_fen: int
    visits_12m: int
    visits_180: int
    last_visit: date


_PAID = "kind = 'SALE' AND turnover_fen > 0"
_BOUGHT = """
    WITH person AS (SELECT unnest(:gone) AS gone, unnest(:kept) AS kept),
    receipt AS (
        SELECT coalesce(person.kept, s.customer_id) AS customer_id, s.business_date AS day, s.kind,
               sum(l.amount_fen) AS turnover_fen
        FROM sales s JOIN sale_lines l ON l.sale_id = s.id AND l.kind <> 'OTHER'
        LEFT JOIN person ON person.gone = s.customer_id
        WHERE s.customer_id IS NOT NULL AND s.business_date <= :last {only}
        GROUP BY s.id, person.kept
    )
    SELECT customer_id,
           greatest(coalesce(sum(turnover_fen) FILTER (WHERE day >= :year), 0), 0)::bigint
               AS spend_12m_fen,
           greatest(coalesce(sum(turnover_fen) FILTER (WHERE day >= :days_365), 0), 0)::bigint
               AS spend_365_fen,
           count(DISTINCT day) FILTER (WHERE {paid} AND day >= :year) AS visits_12m,
           count(DISTINCT day) FILTER (WHERE {paid} AND day >= :days_180) AS visits_180,
           max(day) FILTER (WHERE {paid}) AS last_visit
    FROM receipt GROUP BY customer_id HAVING bool_or({paid}) ORDER BY customer_id
    """
_IDS = ARRAY(BigInteger)


def _bought(only: str, *names: str) -> TextClause:
    given = (bindparam(name, type_=_IDS) for name in ("gone", "kept", *names))
    return text(_BOUGHT.format(only=only, paid=_PAID)).bindparams(*given)


_OF_ALL = _bought("")
_OF_SOME = _bought("AND s.customer_id = ANY(:only)", "only")


def bought(
    session: Session,
    spans: Spans,
    *,
    merged: Mapping[int, int],
    only: Collection[int] | None = None,
) -> list[Bought]:
    """Add up what guests bought, in one statement; who never came is not there.

    Shape: `merged` names the profile that stays of each that was given up for it; `only` narrows
        to receipts of some profiles, those given up for them among them.
    """
    asked = {
        "last": spans.last, "year": spans.year, "days_365": spans.days_365,
        "days_180": spans.days_180, "gone": list(merged), "kept": list(merged.values()),
    }  # fmt: skip
    if only is None:
        rows = session.execute(_OF_ALL, asked)
    else:
        rows = session.execute(_OF_SOME, {**asked, "only": list(only)})
    return [Bought(**row) for row in rows.mappings()]


_VISITED = text(
    f"""
    SELECT customer_id, max(day) AS day FROM (
        SELECT s.customer_id, s.business_date AS day, s.kind, sum(l.amount_fen) AS turnover_fen
        FROM sales s JOIN sale_lines l ON l.sale_id = s.id AND l.kind <> 'OTHER'
        WHERE s.business_date = ANY(:days) AND s.customer_id IS NOT NULL GROUP BY s.id
    ) AS receipt WHERE {_PAID} GROUP BY customer_id
    """
)


def visited(session: Session, days: Collection[date]) -> dict[int, date]:
    """Say who came on some days, and on which of them last."""
    return dict(session.execute(_VISITED, {"days": list(days)}).all())


def receipts_of(session: Session, people: Collection[int], *, limit: int) -> Sequence[Sale]:
    """List the newest receipts of a person's profiles."""
    newest = (Sale.business_date.desc(), Sale.id.desc())
    wanted = select(Sale).where(Sale.customer_id.in_(people)).order_by(*newest).limit(limit)
    return session.scalars(wanted).all()


def count_receipts(session: Session, people: Collection[int]) -> int:
    """Count the receipts of a person's profiles."""
    return session.scalar(select(func.count()).where(Sale.customer_id.in_(people))) or 0
