"""Pages of other capabilities that stand beside a record of one form, as buttons above it."""

from dataclasses import dataclass, replace
from typing import Any

from flask import g
from flask_babel import lazy_pgettext as _p

from shared.records.register import Register


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A page about a record; who may open it is said by `permission`.

    Shape: the page's `name` takes the record's field `of`.
    """

    endpoint: str
    text: Any  # a lazy text
    icon: str
    permission: tuple[str, str]
    name: str = "record_id"
    of: str = "id"


_GUEST = Beside(
    endpoint="customer_pages.customer",
    text=_p("tab", "All of this guest"),
    icon="user",
    permission=("F04", "R"),
    name="customer_id",
)
PAGES: dict[str, tuple[Beside, ...]] = {
    "F03": (
        Beside(
            endpoint="appointment_pages.appointment",
            text=_p("tab", "Appointment"),
            icon="calendar",
            permission=("F03", "R"),
        ),
    ),
    "F05": (
        Beside(
            endpoint="reaction_pages.form",
            text=_p("tab", "A reaction told later"),
            icon="alert-triangle",
            permission=("F05_reaction", "C"),
        ),
    ),
    "F02": (replace(_GUEST, of="customer"),),
    "F04": (
        _GUEST,
        Beside(
            endpoint="card_pages.of_guest",
            text=_p("tab", "Cards"),
            icon="cards",
            permission=("F04", "R"),
        ),
        Beside(
            endpoint="privacy_pages.person",
            text=_p("tab", "Personal data"),
            icon="eraser",
            permission=("privacy", "X"),
        ),
    ),
}


def pages_beside(register: Register) -> list[Beside]:
    """List those of a form that the asking person may open."""
    return [one for one in PAGES.get(register.code, ()) if g.actor.may(*one.permission)]
