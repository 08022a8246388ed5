"""Customers in the search over everything: by number, a part of the name, the end of the phone."""

from flask import g, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from shared.domain.customers import queries
from shared.forms import masking
from web.frame.finding import MOST, Hit, Source


def _find(session: Session, text: str) -> list[Hit]:
    reach = g.actor.reach("F04", "R")
    own_of = g.actor.id if reach == "own" else None
    return [
        Hit(
            text=masking.masked_name(row.name) if reach == "masked" else row.name,
            note=row.number,
            end=masking.masked_phone(row.phone) or "",
            url=url_for("customer_pages.customer", customer_id=row.id),
        )
        for row in queries.search(session, text, limit=MOST, own_of=own_of)
    ]


SOURCE = Source(heading=_l("Customers"), icon="user", find=_find, resource="F04", only="store")
