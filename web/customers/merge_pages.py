"""Merging of profiles as a page: two that are one person, and back."""

from collections.abc import Mapping

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared.domain.customers import queries
from shared.domain.customers.forms.merge import NewMerge
from shared.domain.customers.service import merging
from shared.domain.customers.service.profiles import PROFILES
from shared.errors import DomainError
from web.auth import requires
from web.extensions import db
from web.forms import Reasons, loaded, reasons_of, whole
from web.records import access

blueprint = Blueprint(
    "merge_pages", __name__, url_prefix="/s/<slug>/customer-merges", template_folder="templates"
)


@blueprint.get("")
@requires("F04_merge", "C", only="store")
def merges() -> ResponseReturnValue:
    """Ask which two are one, and list what can be taken back."""
    return _page(request.args, {})


@blueprint.post("")
@requires("F04_merge", "C", only="store")
def merge() -> ResponseReturnValue:
    """Merge; refused, the form stands there again with the reasons."""
    typed = {
        "kept_id": whole(request.form.get("kept_id")),
        "gone_id": whole(request.form.get("gone_id")),
        "reason": request.form.get("reason"),
    }
    filled = {name: value for name, value in typed.items() if value is not None}
    try:
        asked = loaded(NewMerge(), filled)
        made = merging.merge(db.session(), by=access.editor(PROFILES, "U"), **asked)
    except DomainError as error:
        return _page(request.form, reasons_of(error)), 422
    kept = queries.get(db.session(), made.kept_id)
    done = _("Both are now %(number)s. You can take this back for 30 days.", number=kept.number)
    flash(done, "good")
    return redirect(url_for(".merges"), 303)


@blueprint.post("/<id:merge_id>/undoing")
@requires("F04_merge", "U", only="store")
def undo(merge_id: int) -> ResponseReturnValue:
    """Take a merge back."""
    merging.unmerge(db.session(), merge_id=merge_id, by=access.editor(PROFILES, "U"))
    flash(_("The two profiles are apart again."), "good")
    return redirect(url_for(".merges"), 303)


def _page(typed: Mapping[str, str], problems: Reasons) -> str:
    session = db.session()
    found = merging.open_merges(session, now=g.now)
    named = [n for one in found for n in (one.kept_id, one.gone_id)]
    named += [n for name in ("kept_id", "gone_id") if isinstance(n := whole(typed.get(name)), int)]
    return render_template(
        "customers/merges.html",
        merges=found,
        people=queries.by_ids(session, named),
        typed=typed,
        problems=problems,
    )
