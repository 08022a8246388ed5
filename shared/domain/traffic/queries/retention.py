"""Who came again in a range of whole weeks, and how many stay away now.

Form: F07 panels B and B2.
Units: a visit is a business day with a receipt or a card that served, as for grades; the filters of
    the heat map narrow arrivals, not this.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shared.domain.customers import queries as customers
from shared.domain.customers.service import activity
from shared.domain.customers.service.activity import Lapse, Lapsed
from shared.domain.sales.queries import guests
from shared.domain.traffic.queries.heat import MOST_ROWS, Asked, people_of
from shared.domain.traffic.rules import retention as rules
from shared.domain.traffic.rules.retention import Group, Retention


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Retention in the range; `states` count all guests by activity as last judged."""

    retention: Retention
    states: Sequence[Lapsed]
    dormant_days: int


def kept(session: Session, asked: Asked, *, now: datetime) -> Kept:
    """Say who came again and how many stay away."""
    limits = activity.limits_at(session, now)
    people = guests.coming(
        session,
        asked.first,
        asked.last,
        merged=customers.merged_into(session),
        only=people_of(session, asked.own_of),
    )
    return Kept(
        retention=rules.retention(people, dormant_days=limits.dormant),
        states=activity.counted(session, Lapse(own_of=asked.own_of)),
        dormant_days=limits.dormant,
    )


def guests_in(session: Session, found: Kept, group: Group) -> list[Any]:
    """List the profiles of a group, up to MOST_ROWS, by number."""
    named = customers.by_ids(session, found.retention.groups[group][:MOST_ROWS])
    return sorted(named.values(), key=lambda one: str(one.number))
