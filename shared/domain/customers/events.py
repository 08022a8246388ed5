"""What the customers ask for."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from shared.events.messages import Queue, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchProfiles(Request):
    """Tell who registered guests whose profiles are late on a day."""

    wire: ClassVar[str] = "customers.watch_profiles"
    day: date

    def uniq(self) -> str:
        """One waiting request per day."""
        return self.day.isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class TellBirthdays(Request):
    """Tell of the birthdays of a day and of the one a week later (J08)."""

    wire: ClassVar[str] = "customers.tell_birthdays"
    day: date

    def uniq(self) -> str:
        """One waiting request per day."""
        return self.day.isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyPerson(Request):
    """Put all that is held about a guest into one file."""

    wire: ClassVar[str] = "customers.copy_person"
    queue: ClassVar[Queue] = "bulk"
    run_id: int

    def uniq(self) -> str:
        """One waiting request per run."""
        return str(self.run_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasePerson(Request):
    """Erase a guest, as a receipt says that somebody asked for."""

    wire: ClassVar[str] = "customers.erase_person"
    erasure_id: int

    def uniq(self) -> str:
        """One waiting request per receipt."""
        return str(self.erasure_id)
