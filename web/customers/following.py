"""Who stays away and whose birthday comes, as the asking person may see it."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import g
from sqlalchemy.orm import Session

from shared.domain.customers import queries
from shared.domain.customers.service import activity
from shared.domain.customers.service.activity import Lapse
from shared.forms.masking import masked_phone

BIRTHDAY_AHEAD = 14  # days


def own_of() -> UUID | None:
    """Name the person whose guests alone are followed; None for all guests."""
    return g.actor.id if g.actor.reach("F07", "R") == "own" else None


def lapsing(session: Session, asked: Lapse) -> Sequence[dict[str, Any]]:
    """List guests who stay away, the most value at risk first."""
    return [
        {
            **_named(guest), "state": found.state, "since": found.since,
            "judged_on": found.judged_on, "last_visit": found.last_visit,
            "away_days": max((g.today - found.last_visit).days, 0),
            "spend_12m_fen": found.spend_12m_fen, "at_risk_fen": found.at_risk_fen,
            "next_contact": max(found.next_contact, g.today),
            "balance_fen": guest.balance_fen, "sessions_left": guest.sessions_left,
        }
        for guest, found in activity.lapsing(session, asked)
    ]  # fmt: skip


def birthdays(session: Session) -> list[dict[str, Any]]:
    """List the birthdays of today and the days after."""
    days: list[date] = [g.today + timedelta(days=ahead) for ahead in range(BIRTHDAY_AHEAD)]
    return [
        {**_named(guest), "on": on, "may_be_greeted": guest.consent_marketing}
        for on, guest in queries.birthdays(session, days, own_of=own_of())
    ]


def _named(guest: Any) -> dict[str, Any]:
    return {
        "id": guest.id, "number": guest.number, "name": guest.name,
        "phone": masked_phone(guest.phone), "grade": guest.grade, "consultant": guest.consultant,
    }  # fmt: skip
