"""What treatments say of guests: when each was meant to come again.

Form: F05 next_date; F07 activity rule.
"""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from shared.domain.appointments.models.visits import Treatment
from shared.forms.record import State


def planned_next(session: Session, *, merged: Mapping[int, int], until: date) -> dict[int, date]:
    """Say for each guest when the last treatment up to a day planned the next one.

    Shape: `merged` names the profile that stays of each that was given up for it.
    """
    wanted = (
        select(Treatment.customer, Treatment.business_date, Treatment.next_date)
        .where(
            Treatment.business_date <= until,
            Treatment.state != State.VOID,
            Treatment.signed_at.is_not(None),
        )
        .ext(distinct_on(Treatment.customer))
        .order_by(Treatment.customer, Treatment.business_date.desc(), Treatment.id.desc())
    )
    newest: dict[int, tuple[date, date | None]] = {}
    for customer, day, planned in session.execute(wanted):
        person = merged.get(customer, customer)
        if person not in newest or day > newest[person][0]:
            newest[person] = (day, planned)
    return {person: planned for person, (_, planned) in newest.items() if planned is not None}
