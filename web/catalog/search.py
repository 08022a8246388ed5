"""Items in the search over everything: by a part of the code or of the name."""

from flask import g, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from shared.domain.catalog import queries
from web.frame import formats
from web.frame.finding import MOST, Hit, Source


def _find(session: Session, text: str) -> list[Hit]:
    may_change = g.actor.may("catalog", "U")
    return [
        Hit(
            text=row.name,
            note=row.code,
            end=formats.money(row.price_fen),
            url=url_for("item_pages.item", item_id=row.id)
            if may_change
            else url_for("item_pages.items", text=row.code),
        )
        for row in queries.search(session, text, limit=MOST)
    ]


SOURCE = Source(heading=_l("Items"), icon="tag", find=_find, resource="catalog", only="store")
