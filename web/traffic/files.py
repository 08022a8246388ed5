"""The traffic analysis as workbook and as CSV.

Form: F07 on Excel, CSV.
"""

from typing import Any

from flask import Blueprint, Response, g
from flask_babel import gettext as _
from flask_babel import pgettext

from shared.domain.traffic.queries.heat import Traffic
from shared.domain.traffic.queries.retention import Kept
from shared.domain.traffic.rules.retention import Group
from shared.forms import tables
from shared.forms.sheets import Cell, Exact, Manner, Sheet
from shared.forms.sheets import workbook as written
from shared.forms.texts import ratio_text
from web.auth import requires
from web.frame.labels import label
from web.records.desk import file_answer
from web.traffic import asking
from web.traffic.pages import shown

blueprint = Blueprint("traffic_file_pages", __name__, url_prefix="/s/<slug>/traffic")
Line = tuple[Manner, list[Cell]]


@blueprint.get("/traffic.csv")
@requires("F07", "X", only="store")
def cells() -> Response:
    """Give the cells of the map, one a line."""
    told = shown(asking.typed())
    rows = [
        (number, [_text(cell) for cell in line])
        for number, line in enumerate(_cells(told["found"], told["weekdays"]), 2)
    ]
    table = tables.Table(file_format="CSV", columns=tuple(_head()), rows=rows)
    return file_answer(tables.write_table(table), _name(told["found"], "csv"))


@blueprint.get("/traffic.xlsx")
@requires("F07", "X", only="store")
def workbook() -> Response:
    """Give the map, the promotion windows and the retention as a workbook."""
    told = shown(asking.typed())
    found: Traffic = told["found"]
    title = f"{g.tenant.display_name} · {_('Traffic analysis')} F07"
    note = f"{found.first} – {found.asked.last}"
    if found.is_small:
        note += f" · {_('Small sample')}"
    lines: list[Line] = [("title", [title]), ("note", [note]), ("head", [*_head()])]
    lines += [("row", line) for line in _cells(found, told["weekdays"])]
    second: list[Line] = [*_windows(found, told["weekdays"]), ("note", [""]), *_kept(told["kept"])]
    sheets = [
        Sheet(name=f"F07 {_('Heat map')}", widths=(10, 10, 12, 18, 12, 20), lines=lines),
        Sheet(name=str(_("Retention")), widths=(30, 14, 14, 22), lines=second),
    ]
    return file_answer(written(sheets), _name(found, "xlsx"))


def _name(found: Traffic, ending: str) -> str:
    return f"F07-{g.tenant.display_name}-{found.first}-{found.asked.last}.{ending}"


def _head() -> list[str]:
    return [
        _("Weekday"), _("Hour"), _("Arrivals"), _("Arrivals per open day"), _("Mark"),
        _("Suggested beauticians"),
    ]  # fmt: skip


def _cells(found: Traffic, weekdays: dict[int, str]) -> list[list[Cell]]:
    return [
        [
            weekdays[weekday],
            f"{hour:02d}:00",
            one.arrivals,
            Exact(one.average, "ratio"),
            _mark(found, one),
            one.suggested,
        ]
        for (weekday, hour), one in found.heat.cells.items()
    ]


def _mark(found: Traffic, one: Any) -> str:
    if not one.is_open:
        return str(_("outside opening hours"))
    if found.is_small:
        return ""
    return str(label(one.mark, "heat_mark") if one.mark else pgettext("traffic", "Normal"))


def _text(cell: Cell) -> str:
    if isinstance(cell, Exact):
        cell = None if cell.value is None else ratio_text(cell.value)
    return "" if cell is None else str(cell)


def _windows(found: Traffic, weekdays: dict[int, str]) -> list[Line]:
    head: list[Cell] = [_("Promotion windows"), _("From"), _("Until"), _("Free minutes")]
    rows: list[Line] = [
        (
            "row",
            [
                weekdays[one.weekday],
                f"{one.first:02d}:00",
                f"{one.until:02d}:00",
                one.free_minutes,
            ],
        )
        for one in found.windows
    ]
    return [("head", head), *rows]


def _kept(kept: Kept) -> list[Line]:
    groups: list[Line] = [
        ("row", [label(one, "guest_group"), kept.retention.count(one)]) for one in Group
    ]
    states: list[Line] = [
        ("row", [label(one.state, "activity"), one.guests]) for one in kept.states
    ]
    return [
        ("head", [_("Retention"), ""]),
        ("row", [_("Returning rate"), Exact(kept.retention.returning_rate)]),
        ("row", [_("Second-visit rate of new guests"), Exact(kept.retention.second_visit_rate)]),
        *groups,
        ("head", [_("Activity now"), ""]),
        *states,
    ]
