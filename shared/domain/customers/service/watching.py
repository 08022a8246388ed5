"""Look for profiles that should be whole by now, and for birthdays.

Form: F04 `complete`; J08 at nine o'clock; events profile.overdue, customer.birthday.
"""

from datetime import date, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from shared.domain.customers import queries
from shared.domain.customers.forms.profile import Profile
from shared.domain.customers.models import Customer
from shared.domain.customers.rules import profile as rules
from shared.events.jobs import publish, publish_all
from shared.events.notices import Notify
from shared.forms.record import State, entered

BIRTHDAY_AHEAD = 7  # days


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


def tell_birthdays(session: Session, *, day: date) -> int:
    """Tell consultants of birthdays a week ahead and on the day; then the guest is greeted too.

    Units: a guest is greeted with consent to marketing only, which the notices see to.
    Emits: Notify, once per guest, birthday and time of telling.
    """
    ahead = day + timedelta(days=BIRTHDAY_AHEAD)
    found = queries.birthdays(session, [day, ahead])
    publish_all(
        session,
        [
            Notify(
                event="customer.birthday",
                key=f"{customer.id}/{on}/{(on - day).days}",
                facts={"date": f"{on:%m-%d}"},
                records={"customer": f"customers/{customer.id}"},
                to_people=(customer.consultant,) if customer.consultant else (),
                to_customer_id=customer.id if on == day else None,
            )
            for on, customer in found
        ],
    )
    return len(found)


def _is_whole(customer: Customer, part: str) -> bool:
    values = {name: getattr(customer, name) for name in entered(Profile)}
    return rules.is_core_whole(values) if part == "core" else rules.is_health_whole(values)
