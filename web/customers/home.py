"""Customers on the home page: whose birthday it is today and in the days that follow."""

from datetime import timedelta

from flask import g
from sqlalchemy.orm import Session

from shared.domain.customers import queries
from shared.forms import masking
from web.frame.home_parts import Panel, Part

DAYS_AHEAD = 7
MOST = 12


def part(session: Session) -> Part:
    """Give birthdays to who may read the contact part of profiles, masked where it is."""
    reach = g.actor.reach("F04", "R")
    if reach is None:
        return Part()
    ahead = [g.today + timedelta(days=number) for number in range(DAYS_AHEAD)]
    own_of = g.actor.id if reach == "own" else None
    found = [
        (day, masking.masked_name(guest.name) if reach == "masked" else guest.name, guest.id)
        for day, guest in queries.birthdays(session, ahead, own_of=own_of, limit=MOST)
    ]
    return Part(
        panels=[Panel(template="home/birthdays.html", values={"found": found}, is_narrow=True)]
        if found
        else ()
    )
