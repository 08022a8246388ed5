"""Pages of other capabilities that stand beside a record of one form, as buttons above it."""

from dataclasses import dataclass
from typing import Any

from flask import g
from flask_babel import lazy_pgettext as _p

from shared.records.register import Register


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A page about a record; it takes `record_id`, and who may open it is said by `permission`."""

    endpoint: str
    text: Any  # a lazy text
    icon: str
    permission: tuple[str, str]


PAGES: dict[str, tuple[Beside, ...]] = {
    "F03": (
        Beside(
            endpoint="appointment_pages.appointment",
            text=_p("tab", "Appointment"),
            icon="calendar",
            permission=("F03", "R"),
        ),
    ),
    "F04": (
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
