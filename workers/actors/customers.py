"""Jobs of the customers: profiles that are late, birthdays."""

from sqlalchemy.orm import Session

from shared.domain.customers.events import TellBirthdays, WatchProfiles
from shared.domain.customers.service import watching
from workers.job import At, job


@job(WatchProfiles, time_limit_s=60)
def watch_profiles(session: Session, request: WatchProfiles, at: At) -> None:
    """Tell of late profiles."""
    watching.watch_profiles(session, day=request.day)


@job(TellBirthdays, time_limit_s=60)
def tell_birthdays(session: Session, request: TellBirthdays, at: At) -> None:
    """Tell of birthdays (J08)."""
    watching.tell_birthdays(session, day=request.day)
