"""The living page of the design system: every component in every state, for developers and tests.

It stands in development and in tests only (ROLLBOOK_DEVELOPMENT); its own texts are English, those
of the components come in the reader's language.
"""

from datetime import UTC, datetime
from pathlib import Path

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from web.auth import public

blueprint = Blueprint("components", __name__, url_prefix="/dev")

ICONS = Path(__file__).parents[1] / "assets" / "icons.txt"
KINDS: tuple[tuple[str, str, object], ...] = (
    ("text", "Name", "王小明"),
    ("multiline", "Remarks", "Allergic to nuts.\nPrefers mornings."),
    ("number", "Visits", "12"),
    ("money", "Amount", "1280.00"),
    ("date", "Birthday", "1990-06-10"),
    ("month", "Month", "2025-06"),
    ("datetime", "Arrived", "2025-06-10T14:05"),
    ("time", "Opens", "09:30"),
    ("time_range", "Shift", ("10:00", "18:30")),
    ("select", "Skin", "DRY"),
    ("radio", "Channel", "OILY"),
    ("multi", "Interests", ("DRY", "MIXED")),
    ("bool", "Agrees to photographs", "true"),
    ("phone", "Phone", "13800001234"),
    ("email", "Mail", "wang@example.com"),
    ("password", "Password", ""),
    ("reference", "Consultant", "7"),
    ("photo", "Photo before", ""),
    ("signature", "Signature", ""),
)
OPTIONS = (("DRY", "干性 Dry"), ("OILY", "油性 Oily"), ("MIXED", "混合性 Mixed"))
PEOPLE = ("李美容", "陈顾问", "周店长")


@blueprint.get("/components")
@public
def page() -> ResponseReturnValue:
    """Show all components."""
    now = datetime(2025, 6, 10, 6, 5, tzinfo=UTC)
    icons = ICONS.read_text(encoding="utf-8").split()
    return render_template(
        "dev/components.html", kinds=KINDS, options=OPTIONS, now=now, icons=icons
    )


@blueprint.get("/people")
@public
def people() -> ResponseReturnValue:
    """Answer the reference picker of the page."""
    typed = request.args.get("reference_text", "")
    found = [(number, name) for number, name in enumerate(PEOPLE, 7) if typed in name]
    return render_template("dev/people.html", found=found)
