"""Look for profiles that should be whole by now.

Form: F04 `complete`; J08 at nine o'clock; event profile.overdue.
"""

from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from shared.domain.customers.forms.profile import Profile
from shared.domain.customers.models import Customer
from shared.domain.customers.rules import profile as rules
from shared.events.jobs import publish
from shared.events.notices import Notify
from shared.forms.record import State, entered


def watch_profiles(session: Session, *, day: date) -> int:
    """Tell of each guest whose core part is three days or whose health part seven days old.

    Units: counted from the registration, or from the day somebody typed the guest in; guests who
        came with an imported file are nobody's work.
    Emits: Notify, once per guest and part.
    """
    core_day, health_day = rules.due_days(day)
    begun = func.coalesce(Customer.registered_on, Customer.business_date)
    late = session.scalars(
        select(Customer)
        .where(
            or_(begun == core_day, begun == health_day),
            Customer.created_by.is_not(None),
            Customer.state != State.VOID,
            Customer.restricted_at.is_(None),
        )
        .order_by(Customer.id)
    )
    told = 0
    for customer in late:
        part = (
            "core" if (customer.registered_on or customer.business_date) == core_day else "health"
        )
        if _is_whole(customer, part):
            continue
        publish(
            session,
            Notify(
                event="profile.overdue",
                key=f"{customer.id}/{part}",
                records={"customer": f"customers/{customer.id}"},
                to_people=(customer.consultant,) if customer.consultant else (),
            ),
        )
        told += 1
    return told


def _is_whole(customer: Customer, part: str) -> bool:
    values = {name: getattr(customer, name) for name in entered(Profile)}
    return rules.is_core_whole(values) if part == "core" else rules.is_health_whole(values)
