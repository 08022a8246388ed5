"""Jobs of the notifications: an event told to everybody it concerns."""

from sqlalchemy.orm import Session

from shared.domain.notifications.rules.people import Member
from shared.domain.notifications.service import telling
from shared.events.notices import Notify
from tenants import directory
from workers.job import At, job


@job(Notify)
def notify(session: Session, request: Notify, at: At) -> None:
    """Write the messages of an event (J26)."""
    telling.tell(session, request, here=_here(at), now=at.now)


def _here(at: At) -> telling.Here:
    members = tuple(
        Member(id=one.id, roles=one.roles, locale=one.locale, mail=one.mail, phone=one.phone)
        for one in directory.members(at.tenant)
    )
    return telling.Here(name=at.tenant.display_name, zone=at.tenant.time_zone, members=members)
