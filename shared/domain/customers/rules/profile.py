"""When a profile is whole, when it is late, how old a guest is.

Form: F04 derived columns; section 4.4 on guests under 14.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

GUARDED_BELOW = 14  # years: a guardian consents
OLDEST = 120
MOST_GUESTS = 40  # assigned to one beautician
USUAL_NO_CALLS = ("12:00-14:00", "20:00-10:00")
CORE_DAYS = 3
HEALTH_DAYS = 7
UNDO_DAYS = 30  # a merge can be taken back

_CORE = ("registered_on", "front_desk_no", "name", "gender", "phone", "source", "consultant")
_HEALTH = ("skin_type", "allergies", "contraindications")


def is_core_whole(values: Mapping[str, Any]) -> bool:
    """Tell whether everything the first visit must bring is there, signed and consented."""
    answered = all(values.get(name) is not None for name in _CORE)
    return answered and bool(values.get("consent_service")) and bool(values.get("customer_sign"))


def is_health_whole(values: Mapping[str, Any]) -> bool:
    """Tell whether the health part is there."""
    return all(values.get(name) is not None for name in _HEALTH)


def is_whole(values: Mapping[str, Any]) -> bool:
    """Tell whether a profile is complete: the core, and with consent to it the health part."""
    health = is_health_whole(values) or not values.get("consent_sensitive")
    return is_core_whole(values) and health


def due_days(day: date) -> tuple[date, date]:
    """Name the two days of registration whose core and whose health part become late on `day`."""
    return day - timedelta(days=CORE_DAYS), day - timedelta(days=HEALTH_DAYS)


def age(birthday: str, *, on: date) -> int | None:
    """Give the age in whole years; None when the year is not said.

    Units: born on 29 February, one grows older on 1 March of other years.
    """
    if birthday.startswith("--"):
        return None
    born = date.fromisoformat(birthday)
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def birth_days(day: date) -> list[str]:
    """Name the birthdays, as `06-10`, that are kept on a day.

    Units: born on 29 February, one has it on 1 March of other years.
    """
    written = [f"{day:%m-%d}"]
    if (day.month, day.day) == (3, 1) and (day - timedelta(days=1)).day == 28:
        written.append("02-29")
    return written
