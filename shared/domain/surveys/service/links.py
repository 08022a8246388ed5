"""Links through which guests give opinions without an account.

Form: F09: a link lives 14 days and is used once; a tablet's lives until the store's day is over.
"""

import hashlib
import secrets
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.customers import queries as customers
from shared.domain.surveys.forms.opinion import GUEST_FIELDS
from shared.domain.surveys.models import Opinion, OpinionLink
from shared.domain.surveys.rules import Way
from shared.domain.surveys.service.opinions import OPINIONS
from shared.errors import problem
from shared.records import service
from shared.records.register import Editor

LINK_DAYS = 14
TABLET_HOURS = 16
MOST_OPEN = 50  # shown to the store


class LinkGone(errors.Missing):
    """This link is no longer valid."""

    zh = "链接已失效"


def make_link(
    session: Session,
    *,
    kind: Way,
    by_id: UUID,
    now: datetime,
    customer_id: int | None = None,
    visit_on: date | None = None,
) -> tuple[OpinionLink, str]:
    """Make a link; give it and the secret of its address, which nobody can read again.

    Raises: FormInvalid for a customer that is not there or a kind that is no link.
    """
    problems = []
    if kind not in (Way.LINK, Way.TABLET):
        problems.append(problem("kind", "ENUM"))
    if customer_id is not None and not customers.known(session, [customer_id]):
        problems.append(problem("customer", "NOT_FOUND"))
    if problems:
        raise errors.FormInvalid(problems=tuple(problems))
    secret = secrets.token_urlsafe(16)
    is_link = kind is Way.LINK
    link = OpinionLink(
        key_hash=_hash(secret), kind=str(kind), customer=customer_id if is_link else None,
        visit_on=visit_on if is_link else None, made_at=now, made_by=by_id,
        expires_at=now + (timedelta(days=LINK_DAYS) if is_link else timedelta(hours=TABLET_HOURS)),
    )  # fmt: skip
    session.add(link)
    session.flush()  # the page names it
    return link, secret


def open_link(session: Session, secret: str, *, now: datetime, held: bool = False) -> OpinionLink:
    """Give a link that can still be used; hold it when an answer comes.

    Locks: the link, when held.
    Raises: LinkGone when it is unknown, expired, used or ended.
    """
    wanted = select(OpinionLink).where(OpinionLink.key_hash == _hash(secret))
    if held:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    link = session.scalars(wanted).one_or_none()
    if link is None or not is_open(link, now=now):
        raise LinkGone
    return link


def is_open(link: OpinionLink, *, now: datetime) -> bool:
    """Tell whether a link can still be used."""
    return link.used_on is None and link.ended_at is None and now < link.expires_at


def answer(session: Session, secret: str, *, typed: Mapping[str, Any], by: Editor) -> Opinion:
    """Take a guest's opinion; the link of one guest is used up by it.

    Shape: only a guest's own fields are taken from `typed`; who and when stand in the link.
    Locks: the link.
    Raises: LinkGone, FormInvalid.
    """
    link = open_link(session, secret, now=by.now, held=True)
    given = {name: typed[name] for name in GUEST_FIELDS if name in typed}
    if link.customer is not None and given.get("anonymous") is not True:
        given["customer"] = link.customer
        given["visit_on"] = (link.visit_on or by.today).isoformat()
    opinion: Opinion = service.keep_new(session, OPINIONS, typed=given, by=by)
    opinion.way = str(Way(link.kind))
    if link.kind == Way.LINK:
        link.used_on = by.today
        if opinion.anonymous:
            link.customer = link.visit_on = None
    session.flush()
    return opinion


def end_link(session: Session, link_id: int, *, now: datetime) -> OpinionLink:
    """End a link at once.

    Raises: LinkGone.
    """
    link = session.get(OpinionLink, link_id, with_for_update=True)
    if link is None or not is_open(link, now=now):
        raise LinkGone
    link.ended_at = now
    return link


def end_links_of(session: Session, customer_ids: Collection[int], *, now: datetime) -> None:
    """End the links of guests who are to be forgotten."""
    session.execute(
        update(OpinionLink)
        .where(OpinionLink.customer.in_(customer_ids), OpinionLink.ended_at.is_(None))
        .values(ended_at=now)
    )


def open_links(session: Session, *, now: datetime) -> list[OpinionLink]:
    """List the links that can still be used, the newest first."""
    found = session.scalars(
        select(OpinionLink)
        .where(
            OpinionLink.used_on.is_(None),
            OpinionLink.ended_at.is_(None),
            OpinionLink.expires_at > now,
        )
        .order_by(OpinionLink.id.desc())
        .limit(MOST_OPEN)
    )
    return list(found)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
