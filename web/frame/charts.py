"""Numbers for charts, as web/assets/charts.ts reads them."""

from typing import Any

from flask_babel import gettext as _

from shared.domain.reporting.queries.detail import MonthDetail


def days_of_month(detail: MonthDetail) -> dict[str, Any]:
    """Give one bar per day, peak and slack days marked.

    Shape: {labels, series: [{name, fen}], marks: {index: peak|slack}}.
    """
    marks = {}
    for index, row in enumerate(detail.days):
        if row.day in detail.marks.slack_days:
            marks[str(index)] = "slack"
        if row.day in detail.marks.peak_days:
            marks[str(index)] = "peak"
    return {
        "labels": [str(row.day.day) for row in detail.days],
        "series": [{"name": _("Turnover"), "fen": [row.total_fen for row in detail.days]}],
        "marks": marks,
    }
