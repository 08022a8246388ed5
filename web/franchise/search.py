"""Stores of a chain in the search over everything: by a part of the code or of the name."""

from flask import g, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from shared import days
from shared.domain.franchise.queries import stores
from web.frame.finding import MOST, Hit, Source


def _find(session: Session, text: str) -> list[Hit]:
    wanted, month = text.lower(), days.previous_month(days.month_of(g.today))
    found = [
        row for row in stores.store_files(session) if wanted in f"{row.code} {row.name}".lower()
    ]
    return [
        Hit(
            text=row.name,
            note=row.code,
            end=row.region,
            url=url_for("chain_pages.store_month", code=row.code, month=month),
        )
        for row in found[:MOST]
    ]


SOURCE = Source(
    heading=_l("Stores"), icon="building-store", find=_find, resource="stores", only="hq"
)
