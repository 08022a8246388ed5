"""Receipts in the search over everything: by the number, or by its last digits in this month."""

from flask import g, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from shared.domain.sales.queries import receipts
from shared.domain.sales.rules import slips
from web.frame import formats
from web.frame.finding import MOST, Hit, Source


def _find(session: Session, text: str) -> list[Hit]:
    beginnings = [text.upper()]
    if text.isascii() and text.isdecimal() and len(text) < 7:
        beginnings = [slips.receipt_no(g.today, int(text)), f"S-{text}"]
    return [
        Hit(
            text=row.receipt_no,
            note=formats.day_text(row.business_date),
            end=formats.money(row.total_fen),
            url=url_for("receipt_pages.receipt", sale_id=row.id),
        )
        for row in receipts.search(session, beginnings, limit=MOST)
    ]


SOURCE = Source(heading=_l("Receipts"), icon="receipt", find=_find, resource="F08", only="store")
