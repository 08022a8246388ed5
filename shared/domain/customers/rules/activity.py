"""How active a guest is, and how much money lapses with a guest who stays away.

Form: F07 activity rule, setting activity_days; J06.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any


class Activity(enum.StrEnum):
    """F02 activity, from the best to the worst."""

    ACTIVE = "ACTIVE"
    WATCH = "WATCH"
    COLD = "COLD"
    HANDOVER = "HANDOVER"
    DORMANT = "DORMANT"
    LOST = "LOST"


ACTIVITIES: dict[Activity, tuple[str, str]] = {
    Activity.ACTIVE: ("活跃", "Active"),
    Activity.WATCH: ("需关注", "Watch"),
    Activity.COLD: ("冷却", "Cold"),
    Activity.HANDOVER: ("转客服", "With the service desk"),
    Activity.DORMANT: ("沉睡", "Dormant"),
    Activity.LOST: ("流失", "Lost"),
}
LAPSED = tuple(state for state in Activity if state is not Activity.ACTIVE)

SETTING = "activity_days"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The setting activity_days: days beyond the plan, and days away from which each state counts.

    Units: a state counts when more than its days have passed.
    """

    watch: int = 7
    cold: int = 30
    handover: int = 60
    dormant: int = 90
    lost: int = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """What is known of a guest's coming and being called.

    Shape: `planned_on` is the next visit that was planned; `has_debt` keeps a guest with the
        consultant.
    """

    last_visit: date
    planned_on: date | None = None
    last_contact: date | None = None
    has_debt: bool = False

    @property
    def met_on(self) -> date:
        """Say when the store last had to do with the guest: a visit is a contact too."""
        return max(self.last_visit, self.last_contact or self.last_visit)


def limits_of(value: Mapping[str, Any]) -> Limits:
    """Read the setting; what it does not name is as usual."""
    known = {name: value[name] for name in Limits.__slots__ if isinstance(value.get(name), int)}
    return Limits(**known)


def activity(traces: Traces, limits: Limits, *, on: date) -> Activity:
    """Judge a guest on a day."""
    away = (on - traces.last_visit).days
    if away > limits.lost:
        return Activity.LOST
    if away > limits.dormant:
        return Activity.DORMANT
    if (on - traces.met_on).days > limits.handover and not traces.has_debt:
        return Activity.HANDOVER
    if away > limits.cold:
        return Activity.COLD
    if traces.planned_on is not None and (on - traces.planned_on).days > limits.watch:
        return Activity.WATCH
    return Activity.ACTIVE


def since(state: Activity, traces: Traces, limits: Limits) -> date:
    """Name the first day on which a guest was in a state, as far as these traces say."""
    begins = {
        Activity.ACTIVE: (traces.last_visit, -1),
        Activity.WATCH: (traces.planned_on or traces.last_visit, limits.watch),
        Activity.COLD: (traces.last_visit, limits.cold),
        Activity.HANDOVER: (traces.met_on, limits.handover),
        Activity.DORMANT: (traces.last_visit, limits.dormant),
        Activity.LOST: (traces.last_visit, limits.lost),
    }
    day, days = begins[state]
    return day + timedelta(days=days + 1)


def at_risk_fen(spend_12m_fen: int, *, away_days: int, limits: Limits) -> int:
    """Weigh what a guest spent in 12 months by how far the guest has lapsed: the value at risk.

    Units: the weight grows evenly from 0 on the day of the visit to 1 on the day from which the
        guest counts as lost; rounded down to the fen.
    """
    gone = min(max(away_days, 0), limits.lost)
    return spend_12m_fen * gone // limits.lost if limits.lost else spend_12m_fen
