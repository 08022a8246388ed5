"""What people and the store decide about notices: switched-off channels, quiet hours, texts."""

from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from shared import errors
from shared.db.tenant_settings import change_setting
from shared.domain.notifications.models import SwitchedOff, Wording
from shared.domain.notifications.queries import settings
from shared.domain.notifications.rules import catalogue, texts
from shared.domain.notifications.rules.catalogue import Channel
from shared.errors import Problem, problem

OWN_CHANNELS = (Channel.APP, Channel.MAIL, Channel.SMS, Channel.WX)


class WordingMoved(errors.Conflict):
    """Somebody changed this text meanwhile."""

    code = "CONFLICT"
    zh = "他人已修改该模板,请刷新"


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who writes a text, and when."""

    id: UUID
    name: str
    now: datetime


def choose_channels(
    session: Session, *, person_id: UUID, wanted: frozenset[Channel], now: datetime
) -> None:
    """Hear by these channels alone; L1 complaints, cash and surveys come by all of theirs."""
    session.execute(delete(SwitchedOff).where(SwitchedOff.person_id == person_id))
    session.add_all(
        SwitchedOff(person_id=person_id, channel=channel, since=now)
        for channel in OWN_CHANNELS
        if channel not in wanted
    )


def set_quiet_hours(session: Session, *, begins: time, ends: time, by: UUID, now: datetime) -> None:
    """Say when staff is not disturbed; the same begin and end mean never."""
    value = {"begins": begins.isoformat("minutes"), "ends": ends.isoformat("minutes")}
    change_setting(session, settings.QUIET_HOURS, value, by=by, now=now)


def set_phone(session: Session, *, number: str | None, by: UUID, now: datetime) -> None:
    """Say which number guests call to change a booking; none when it is left empty."""
    change_setting(session, settings.PHONE, {"number": number or ""}, by=by, now=now)


def wording_problems(
    event: catalogue.Event, audience: str, wording: catalogue.Wording
) -> list[Problem]:
    """Say which braces of a text this event cannot fill."""
    original = event.guest_text if audience == "guest" else event.staff
    known = {"store", *texts.placeholders(original.zh), *texts.placeholders(original.en)}
    found = []
    for field, text in (("zh", wording.zh), ("en", wording.en)):
        if strange := [name for name in texts.placeholders(text) if name not in known]:
            listed = ", ".join(f"{{{name}}}" for name in strange)
            found.append(
                problem(field, "ENUM", zh=f"没有这些占位符:{listed}", en=f"unknown: {listed}")
            )
    return found


def write_wording(
    session: Session,
    event: catalogue.Event,
    audience: str,
    wording: catalogue.Wording | None,
    *,
    seen: int,
    author: Author,
) -> Wording:
    """Write the next version of a text; None puts the default back. What was told stays as told.

    Units: `seen` is the number of the version that was changed, 0 for the default.
    Raises: FormInvalid, WordingMoved.
    """
    if wording is not None and (problems := wording_problems(event, audience, wording)):
        raise errors.FormInvalid(problems=tuple(problems))
    newest = settings.versions(session, event=event.name, audience=audience)
    if (newest[0].number if newest else 0) != seen:
        raise WordingMoved(event=event.name)
    made = Wording(
        event=event.name,
        audience=audience,
        number=seen + 1,
        zh=wording.zh if wording else None,
        en=wording.en if wording else None,
        made_by=author.id,
        made_by_name=author.name,
        made_at=author.now,
    )
    session.add(made)
    session.flush()  # two at once meet here, at the number
    return made
