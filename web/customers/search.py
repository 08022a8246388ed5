"""Customers in the search over everything: by number, a part of the name, the end of the phone."""

from flask import g, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from shared.domain.customers import queries
from shared.forms import masking
from web.frame.finding import MOST, Hit, Source


def _find(session: Session, text: str) -> list[Hit]:
    reach = g.actor.reach("F04", "R")
    if reach == "own":  # no customer is anybody's yet
        return []
    may_sell = g.actor.may("F08", "C")
    return [
        Hit(
            text=masking.masked_name(row.name) if reach == "masked" else row.name,
            note=row.number,
            end=masking.masked_phone(row.phone) or "",
            url=url_for("receipt_pages.new_sale", customer=row.number) if may_sell else None,
        )
        for row in queries.search(session, text, limit=MOST)
    ]


SOURCE = Source(heading=_l("Customers"), icon="user", find=_find, resource="F04", only="store")
