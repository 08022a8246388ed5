"""The monthly detail and the monthly sales report on paper and as workbook.

Form: F10 and F17 on A4, Excel.
"""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from flask import Blueprint, Response, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared import days
from shared.domain.reporting.queries import detail, months, sales_report
from shared.domain.reporting.queries.detail import MonthDetail
from shared.domain.reporting.queries.sales_report import MonthSales
from shared.forms.sheets import Cell, Exact, Manner, Money, Sheet
from shared.forms.sheets import workbook as written
from web.auth import requires
from web.extensions import db
from web.frame.labels import choices, label
from web.records.desk import file_answer

blueprint = Blueprint(
    "month_file_pages", __name__, url_prefix="/s/<slug>/months", template_folder="templates"
)
Line = tuple[Manner, list[Cell]]


@blueprint.get("/<month:month>/paper")
@requires("F10", "R", only="store")
def paper(month: date) -> ResponseReturnValue:
    """Show both reports of a month as they are printed on A4."""
    shown, sales = _asked(month)
    steps = months.steps(db.session(), month)
    return render_template(
        "reporting/month_paper.html",
        month=month,
        detail=shown,
        sales=sales,
        signed={step.to_state: step for step in steps if step.revision == shown.revision},
    )


@blueprint.get("/<month:month>/report.xlsx")
@requires("F10", "X", only="store")
def workbook(month: date) -> Response:
    """Give both reports of a month as a workbook."""
    shown, sales = _asked(month)
    note = f"{label(shown.state, 'month_state')} · {_('Revision')} {shown.revision}"
    store, text = g.tenant.display_name, days.month_text(month)
    first = Sheet(
        name=f"F10 {text}",
        widths=(14, *[14] * 7),
        lines=[
            ("title", [f"{store} · {_('Monthly detail')} F10 {text}"]),
            ("note", [note]),
            *_matrix(shown),
            ("note", [""]),
            *_shares(shown),
            ("note", [""]),
            *_costs(shown),
        ],
        is_landscape=True,
    )
    second = Sheet(
        name=f"F17 {text}",
        widths=(26, 16, 16, 12, 16, 12),
        lines=[
            ("title", [f"{store} · {_('Monthly sales report')} F17 {text}"]),
            ("note", [note]),
            *_head(sales),
            ("note", [""]),
            *_account(sales),
            ("note", [""]),
            *_top(sales),
        ],
    )
    return file_answer(written([first, second]), f"F10-F17-{store}-{text}.xlsx")


def _asked(month: date) -> tuple[MonthDetail, MonthSales]:
    session, revision = db.session(), request.args.get("revision", type=int)
    shown = detail.month_detail(session, month, revision=revision)
    return shown, sales_report.month_sales(session, month, revision=revision)


def _rate(value: Decimal | None) -> Exact:
    return Exact(None if value is None else Fraction(value))


def _matrix(shown: MonthDetail) -> list[Line]:
    categories = [row.category for row in shown.items]
    head: list[Cell] = [_("Business day"), *(label(one, "category") for one in categories)]
    lines: list[Line] = [("head", [*head, _("Day total"), _("Day share")])]
    for row in shown.days:
        cells: list[Cell] = [Money(row.cells[c]) if c in row.cells else "" for c in categories]
        whole: Cell = Money(row.total_fen) if row.is_open or row.total_fen else _("closed")
        lines.append(("row", [row.day, *cells, whole, _rate(row.share)]))
    sums: list[Cell] = [Money(row.turnover_fen) for row in shown.items]
    return [*lines, ("total", [_("Total"), *sums, Money(shown.total_fen), ""])]


def _shares(shown: MonthDetail) -> list[Line]:
    head: list[Cell] = [_("Category"), _("Share"), _("Change"), _("Gross margin")]
    rows: list[Line] = [
        (
            "row",
            [
                label(row.category, "category"),
                _rate(row.share),
                _rate(row.change),
                _rate(row.margin_rate),
            ],
        )
        for row in shown.items
    ]
    return [("head", head), *rows]


def _costs(shown: MonthDetail) -> list[Line]:
    rows: list[Line] = [
        ("row", [label(kind, "cost"), Money(fen)]) for kind, fen in shown.costs.lines.items()
    ]
    return [
        ("head", [_("Costs against turnover"), ""]),
        *rows,
        ("total", [_("Costs"), Money(shown.costs.total_fen)]),
        ("row", [_("Cost ratio"), _rate(shown.costs.ratio)]),
        ("row", [_("Result"), Money(shown.costs.result_fen)]),
    ]


def _head(sales: MonthSales) -> list[Line]:
    head: list[Cell] = [_("Figure"), _("This month"), _("Last month"), _("Growth")]
    lines: list[Line] = [("head", [*head, _("A year ago"), _("Growth")])]
    for row in sales.head:
        before: list[Cell] = [Money(row.previous_fen), _rate(row.growth)]
        year_ago: list[Cell] = [Money(row.last_year_fen), _rate(row.growth_on_year)]
        now = Money(row.amount_fen)
        lines.append(("row", [label(row.indicator, "indicator"), now, *before, *year_ago]))
    return lines


def _account(sales: MonthSales) -> list[Line]:
    prepaid, people = sales.prepaid, sales.customers
    tenders: list[Line] = [
        ("row", [text, Money(sales.tenders[code])])
        for code, text in choices("tender")
        if code in sales.tenders
    ]
    return [
        ("head", [_("Receipts by tender"), ""]),
        *tenders,
        ("head", [_("Prepaid cards"), ""]),
        ("row", [label("topups", "indicator"), Money(prepaid.topups_fen)]),
        ("row", [label("packages", "indicator"), Money(prepaid.packages_fen)]),
        ("row", [label("prepaid", "indicator"), Money(prepaid.balance_fen)]),
        ("head", [_("Customers"), ""]),
        ("row", [_("Visits"), people.visits]),
        ("row", [_("Distinct customers"), people.customers]),
        ("row", [_("New customers"), people.new]),
        ("row", [_("Spend per customer"), Money(sales.spend_per_customer_fen)]),
    ]


def _top(sales: MonthSales) -> list[Line]:
    head: list[Cell] = [_("Top 10 items"), _("Quantity"), _("Turnover"), _("Share")]
    rows: list[Line] = [
        (
            "row",
            [f"{row.code} {row.name}", row.quantity, Money(row.turnover_fen), _rate(row.share)],
        )
        for row in sales.top_items
    ]
    return [("head", head), *rows]
