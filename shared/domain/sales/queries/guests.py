"""What each guest spent and when each came, for grading and for who stays away.

Form: F02 spend and RFM, F04 last visit.
Units: spend is turnover: lines of kind SINGLE and PRODUCT and what cards paid, refunds taken off on
    their own day, never below 0; a visit is a business day with a sale that had turnover, or on
    which a card served.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import BigInteger, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from shared.domain.sales.models.receipts import Sale
from shared.domain.sales.rules.kinds import TURNOVER_KINDS


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


_TURNOVER = ", ".join(f"'{kind}'" for kind in TURNOVER_KINDS)
# Each receipt, and each treatment that a card paid; `{days}` is a condition on the day.
_PIECES = f"""
    SELECT s.customer_id, s.business_date AS day, sum(l.amount_fen) AS turnover_fen,
           s.kind = 'SALE' AND sum(l.amount_fen) > 0 AS is_visit
    FROM sales s JOIN sale_lines l ON l.sale_id = s.id AND l.kind IN ({_TURNOVER})
    WHERE s.customer_id IS NOT NULL AND s.business_date {{days}} GROUP BY s.id
    UNION ALL
    SELECT c.customer_id, e.business_date, e.value_fen,
           e.kind IN ('DEDUCT', 'GIFT_SESSION') AND NOT EXISTS (
               SELECT FROM card_entries r WHERE r.card_id = e.card_id AND r.reverses = e.seq
                   AND r.business_date = e.business_date)
    FROM card_entries e JOIN cards c ON c.id = e.card_id
    WHERE e.category IS NOT NULL AND e.business_date {{days}}
"""
_BOUGHT = f"""
    WITH person AS (SELECT unnest(:gone) AS gone, unnest(:kept) AS kept),
    piece AS (
        SELECT coalesce(person.kept, customer_id) AS customer_id, day, turnover_fen, is_visit
        FROM ({_PIECES.format(days="<= :last")}) AS one
        LEFT JOIN person ON person.gone = customer_id
        WHERE CAST(:only AS bigint[]) IS NULL OR customer_id = ANY(:only)
    )
    SELECT customer_id,
           greatest(coalesce(sum(turnover_fen) FILTER (WHERE day >= :year), 0), 0)::bigint
               AS spend_12m_fen,
           greatest(coalesce(sum(turnover_fen) FILTER (WHERE day >= :days_365), 0), 0)::bigint
               AS spend_365_fen,
           count(DISTINCT day) FILTER (WHERE is_visit AND day >= :year) AS visits_12m,
           count(DISTINCT day) FILTER (WHERE is_visit AND day >= :days_180) AS visits_180,
           max(day) FILTER (WHERE is_visit) AS last_visit
    FROM piece GROUP BY customer_id HAVING bool_or(is_visit) ORDER BY customer_id
    """
_IDS = ARRAY(BigInteger)
_BOUGHT_BY = text(_BOUGHT).bindparams(*(bindparam(n, type_=_IDS) for n in ("gone", "kept", "only")))


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
    narrowed = None if only is None else list(only)
    rows = session.execute(_BOUGHT_BY, {**asked, "only": narrowed})
    return [Bought(**row) for row in rows.mappings()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """How one guest's coming lies to a range of days and the as long range before it.

    Units: `is_second` tells a new guest's second visit within 30 days after the first, also when
        it lies behind the range; `away_days` is the longest pause that a visit in the range ended.
    """

    customer_id: int
    is_now: bool
    is_before: bool
    is_new: bool
    is_second: bool
    away_days: int | None


_COMING = text(
    f"""
    WITH person AS (SELECT unnest(:gone) AS gone, unnest(:kept) AS kept),
    visit AS (
        SELECT DISTINCT coalesce(person.kept, customer_id) AS customer_id, day
        FROM ({_PIECES.format(days="<= CAST(:last AS date) + 30")}) AS one
        LEFT JOIN person ON person.gone = customer_id WHERE is_visit
    ),
    step AS (
        SELECT customer_id, day, day BETWEEN :first AND :last AS is_in,
               lag(day) OVER one AS before, row_number() OVER one AS nth
        FROM visit WINDOW one AS (PARTITION BY customer_id ORDER BY day)
    )
    SELECT customer_id, bool_or(is_in) AS is_now,
           bool_or(day BETWEEN :before AND CAST(:first AS date) - 1) AS is_before,
           bool_or(is_in AND nth = 1) AS is_new,
           bool_or(nth = 2 AND before BETWEEN :first AND :last AND day - before <= 30) AS is_second,
           max(day - before) FILTER (WHERE is_in) AS away_days
    FROM step WHERE CAST(:only AS bigint[]) IS NULL OR customer_id = ANY(:only)
    GROUP BY customer_id HAVING bool_or(is_in OR day BETWEEN :before AND :first)
    ORDER BY customer_id
    """
).bindparams(*(bindparam(n, type_=_IDS) for n in ("gone", "kept", "only")))


def coming(
    session: Session,
    first: date,
    last: date,
    *,
    merged: Mapping[int, int],
    only: Collection[int] | None = None,
) -> list[Coming]:
    """Say of each guest who came in a range of days, or the as long one before it, how.

    Shape: `merged` as in `bought`; `only` narrows to these people.
    """
    asked = {
        "first": first, "last": last, "before": first - (last - first) - timedelta(days=1),
        "gone": list(merged), "kept": list(merged.values()),
        "only": None if only is None else list(only),
    }  # fmt: skip
    return [Coming(**row) for row in session.execute(_COMING, asked).mappings()]


def receipts_of(session: Session, people: Collection[int], *, limit: int) -> Sequence[Sale]:
    """List the newest receipts of a person's profiles."""
    newest = (Sale.business_date.desc(), Sale.id.desc())
    wanted = select(Sale).where(Sale.customer_id.in_(people)).order_by(*newest).limit(limit)
    return session.scalars(wanted).all()


def count_receipts(session: Session, people: Collection[int]) -> int:
    """Count the receipts of a person's profiles."""
    return session.scalar(select(func.count()).where(Sale.customer_id.in_(people))) or 0
