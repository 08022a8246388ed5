"""Receipts on the page of a guest."""

from flask import g, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shared.domain.sales.queries import guests
from web.frame import formats, labels
from web.frame.guest_parts import Guest, Line, Part

MOST = 8


def part(session: Session, guest: Guest) -> Part | None:
    """Give the newest receipts to who may read receipts."""
    if not g.actor.may("F08", "R"):
        return None
    return Part(
        key="receipts",
        title=_("Receipts"),
        icon="receipt",
        empty=_("Nothing was bought yet."),
        count=guests.count_receipts(session, guest.profiles),
        lines=[
            Line(
                day=row.business_date,
                text=row.receipt_no,
                end=formats.money(row.total_fen),
                stamp=labels.label(row.kind, "sale_kind") if row.kind == "REFUND" else "",
                tone=labels.tone(row.kind, "sale_kind"),
                url=url_for("receipt_pages.receipt", sale_id=row.id),
            )
            for row in guests.receipts_of(session, guest.profiles, limit=MOST)
        ],
    )
