"""What the customers ask for."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from shared.events.messages import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchProfiles(Request):
    """Tell who registered guests whose profiles are late on a day."""

    wire: ClassVar[str] = "customers.watch_profiles"
    day: date

    def uniq(self) -> str:
        """One waiting request per day."""
        return self.day.isoformat()
