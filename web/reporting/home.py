"""Months on the home page: the running one from the slips, the last ones, those to review."""

from flask import g, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shared import days
from shared.domain.reporting.queries import months, plan_sheet
from shared.domain.sales.queries import figures
from web.frame import formats, labels
from web.frame.home_parts import Figure, Line, Panel, Part

SHOWN_MONTHS = 6


def part(session: Session) -> Part:
    """Give the months to who may read them."""
    if not g.actor.may("F10", "R"):
        return Part()
    first = days.month_of(g.today)
    so_far = [day for day in days.days_of(first) if day <= g.today]
    totals = figures.day_totals(session, so_far)
    listed = months.month_list(session, limit=SHOWN_MONTHS)
    may_review = g.actor.may("month_close", "A")
    return Part(
        figures=[
            Figure(
                name=_("Month to date"),
                value=formats.money(sum(total.turnover_fen for total in totals)),
                foot=formats.month_name(first),
                url=url_for("month_pages.months_list"),
            ),
            Figure(
                name=_("New customers this month"),
                value=formats.count(sum(total.new_customers for total in totals)),
            ),
        ],
        panels=[
            Panel(
                template="reporting/home_days.html",
                values={"month": first, "turnovers": [total.turnover_fen for total in totals]},
            ),
            Panel(template="reporting/home_months.html", values={"months": listed}),
        ],
        tasks=[
            Line(
                stamp=labels.label(row.state, "month_state"),
                tone=labels.tone(row.state, "month_state"),
                text=_("Review %(month)s", month=formats.month_name(row.month)),
                url=url_for("month_pages.month", month=row.month),
            )
            for row in listed
            if row.state in ("COMPUTED", "REOPENED") and may_review
        ]
        + _unsolved(session),
    )


def _unsolved(session: Session) -> list[Line]:
    """List the months far below their plan that nobody has explained yet."""
    if not g.actor.may("F11", "U"):
        return []
    return [
        Line(
            stamp=_("Solution missing"),
            tone="bad",
            text=_("%(month)s is more than 10%% below its plan", month=formats.month_name(month)),
            url=url_for("plan_pages.plan", year=month.year, _anchor="months"),
        )
        for month in plan_sheet.unsolved(session)
    ]
