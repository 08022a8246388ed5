"""The profile on the page of a guest: photos, and the next steps that follow from what is known."""

from datetime import date, timedelta

from flask import g, url_for
from flask_babel import gettext as _
from flask_babel import pgettext
from sqlalchemy.orm import Session

from shared.domain.customers.rules.activity import Activity
from shared.domain.customers.rules.profile import birth_days
from shared.domain.customers.service import activity
from web.customers.standing import may_see_standing
from web.frame import formats
from web.frame.guest_parts import Guest, Part
from web.frame.home_parts import Line as Step

BIRTHDAY_AHEAD = 14


def part(session: Session, guest: Guest) -> Part | None:
    """Give the photos to who may see them, and the steps to everybody who sees the guest."""
    steps = [*_contact(session, guest), *_birthday(guest), *_profile(guest)]
    photos = guest.values["photos"] or []
    return Part(
        key="photos",
        title=_("Photos"),
        icon="photo",
        empty="" if "photos" in guest.closed else _("No photo was taken yet."),
        count=len(photos),
        pictures=[url_for("attachments.show", attachment_id=one) for one in photos],
        steps=steps,
    )


def _profile(guest: Guest) -> list[Step]:
    if guest.values["is_complete"]:
        return []
    text = _("The profile is not complete yet.")
    url = url_for("f04_pages.record", record_id=guest.id)
    return [Step(stamp=_("Profile"), tone="warn", text=text, url=url)]


def _birthday(guest: Guest) -> list[Step]:
    born = (guest.values["birthday"] or "")[-5:]
    for ahead in range(BIRTHDAY_AHEAD):
        on = g.today + timedelta(days=ahead)
        if born and born in birth_days(on):
            text = _("Birthday on %(day)s: prepare a greeting.", day=formats.day_text(on))
            return [Step(stamp=_("Birthday"), tone="good", text=text, url="")]
    return []


def _contact(session: Session, guest: Guest) -> list[Step]:
    if not may_see_standing(guest.values):
        return []
    found = activity.standing(session, guest.id)
    if found is None:
        return []
    text = _("Next contact on %(day)s.", day=formats.day_text(_not_past(found.next_contact)))
    steps = [Step(stamp=pgettext("step", "Contact"), tone="", text=text, url="")]
    advice = {
        Activity.WATCH: _("Past the planned visit: call within the next 7 days."),
        Activity.COLD: _("Stays away: at least two contacts a month."),
        Activity.HANDOVER: _("Nobody of us met the guest for long: the service desk takes over."),
        Activity.DORMANT: _("Dormant: an invitation is worth more than a call."),
        Activity.LOST: _("Lost: win the guest back with something new."),
    }.get(Activity(found.state))
    if advice is not None:
        steps.insert(0, Step(stamp=_("Stays away"), tone="bad", text=advice, url=""))
    return steps


def _not_past(day: date) -> date:
    today: date = g.today
    return max(day, today)
