"""Months on the home page: the running one from the slips, the last ones, those to review."""

from flask import g, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shared import days
from shared.domain.reporting.queries import months, plan_sheet
from shared.domain.reporting.queries.months import MonthRow
from shared.domain.reporting.rules import states
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
            _to_review(session, row)
            for row in listed
            if row.state in ("COMPUTED", "REOPENED") and may_review
        ]
        + _unsolved(session),
    )


def _to_review(session: Session, row: MonthRow) -> Line:
    """Name a month that waits for its review or correction, and by when."""
    was_closed = row.closed_at is not None
    due = states.due_at(
        row.month, zone=g.tenant.time_zone,
        reopened_at=months.reopened_at(session, row.month) if was_closed else None,
    )  # fmt: skip
    named = {"month": formats.month_name(row.month), "at": formats.moment(due, g.tenant.time_zone)}
    return Line(
        stamp=_("Overdue") if due < g.now else labels.label(row.state, "month_state"),
        tone="bad" if due < g.now else labels.tone(row.state, "month_state"),
        text=(
            _("Close %(month)s again by %(at)s", **named)
            if was_closed
            else _("Review %(month)s by %(at)s", **named)
        ),
        url=url_for("month_pages.month", month=row.month),
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
