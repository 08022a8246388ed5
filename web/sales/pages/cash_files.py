"""The daily cash report on paper and as workbook; a month's postings for the bookkeeper.

Form: F08 on A4, Excel, CSV.
"""

from datetime import date

from flask import Blueprint, Response, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared import days
from shared.domain.sales.queries import cash, journal
from shared.forms import tables
from shared.forms.sheets import Cell, Exact, Manner, Money, Sheet
from shared.forms.sheets import workbook as written
from shared.forms.texts import yuan_text
from web.auth import requires
from web.extensions import db
from web.frame import formats
from web.frame.labels import choices, label
from web.records.boxes import pictures_at
from web.records.desk import file_answer
from web.sales.pages.cash_days import names, past

blueprint = Blueprint(
    "cash_file_pages", __name__, url_prefix="/s/<slug>/days", template_folder="../templates"
)
Line = tuple[Manner, list[Cell]]


@blueprint.get("/<day:day>/paper")
@requires("F08", "R", only="store")
def paper(day: date) -> ResponseReturnValue:
    """Show the day's report as it is printed on A4."""
    report = cash.cash_report(db.session(), past(day))
    return render_template(
        "sales/paper.html",
        day=day,
        report=report,
        drawer=report.drawer,
        figures=report.figures,
        people=names(),
        pictures_at=pictures_at(),
    )


@blueprint.get("/<day:day>/report.xlsx")
@requires("F08", "X", only="store")
def workbook(day: date) -> Response:
    """Give the day's report as a workbook."""
    report = cash.cash_report(db.session(), past(day))
    sheet = Sheet(name=f"F08 {day}", widths=(26, 16, 16, 16, 16, 24), lines=_lines(report))
    return file_answer(written([sheet]), f"F08-{g.tenant.display_name}-{day}.xlsx")


@blueprint.get("/journal/<month:month>.csv")
@requires("F08", "X", only="store")
def month_journal(month: date) -> Response:
    """Give the postings of a month's closed days, balanced day by day."""
    found = journal.postings(db.session(), month, days.last_day(month))
    head = (_("Date"), _("Voucher"), _("Account"), _("Debit"), _("Credit"))
    rows = [
        (
            number,
            [
                one.day.isoformat(),
                one.number,
                _account(one),
                yuan_text(one.debit_fen) if one.debit_fen else "",
                yuan_text(one.credit_fen) if one.credit_fen else "",
            ],
        )
        for number, one in enumerate(found, 2)
    ]
    content = tables.write_table(tables.Table(file_format="CSV", columns=head, rows=rows))
    name = f"{_('Postings')}-{g.tenant.display_name}-{days.month_text(month)}.csv"
    return file_answer(content, name)


def _account(one: journal.Posting) -> str:
    if one.account == "TENDER":
        what = _("Cash in hand") if one.part == "CASH" else label(one.part, "tender")
    elif one.account == "REVENUE":
        what = _("Revenue - %(part)s", part=label(one.part, "category"))
    elif one.account == "EXPENSE":
        what = _("Expense - %(part)s", part=label(one.part, "purpose"))
    else:
        what = {
            "BANK": _("Bank"),
            "VARIANCE": _("Cash over and short"),
            "DEPOSIT": _("Deposits received"),
            "PREPAID": _("Prepaid by guests"),
            "CARD_GAIN": _("Kept from cards"),
        }[one.account]
    return str(what)


def _lines(report: cash.CashReport) -> list[Line]:
    people = names()
    number = report.number or _("not closed yet")
    lines: list[Line] = [
        ("title", [f"{g.tenant.display_name} · {_('Daily cash report')} F08"]),
        ("note", [f"{_('Date')} {report.day} · {_('Number')} {number}"]),
    ]
    for part in (_cash(report), _tenders(report), _payments(report), _items(report)):
        lines += [("note", [""]), *part]
    cashier = people.get(report.counted_by, "") if report.counted_by else ""
    manager = people.get(report.closed_by, "") if report.closed_by else ""
    lines += [
        ("note", [""]),
        ("row", [_("Cashier"), cashier, formats.moment(report.counted_at, g.tenant.time_zone)]),
        (
            "row",
            [_("Store manager"), manager, formats.moment(report.closed_at, g.tenant.time_zone)],
        ),
    ]
    return lines


def _cash(report: cash.CashReport) -> list[Line]:
    drawer, figures = report.drawer, report.figures
    rows: list[Line] = [
        ("head", [_("Cash"), _("Amount"), _("Reason")]),
        ("row", [_("Opening cash"), Money(report.opening_fen), report.opening_reason]),
        ("row", [_("+ Cash receipts"), Money(drawer.receipts_fen.get("CASH", 0)), ""]),
        ("row", [_("- Cash payments"), Money(drawer.cash_payments_fen), ""]),
        ("row", [_("- Bank deposit"), Money(drawer.bank_deposit_fen), ""]),
    ]
    if report.corrections:
        slips = " ".join(slip.number for slip in report.corrections)
        late = Money(drawer.corrections_fen)
        rows.append(("row", [_("± Late slips of closed days"), late, slips]))
    return [
        *rows,
        ("total", [_("Closing cash (book)"), Money(figures.closing_fen), ""]),
        ("row", [_("Counted cash"), Money(drawer.counted_fen), ""]),
        ("row", [_("Variance"), Money(figures.variance_fen), report.variance_reason]),
        ("row", [_("Fund utilisation rate"), Exact(figures.fund_use_rate), report.manager_reason]),
    ]


def _tenders(report: cash.CashReport) -> list[Line]:
    receipts = report.drawer.receipts_fen
    head = [_("Tender"), _("By receipts"), _("Settlement total"), _("Difference"), _("Reason")]
    rows: list[Line] = [("head", [*head])]
    rows.append(("row", [label("CASH", "tender"), Money(receipts.get("CASH", 0)), "", "", ""]))
    for one in report.totals:
        settled, difference = Money(one.settled_fen), Money(one.difference_fen)
        name = label(one.tender, "tender")
        rows.append(("row", [name, Money(one.receipts_fen), settled, difference, one.reason]))
    total = Money(report.figures.all_receipts_fen)
    return [*rows, ("total", [_("Receipts, all tenders"), total, "", "", ""])]


def _payments(report: cash.CashReport) -> list[Line]:
    rows: list[Line] = [("head", [_("Payments"), _("Amount"), _("Time"), _("Payee")])]
    for paid in report.payments:
        at = formats.clock(paid.paid_at, g.tenant.time_zone)
        rows.append(
            ("row", [label(paid.purpose, "purpose"), Money(paid.amount_fen), at, paid.payee])
        )
    return [*rows, ("total", [_("Total"), Money(report.drawer.cash_payments_fen), "", ""])]


def _items(report: cash.CashReport) -> list[Line]:
    known = report.drawer.categories
    head = [
        _("Category"),
        _("Revenue"),
        _("Direct cost"),
        _("Gross profit"),
        _("Margin"),
        _("Contribution rate"),
    ]
    rows: list[Line] = [("head", [*head])]
    for code, text in choices("category"):
        if money := known.get(code):
            profit_fen = money.revenue_fen - money.direct_cost_fen
            cells = [Money(money.revenue_fen), Money(money.direct_cost_fen), Money(profit_fen)]
            rates = [
                Exact(report.figures.margin_rate[code]),
                Exact(report.figures.contribution[code]),
            ]
            rows.append(("row", [text, *cells, *rates]))
    revenue_fen = sum(money.revenue_fen for money in known.values())
    cost_fen = sum(money.direct_cost_fen for money in known.values())
    sums = [Money(revenue_fen), Money(cost_fen), Money(revenue_fen - cost_fen)]
    return [*rows, ("total", [_("Total"), *sums, "", ""])]
