"""Numbers for charts, as web/assets/charts.ts reads them."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from shared.domain.reporting.queries.detail import MonthDetail
from shared.domain.reporting.queries.pace import Course
from web.frame import formats


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


def courses(found: Sequence[Course]) -> dict[str, Any] | None:
    """Give a line per month, added up day by day; none when there is nothing to compare with.

    Shape: as above, without marks; a line ends where its month has no more days.
    """
    if len(found) < 2:
        return None
    longest = max(len(one.sums_fen) for one in found)
    return {
        "labels": [str(number + 1) for number in range(longest)],
        "series": [
            {"name": formats.month_name(one.month), "fen": list(one.sums_fen)} for one in found
        ],
        "lines": True,
    }
