"""The index of the store web: where a person of a store can go.

Form: specification 13.
"""

from flask import g
from flask_babel import lazy_pgettext as _p
from flask_babel.speaklater import LazyString

from shared.domain.registers import REGISTERS
from web.frame.destinations import OF_EVERY_TENANT, Destination, Section
from web.records.shown import said

_FORM_COVERS = {
    "F04": ("customer_pages.customer", "customer_pages.set_grade"),
    "F05": ("reaction_pages.form", "reaction_pages.tell"),
}
_FORM_ICONS = {
    "F01": "gift",
    "F03": "calendar",
    "F04": "address-book",
    "F05": "signature",
    "F09": "message-2",
}
STORE = (
    Section(
        text="",
        destinations=(Destination(endpoint="home_page.home", text=_p("tab", "Home"), icon="home"),),
    ),
    Section(
        text=_p("section", "Reception"),
        name="reception",
        destinations=(
            Destination(
                endpoint="reception_pages.board",
                text=_p("tab", "Reception"),
                icon="bell",
                covers=("visit_pages.visit", "treatment_pages.card", "settlement_pages.settlement"),
            ),
            Destination(
                endpoint="board_pages.day_board", text=_p("tab", "Day board"), icon="layout-columns"
            ),
            Destination(
                endpoint="appointment_pages.day", text=_p("tab", "Day list"), icon="calendar"
            ),
            Destination(
                endpoint="booking_pages.new",
                text=_p("tab", "Book"),
                icon="calendar-plus",
                covers=("booking_pages.book", "booking_pages.move", "booking_pages.moved"),
            ),
            Destination(
                endpoint="appointment_pages.requests",
                text=_p("tab", "Requests"),
                icon="calendar-question",
            ),
            Destination(
                endpoint="receipt_pages.new_sale",
                text=_p("tab", "New sale"),
                icon="cash-register",
                covers=("receipt_pages.record",),
            ),
            Destination(
                endpoint="receipt_pages.receipts",
                text=_p("tab", "Receipts"),
                icon="receipt",
                covers=("receipt_pages.receipt", "receipt_pages.refund"),
            ),
            Destination(
                endpoint="card_pages.cards",
                text=_p("tab", "Cards"),
                icon="cards",
                covers=("card_acts.deduct",),
            ),
        ),
    ),
    Section(
        text=_p("section", "Guests"),
        name="guests",
        destinations=(
            Destination(
                endpoint="follow_up_pages.follow_up",
                text=_p("tab", "Follow-up"),
                icon="phone-call",
            ),
            Destination(
                endpoint="grade_pages.summary",
                text=_p("tab", "Grades"),
                icon="star",
                covers=("f02_pages.rows", "f02_pages.record"),
            ),
        ),
    ),
    Section(
        text=_p("section", "Forms"),
        name="forms",
        destinations=tuple(
            Destination(
                endpoint=f"{register.code.lower()}_pages.rows",
                text=LazyString(said, register.form.sheet.short or register.form.sheet.name),
                icon=_FORM_ICONS.get(register.code, "stack-2"),
                covers=_FORM_COVERS.get(register.code, ()),
            )
            for register in REGISTERS
            if not register.form.sheet.is_made
        )
        + (
            Destination(
                endpoint="opinion_link_pages.open_links",
                text=_p("tab", "Links for opinions"),
                icon="qrcode",
            ),
            Destination(
                endpoint="merge_pages.merges", text=_p("tab", "Merge profiles"), icon="arrows-join"
            ),
            Destination(
                endpoint="privacy_pages.erasures", text=_p("tab", "Personal data"), icon="eraser"
            ),
        ),
    ),
    Section(
        text=_p("section", "Cash"),
        name="cash",
        destinations=(
            Destination(
                endpoint="cash_pages.day",
                text=_p("tab", "Day report"),
                icon="coins",
                values=lambda: {"day": g.today},
                covers=("closing_pages.count", "closing_pages.close", "closing_pages.correct"),
            ),
            Destination(
                endpoint="cash_pages.history", text=_p("tab", "Variances"), icon="alert-triangle"
            ),
        ),
    ),
    Section(
        text=_p("section", "Reports"),
        name="reports",
        destinations=(
            Destination(
                endpoint="month_pages.months_list",
                text=_p("tab", "Months"),
                icon="calendar-month",
                covers=("month_rows_pages.records", "month_file_pages.paper"),
            ),
            Destination(
                endpoint="plan_pages.years",
                text=_p("tab", "Productivity plan"),
                icon="target-arrow",
                covers=("plan_edit_pages.draft", "plan_edit_pages.split"),
            ),
            Destination(
                endpoint="traffic_pages.traffic",
                text=_p("tab", "Traffic"),
                icon="clock",
                covers=("traffic_pages.arrivals", "traffic_pages.guests", "traffic_pages.paper"),
            ),
            Destination(
                endpoint="effect_pages.current", text=_p("tab", "Gifts' effect"), icon="chart-bar"
            ),
        ),
    ),
    Section(
        text=_p("section", "Settings"),
        name="settings",
        destinations=(
            Destination(
                endpoint="item_pages.items",
                text=_p("tab", "Items"),
                icon="tag",
                covers=("stock_pages.stock", "stock_pages.receive", "stock_pages.count"),
            ),
            Destination(
                endpoint="resource_pages.listed", text=_p("tab", "Rooms and devices"), icon="bed"
            ),
            Destination(
                endpoint="card_offer_pages.offers", text=_p("tab", "Cards on offer"), icon="cards"
            ),
            Destination(
                endpoint="import_pages.history", text=_p("tab", "Import"), icon="file-import"
            ),
            *OF_EVERY_TENANT,
        ),
    ),
)
