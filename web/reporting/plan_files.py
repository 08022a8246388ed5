"""The productivity plan on paper and as workbook.

Form: F11 on A4, Excel.
"""

from fractions import Fraction

from flask import Blueprint, Response, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared.domain.reporting.queries import plan_sheet as sheets
from shared.domain.reporting.rules import figures
from shared.domain.reporting.rules.plan import SplitBy, Unit
from shared.forms.sheets import Cell, Exact, Manner, Money, Sheet
from shared.forms.sheets import workbook as written
from shared.forms.texts import decimal_text
from web.auth import requires
from web.extensions import db
from web.frame import language
from web.frame.formats import month_name
from web.frame.labels import label
from web.records.desk import file_answer
from web.reporting.plan_pages import names

blueprint = Blueprint(
    "plan_file_pages", __name__, url_prefix="/s/<slug>/plans", template_folder="templates"
)
Line = tuple[Manner, list[Cell]]


@blueprint.get("/<year:year>/paper")
@requires("F11", "R", only="store")
def paper(year: int) -> ResponseReturnValue:
    """Show the plan as it is printed on A4."""
    return render_template(
        "reporting/plan_paper.html", year=year, sheet=_asked(year), people=names()
    )


@blueprint.get("/<year:year>/plan.xlsx")
@requires("F11", "X", only="store")
def workbook(year: int) -> Response:
    """Give the plan as a workbook: the comparison, the split."""
    sheet = _asked(year)
    revision = sheet.head.revision
    first = Sheet(
        name=f"F11 {year}",
        widths=(26, 16, 16, 16, 16, 16, 12, 10),
        lines=[
            ("title", [f"{g.tenant.display_name} · {_('Productivity plan')} F11 {year}"]),
            ("note", [f"{_('Revision')} {revision} · {label(sheet.head.state, 'plan_state')}"]),
            *_comparison(sheet),
        ],
        is_landscape=True,
    )
    second = Sheet(
        name=str(_("Split")), widths=(14, 16, *[14] * 40), lines=_split(sheet), is_landscape=True
    )
    return file_answer(written([first, second]), f"F11-{g.tenant.display_name}-{year}.xlsx")


def _asked(year: int) -> sheets.PlanSheet:
    return sheets.sheet(db.session(), year, revision=request.args.get("revision", type=int))


def _comparison(sheet: sheets.PlanSheet) -> list[Line]:
    head = [_("Figure"), _("Last year"), _("Plan of this year")]
    head += [_("Plan of %(count)s months", count=len(sheet.actuals.months))]
    head += [
        _("This year to date"),
        _("Variance from the plan"),
        _("Variance rate"),
        _("Judgement"),
    ]
    lines: list[Line] = [("head", [*head])]
    for line in sheet.lines:
        values = (line.prior, line.plan, line.span, line.actual, line.variance.delta)
        judged = {True: _("Favourable"), False: _("Unfavourable"), None: ""}
        lines.append(
            (
                "row",
                [
                    f"{line.code} {language.chosen(*line.labels)}",
                    *(_cell(value, line.unit) for value in values),
                    Exact(line.variance.rate),
                    judged[line.variance.is_good],
                ],
            )
        )
    return lines


def _cell(value: Fraction | None, unit: Unit) -> Cell:
    if unit is Unit.YUAN:
        return Exact(value, "money")
    if unit is Unit.RATIO or value is None:
        return Exact(value, "ratio")
    text = decimal_text(value, places=1 if unit is Unit.PERSON else 0)
    return text if "." in text else int(text)


def _split(sheet: sheets.PlanSheet) -> list[Line]:
    called = {str(person): name for person, name in names().items()}
    people = sorted({part for _m, kind, part in sheet.cells if kind == SplitBy.CONSULTANT})
    columns = [("STORE", ""), *(("CATEGORY", code) for code in figures.CATEGORIES)]
    columns += [("CONSULTANT", person) for person in people]
    head: list[Cell] = [_("Month"), _("Store")]
    head += [label(code, "category") for code in figures.CATEGORIES]
    head += [called.get(person, _("Former colleague")) for person in people]
    head += [_("Turnover"), _("Variance rate"), _("Reason and solution")]
    lines: list[Line] = [("head", head)]
    for one in sheet.months:
        cells = [Money(sheet.cells.get((one.month, *column))) for column in columns]
        said: list[Cell] = [Money(one.actual_fen), Exact(one.rate), one.solution]
        lines.append(("row", [month_name(one.month), *cells, *said]))
    sums: list[Cell] = [
        Money(sum(fen for cell, fen in sheet.cells.items() if cell[1:] == column))
        for column in columns
    ]
    return [*lines, ("total", [_("Total"), *sums, "", "", ""])]
