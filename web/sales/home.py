"""Sales on the home page: today's takings, the drawer, cash days left open, running imports."""

from datetime import timedelta

from flask import g, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from shared.domain.sales.queries import cash, drawers, figures, imports
from web.frame import formats, labels
from web.frame.home_parts import Figure, Line, Part

LAST_IMPORTS = 5


def part(session: Session) -> Part:
    """Give the day so far to who may read it, and imports to who may send them."""
    may_see = g.actor.may("F08", "R")
    listed = imports.runs(session, limit=LAST_IMPORTS) if g.actor.may("import", "R") else []
    running = [run for run in listed if run.state in ("RECEIVED", "RUNNING")]
    days = cash.unsettled_before(session, g.today + timedelta(days=1)) if may_see else []
    return Part(
        figures=_today(session) if may_see else (),
        tasks=[
            *(
                Line(
                    stamp=_("Cash day open"),
                    tone="warn",
                    text=formats.day_text(day),
                    url=url_for("cash_pages.day", day=day),
                )
                for day in days
            ),
            *(
                Line(
                    stamp=labels.label(run.state, "import_state"),
                    tone=labels.tone(run.state, "import_state"),
                    text=run.file_name,
                    url=url_for("import_pages.run", run_id=run.id),
                )
                for run in running
            ),
        ],
    )


def _today(session: Session) -> list[Figure]:
    so_far = drawers.figures_so_far(session, g.today)
    [total] = figures.day_totals(session, [g.today])
    return [
        Figure(
            name=_("Today's takings so far"),
            value=formats.money(so_far.all_receipts_fen),
            foot=ngettext("%(num)s receipt", "%(num)s receipts", total.receipts),
            url=url_for("receipt_pages.receipts"),
        ),
        Figure(
            name=_("Cash in the drawer (book)"),
            value=formats.money(so_far.closing_fen),
            url=url_for("cash_pages.day", day=g.today),
        ),
    ]
