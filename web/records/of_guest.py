"""Kept forms of one guest, as lines of the guest's page: those that the asking person may see."""

from flask import url_for
from sqlalchemy.orm import Session

from shared.records import queries
from shared.records.register import Register, Row
from web.auth import NotPermitted
from web.frame.guest_parts import Guest, Line, Part
from web.records import access, shown
from web.records.boxes import own_fields
from web.records.pickers import Names

MOST = 6  # of one form; the list has all of them


def part_of(
    session: Session,
    guest: Guest,
    register: Register,
    names: tuple[str, ...],
    *,
    icon: str,
    empty: str,
) -> Part | None:
    """List a guest's newest forms of a register, which has a field `customer`; None: none to see.

    Shape: `names` are the fields that a line shows, as the person sees them.
    """
    try:
        sight = access.sight(register)
    except NotPermitted:
        return None
    sheet, known = register.form.sheet, own_fields(register.form)
    found: list[Row] = []
    count = 0
    for profile in guest.profiles:
        asked = queries.Asked(filters={"customer": profile}, limit=MOST, own_of=sight.view.own_of)
        page = queries.page(session, register, asked)
        found += page
        count += len(page) if len(page) < MOST else queries.count(session, register, asked)
    found.sort(key=lambda row: (row.business_date, row.id), reverse=True)
    values = [sight.shown(row) for row in found[:MOST]]
    called = Names()
    called.learn(session, {name: known[name] for name in names}, values)
    return Part(
        key=sheet.path,
        title=shown.said(sheet.short or sheet.name),
        icon=icon,
        empty=empty,
        count=count,
        more=url_for(f"{sheet.code.lower()}_pages.rows", customer=guest.id),
        lines=[
            Line(
                day=row.business_date,
                text=" · ".join(
                    text for name in names if (text := shown.text(known[name], told[name], called))
                ),
                note=row.number,
                url=url_for(f"{sheet.code.lower()}_pages.record", record_id=row.id),
            )
            for row, told in zip(found, values, strict=False)
        ],
    )
