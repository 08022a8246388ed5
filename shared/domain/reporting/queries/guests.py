"""What is known of each guest's spending and coming, put together from those who keep it.

Form: F02, F04 last visit, F07-B.
Shape: the one place where the sources meet: today receipts alone. Deductions of cards and visits
    with treatments add to spend and visits here; planned visits, contacts and debts fill the rest.
"""

from collections.abc import Collection
from datetime import date

from sqlalchemy.orm import Session

from shared.domain.customers import queries as customers
from shared.domain.customers.service.grading import GuestFigures, span_of
from shared.domain.sales.queries import guests as sales


def figures(
    session: Session, *, on: date, only: Collection[int] | None = None
) -> list[GuestFigures]:
    """Give what every guest who ever came was worth, up to a day; `only` these profiles' people."""
    year, days_365, days_180 = span_of(on)
    bought = sales.bought(
        session,
        sales.Spans(last=on, year=year, days_365=days_365, days_180=days_180),
        merged=customers.merged_into(session),
        only=only,
    )
    return [
        GuestFigures(
            customer_id=one.customer_id,
            spend_12m_fen=one.spend_12m_fen,
            spend_365_fen=one.spend_365_fen,
            visits_12m=one.visits_12m,
            visits_180=one.visits_180,
            last_visit=one.last_visit,
        )
        for one in bought
    ]
