"""Where a person can go: every destination of the store web and of the headquarters portal.

Form: specification 13; sections are its screens, and only what exists stands in them.
A new capability adds its lines to SECTIONS and nothing else: whether a person sees a destination is
what its view declares with `requires`. A page without a line of its own stands under the line that
covers it, else under the first line of its own blueprint.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import current_app, g, request, url_for
from flask_babel import lazy_pgettext as _p
from flask_babel.speaklater import LazyString

from shared.domain.registers import REGISTERS
from tenants.people import permissions
from web.auth import access_of
from web.records.shown import said


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A page that navigation leads to; `values` are those of its address, read when it is shown."""

    endpoint: str
    text: Any  # a lazy text
    icon: str  # one of web/assets/icons.txt
    covers: tuple[str, ...] = ()
    values: Callable[[], dict[str, Any]] = dict

    @property
    def url(self) -> str:
        """Its address in this request's tenant."""
        return url_for(self.endpoint, **self.values())

    @property
    def is_current(self) -> bool:
        """Whether this request's page is it, or stands under it."""
        return current() is self


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Destinations under one heading; the first one of a tenant has none."""

    text: Any
    destinations: tuple[Destination, ...]
    name: str = ""  # under which a browser remembers that it is folded

    @property
    def is_current(self) -> bool:
        """Whether this request's page stands in it."""
        return current() in self.destinations


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
_OF_EVERY_TENANT = (
    Destination(endpoint="people_pages.people", text=_p("tab", "People"), icon="users"),
    Destination(
        endpoint="channel_pages.channels",
        text=_p("tab", "Notice channels"),
        icon="bell",
        covers=("wording_pages.wordings", "wording_pages.wording", "send_log_pages.log"),
    ),
    Destination(endpoint="job_pages.jobs", text=_p("tab", "Jobs"), icon="stack-2"),
)
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
            *_OF_EVERY_TENANT,
        ),
    ),
)
HEADQUARTERS = (
    Section(
        text="",
        destinations=(
            Destination(
                endpoint="home_page.home",
                text=_p("tab", "Dashboard"),
                icon="layout-dashboard",
                covers=("chain_pages.ranking",),
            ),
            Destination(
                endpoint="chain_pages.stores", text=_p("tab", "Stores"), icon="building-store"
            ),
            Destination(
                endpoint="store_plan_pages.plans",
                text=_p("tab", "Plans of the stores"),
                icon="target-arrow",
            ),
            Destination(
                endpoint="adjustment_pages.listed",
                text=_p("tab", "Adjustments"),
                icon="arrows-join",
            ),
        ),
    ),
    Section(
        text=_p("section", "Settings"),
        name="settings",
        destinations=_OF_EVERY_TENANT,
    ),
)
SECTIONS = {"store": STORE, "hq": HEADQUARTERS}


def sections() -> list[Section]:
    """List what this person may open in this tenant; a section without any is left out."""
    open_to = [
        Section(
            text=one.text,
            name=one.name,
            destinations=tuple(
                found
                for found in one.destinations
                if may_open(found, kind=g.tenant.kind, roles=g.actor.roles)
            ),
        )
        for one in SECTIONS[g.tenant.kind]
    ]
    return [one for one in open_to if one.destinations]


def destinations(kind: str) -> Iterator[Destination]:
    """Give all destinations of a kind of tenant, whoever asks."""
    return (found for section in SECTIONS[kind] for found in section.destinations)


def may_open(destination: Destination, *, kind: str, roles: Iterable[str]) -> bool:
    """Say whether these roles in a tenant of that kind open it, by what its view declares."""
    access = access_of(current_app.view_functions.get(destination.endpoint))
    if access is None or (access.only is not None and access.only != kind):
        return False
    if access.resource is None or access.verb is None:
        return True
    return permissions.allowed(roles, access.resource, access.verb)


def current() -> Destination | None:
    """Find the destination that this request's page is or stands under."""
    return place_of(request.endpoint or "", g.tenant.kind)


def place_of(endpoint: str, kind: str) -> Destination | None:
    """Find the destination that a page is or stands under."""
    listed = list(destinations(kind))
    own = endpoint.partition(".")[0]
    for is_it in (
        lambda d: d.endpoint == endpoint,
        lambda d: endpoint in d.covers,
        lambda d: d.endpoint.partition(".")[0] == own,
    ):
        if found := next(filter(is_it, listed), None):
            return found
    return None
