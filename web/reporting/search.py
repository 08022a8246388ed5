"""Months in the search over everything: `2025-06`, `2025年6月`, `202506`, or `6月` of this year."""

import re
from datetime import date

from flask import g, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from web.frame import formats
from web.frame.finding import Hit, Source

_MONTH = re.compile(r"(?:(20\d\d)(?:年|[-/.])?)?(\d{1,2})月?", re.ASCII)


def _find(session: Session, text: str) -> list[Hit]:
    month = _month(text)
    if month is None or month > g.today:
        return []
    return [Hit(text=formats.month_name(month), url=url_for("month_pages.month", month=month))]


def _month(text: str) -> date | None:
    found = _MONTH.fullmatch(text.replace(" ", ""))
    if found is None or not 1 <= int(found[2]) <= 12:
        return None
    return date(int(found[1] or g.today.year), int(found[2]), 1)


SOURCE = Source(
    heading=_l("Months"), icon="calendar-month", find=_find, resource="F10", only="store"
)
