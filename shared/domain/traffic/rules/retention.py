"""Whether guests come again: who returned, came a second time, was won back.

Form: F07 panel B2; C4 retention and second-visit rate.
Units: rates are exact, None without a base.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Protocol


class Coming(Protocol):
    """How one guest's coming lies to the range and the as long one before it."""

    @property
    def customer_id(self) -> int:
        """Say who."""

    @property
    def is_now(self) -> bool:
        """Say whether there was a visit in the range."""

    @property
    def is_before(self) -> bool:
        """Say whether there was one in the range before."""

    @property
    def is_new(self) -> bool:
        """Say whether the first visit lies in the range."""

    @property
    def is_second(self) -> bool:
        """Say whether that guest came again within 30 days."""

    @property
    def away_days(self) -> int | None:
        """Say how long the longest pause was that a visit in the range ended."""


class Group(StrEnum):
    """A group of guests that a number of the panel counts."""

    BEFORE = "BEFORE"
    RETURNED = "RETURNED"
    NEW = "NEW"
    SECOND = "SECOND"
    WON_BACK = "WON_BACK"


# code -> (中文, English)
GROUP_LABELS: dict[Group, tuple[str, str]] = {
    Group.BEFORE: ("上期到店顾客", "Guests of the period before"),
    Group.RETURNED: ("留存顾客", "Returned"),
    Group.NEW: ("新客", "New guests"),
    Group.SECOND: ("新客二次到店", "New guests who came again"),
    Group.WON_BACK: ("唤醒顾客", "Won back"),
}


@dataclass(frozen=True, slots=True)
class Retention:
    """The guests of each group, by id."""

    groups: Mapping[Group, tuple[int, ...]]

    @property
    def returning_rate(self) -> Fraction | None:
        """Divide who returned by the guests of the period before."""
        return self._rate(Group.RETURNED, Group.BEFORE)

    @property
    def second_visit_rate(self) -> Fraction | None:
        """Divide the new guests who came again by all new ones."""
        return self._rate(Group.SECOND, Group.NEW)

    def count(self, group: Group) -> int:
        """Count the guests of a group."""
        return len(self.groups[group])

    def _rate(self, part: Group, whole: Group) -> Fraction | None:
        base = self.count(whole)
        return Fraction(self.count(part), base) if base else None


def retention(guests: Iterable[Coming], *, dormant_days: int) -> Retention:
    """Sort guests into the groups; won back is who came after a pause that made them dormant."""
    found: dict[Group, list[int]] = {group: [] for group in Group}
    for one in guests:
        told = {
            Group.BEFORE: one.is_before,
            Group.RETURNED: one.is_before and one.is_now,
            Group.NEW: one.is_new,
            Group.SECOND: one.is_new and one.is_second,
            Group.WON_BACK: (one.away_days or 0) > dormant_days,
        }
        for group, is_in in told.items():
            if is_in:
                found[group].append(one.customer_id)
    return Retention({group: tuple(ids) for group, ids in found.items()})
