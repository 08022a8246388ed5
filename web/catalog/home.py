"""The catalogue on the home page: a store that sells nothing yet begins with its items."""

from flask import g, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shared.domain.catalog import queries
from web.frame.home_parts import Line, Part


def part(session: Session) -> Part:
    """Give the first task of a new store to who may do it."""
    if not g.actor.may("catalog", "C") or queries.has_items(session):
        return Part()
    begin = Line(
        stamp=_("Begin here"),
        tone="warn",
        text=_("Enter items and prices"),
        url=url_for("item_pages.items", add=""),
    )
    return Part(tasks=[begin])
