"""Jobs of the notifications: an event told to everybody it concerns, a message carried out."""

from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from shared.config import settings
from shared.domain.directories import DIRECTORIES
from shared.domain.notifications.events import PostHook, SendMail, SendText, WatchJobs
from shared.domain.notifications.rules import endpoints
from shared.domain.notifications.rules.delivery import Withheld
from shared.domain.notifications.rules.endpoints import BOTS, Secrets
from shared.domain.notifications.rules.people import Member
from shared.domain.notifications.service import sending, telling, watching
from shared.domain.notifications.service.sending import Outcome, Parcel
from shared.domain.registers import BY_CODE
from shared.events.notices import Notify
from tenants import vault
from tenants.people import directory
from workers.job import At, job, outside
from workers.outgoing import carriers, notice_mail


@job(Notify)
def notify(session: Session, request: Notify, at: At) -> None:
    """Write the messages of an event (J26)."""
    telling.tell(session, request, here=_here(session, at), now=at.now)


@job(SendMail)
def send_mail(session: Session, request: SendMail, at: At) -> None:
    """Hand a message to the mail server."""

    def carry(parcel: Parcel) -> Outcome | Withheld:
        to = settings().operator_mail or None
        locale = "zh"
        if parcel.person_id is not None:
            person = directory.member(at.tenant, parcel.person_id)
            if person is None:
                return Withheld.GONE
            to, locale = person.mail, person.locale
        if to is None:
            return Withheld.NO_ADDRESS
        return notice_mail.send(parcel, to=to, locale=locale, tenant=at.tenant)

    _carry(session, request.delivery_id, at, carry)


@job(SendText)
def send_text(session: Session, request: SendText, at: At) -> None:
    """Give a message to the store's SMS or WeChat provider."""

    def carry(parcel: Parcel) -> Outcome | Withheld:
        to, locale = parcel.phone, "zh"
        if parcel.person_id is not None:
            person = directory.member(at.tenant, parcel.person_id)
            if person is None:
                return Withheld.GONE
            to, locale = person.phone, person.locale
        if to is None:
            return Withheld.NO_ADDRESS
        return carriers.to_gateway(parcel, _secrets(parcel), to=to, locale=locale, now=at.now)

    _carry(session, request.delivery_id, at, carry)


@job(PostHook)
def post_hook(session: Session, request: PostHook, at: At) -> None:
    """Post a message to a chat group or a webhook."""

    def carry(parcel: Parcel) -> Outcome:
        to = carriers.to_robot if parcel.kind in BOTS else carriers.to_webhook
        return to(parcel, _secrets(parcel), now=at.now)

    _carry(session, request.delivery_id, at, carry)


@job(WatchJobs)
def watch_jobs(session: Session, request: WatchJobs, at: At) -> None:
    """Tell of jobs that were given up (J28)."""
    watching.watch_jobs(session, tenant=at.tenant.name, now=at.now)


def _carry(
    session: Session, delivery_id: int, at: At, carry: Callable[[Parcel], Outcome | Withheld]
) -> None:
    parcel = sending.take(session, delivery_id, zone=at.tenant.time_zone, now=at.now)
    if parcel is None:
        return
    with outside(session):
        outcome = carry(parcel)
    if isinstance(outcome, Withheld):
        sending.withhold(session, delivery_id, outcome)
    else:
        sending.settle(session, delivery_id, outcome, now=at.now)


def _secrets(parcel: Parcel) -> Secrets:
    owner = str(parcel.endpoint_id)
    return endpoints.unpacked(vault.opened(parcel.sealed, purpose=endpoints.PURPOSE, owner=owner))


def _here(session: Session, at: At) -> telling.Here:
    present = directory.members(at.tenant)
    names = {str(one.id): one.name for one in present}
    members = tuple(
        Member(id=one.id, roles=one.roles, locale=one.locale, mail=one.mail, phone=one.phone)
        for one in present
    )
    return telling.Here(
        name=at.tenant.display_name,
        zone=at.tenant.time_zone,
        today=at.today,
        members=members,
        hq=at.tenant.hq,
        words=lambda records: {
            name: _read(session, where, names) for name, where in records.items()
        },
        has_mail=bool(settings().mail_url),
        has_operator=bool(settings().operator_mail),
    )


def _read(session: Session, where: str, people: Mapping[str, str]) -> str:
    """Read what a notice points to; gone is empty.

    Shape: `customers/5`, a field as `F09/12/reason`, a member as `people/<id>`.
    """
    kind, number, *field = where.split("/")
    if kind == "people":
        return people.get(number, "")
    if not field:
        names = DIRECTORIES[kind].names(session, [int(number)])
        return names[int(number)].text if int(number) in names else ""
    row = session.get(BY_CODE[kind].model, int(number))
    return str(getattr(row, field[0], None) or "")
