"""What is known of each guest's spending and coming, put together from those who keep it.

Form: F02, F04 last visit, F07-B.
Shape: the one place where the sources meet: receipts and cards for spend and visits, treatment
    cards for the visit that was planned; contacts and debts are kept by nobody yet.
"""

from collections.abc import Collection
from datetime import date

from sqlalchemy.orm import Session

from shared.domain.appointments.queries import guests as treatments
from shared.domain.customers import queries as customers
from shared.domain.customers.service.grading import GuestFigures, span_of
from shared.domain.sales.queries import guests as sales


def figures(
    session: Session, *, on: date, only: Collection[int] | None = None
) -> list[GuestFigures]:
    """Give what every guest who ever came was worth, up to a day; `only` these profiles' people."""
    year, days_365, days_180 = span_of(on)
    merged = customers.merged_into(session)
    bought = sales.bought(
        session,
        sales.Spans(last=on, year=year, days_365=days_365, days_180=days_180),
        merged=merged,
        only=only,
    )
    planned = treatments.planned_next(session, merged=merged, until=on)
    return [
        GuestFigures(
            customer_id=one.customer_id,
            spend_12m_fen=one.spend_12m_fen,
            spend_365_fen=one.spend_365_fen,
            visits_12m=one.visits_12m,
            visits_180=one.visits_180,
            last_visit=one.last_visit,
            planned_on=planned.get(one.customer_id),
        )
        for one in bought
    ]
