"""Day report, monthly detail and sales report, differences as JSON.

Form: F10, F17.
"""

from datetime import date
from typing import Any

from marshmallow import Schema

from shared.domain.catalog import rules as catalog
from shared.domain.reporting.forms import closing
from shared.domain.reporting.forms import reports as forms
from shared.domain.reporting.queries import (
    behind,
    checks,
    days,
    detail,
    handouts,
    months,
    sales_report,
)
from shared.domain.reporting.rules.figures import LABELS
from shared.domain.sales.rules.kinds import TENDER_LABELS
from shared.forms.fields import Choice, Day, Form
from web import paging
from web.api import ApiBlueprint
from web.auth import requires
from web.extensions import db

blueprint = ApiBlueprint("reporting", __name__, description="报表 days and months")
MOST_REVISIONS = 2**31 - 1


class RevisionAsked(Form):
    """One revision; without it, what the month shows now."""

    revision = paging.Number(("版本", "Revision"), minimum=0, maximum=MOST_REVISIONS)


class DifferencesAsked(Form):
    """Two revisions; 0 is the live figures."""

    old = paging.Number(("旧版本", "Old"), minimum=0, maximum=MOST_REVISIONS, required=True)
    new = paging.Number(("新版本", "New"), minimum=0, maximum=MOST_REVISIONS, required=True)


class RecordsAsked(Form):
    """One number of a month, and what narrows it."""

    indicator = Choice(
        ("指标", "Figure"), {code: LABELS[code][:2] for code in behind.OPENED}, required=True
    )
    day = Day(("营业日", "Business day"))
    category = Choice(("类别", "Category"), catalog.LABELS)
    item_id = paging.Number(("项目", "Item"), minimum=1, maximum=2**63 - 1)
    tender = Choice(("支付方式", "Tender"), TENDER_LABELS)


@blueprint.call("GET", "/days/<day:day>")
@requires("F08", "R")
@blueprint.gives(200, forms.DayReport)
def day_report(day: date) -> days.DayReport:
    """Show what a business day brought."""
    return days.day_report(db.session(), day)


@blueprint.call("GET", "/handouts/effect/<month:month>")
@requires("F01", "X", only="store")
@blueprint.gives(200, forms.HandoutEffect)
def handout_effect(month: date) -> handouts.Effect:
    """Show what a month's samples and gifts cost and brought."""
    return handouts.effect(db.session(), month)


@blueprint.call("GET", "/months")
@requires("F10", "R")
@blueprint.takes(paging.PageAsked, "query")
@blueprint.gives(200, paging.page_of(closing.MonthRow))
def list_months(asked: dict[str, Any]) -> paging.Page:
    """List months, newest first."""
    after = paging.after(asked)
    before = date.fromisoformat(after[0]) if after else None
    rows = months.month_list(db.session(), before=before, limit=asked["limit"] + 1)
    return paging.page(rows, limit=asked["limit"], position=lambda month: [month.month.isoformat()])


@blueprint.call("GET", "/months/<month:month>")
@requires("F10", "R")
@blueprint.takes(RevisionAsked, "query")
@blueprint.gives(200, forms.MonthDetail)
def month_detail(asked: dict[str, Any], month: date) -> detail.MonthDetail:
    """Show the monthly detail, F10."""
    return detail.month_detail(db.session(), month, revision=asked["revision"])


@blueprint.call("GET", "/months/<month:month>/sales")
@requires("F17", "R")
@blueprint.takes(RevisionAsked, "query")
@blueprint.gives(200, forms.MonthSales)
def month_sales(asked: dict[str, Any], month: date) -> sales_report.MonthSales:
    """Show the monthly sales report, F17."""
    return sales_report.month_sales(db.session(), month, revision=asked["revision"])


@blueprint.call("GET", "/months/<month:month>/differences")
@requires("F10", "R")
@blueprint.takes(DifferencesAsked, "query")
@blueprint.gives(200, closing.Differences)
def differences(asked: dict[str, Any], month: date) -> dict[str, Any]:
    """Compare two revisions of a month."""
    found = checks.difference_report(db.session(), month, old=asked["old"], new=asked["new"])
    cells = [
        {"day": day, "category": category, "old_fen": old, "new_fen": new}
        for day, category, old, new in found.cells
    ]
    return {**_plain(found), "cells": cells}


@blueprint.call("GET", "/months/<month:month>/records")
@requires("F10", "R", only="store")
@blueprint.takes(RecordsAsked, "query")
@blueprint.gives(200, forms.Records)
def records(asked: dict[str, Any], month: date) -> dict[str, Any]:
    """List what one number of a month is made of."""
    months.get(db.session(), month)
    found = behind.records_behind(db.session(), behind.Number(month=month, **asked))
    people = [person.id for person in found.people]
    return {"rows": found.rows, "people": people, "count": found.count, "total": found.total}


def _plain(found: checks.DifferenceReport) -> dict[str, Any]:
    shown: Schema = closing.Differences()
    return {name: getattr(found, name) for name in shown.fields if name != "cells"}
