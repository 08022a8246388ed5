"""The pages of every declared form: its list; one to enter, read, change, approve, to void.

Shape: made from the declaration, one blueprint for each register; a page whose verb the matrix
grants to nobody is not served, nor one that a capability made by hand. Each change says the
version it began with.
"""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.registers import REGISTERS
from shared.errors import DomainError
from shared.forms.record import State
from shared.records import judging, periods, queries, service
from shared.records.register import Register, Row
from tenants.people import permissions
from web import database_errors
from web.auth import requires
from web.extensions import db
from web.forms import loaded, reasons_of, whole
from web.records import access, drafts, lists, sheets, shown
from web.records.boxes import own_fields
from web.records.drafts import Draft
from web.records.schemas import Reveal, Void
from web.records.sheets import CHANGEABLE

View = Callable[..., ResponseReturnValue]
READING = {True: "R", False: "CRUA"}  # the verbs of a form that a job makes, and of the others


def pages_of(register: Register) -> Blueprint:
    """Make the pages of one register."""
    sheet = register.form.sheet
    blueprint = Blueprint(
        f"{sheet.code.lower()}_pages", __name__,
        url_prefix=f"/s/<slug>/{sheet.path}", template_folder="templates",
    )  # fmt: skip

    def serve(method: str, rule: str, verb: str, view: View) -> None:
        if verb in READING[sheet.is_made] and permissions.roles_with(sheet.resource, verb):
            made = requires(sheet.resource, verb, only="store")(partial(view, register))
            blueprint.add_url_rule(rule, view.__name__, made, methods=[method])

    serve("GET", "", "R", rows)
    serve("GET", "/<id:record_id>", "R", record)
    serve("POST", "/<id:record_id>/reveal", "R", reveal)
    if not sheet.is_hand_made:
        serve("GET", "/new", "C", new)
        serve("POST", "", "C", create)
        serve("GET", "/<id:record_id>/change", "U", edit)
        serve("POST", "/<id:record_id>/change", "U", change)
    serve("POST", "/<id:record_id>/approval", "A", approve)
    if access.voiding(register):
        serve("POST", "/<id:record_id>/void", access.voiding(register), void)
    return blueprint


def rows(register: Register) -> ResponseReturnValue:
    """List the records as asked for."""
    listed = lists.listed(register, access.sight(register))
    return render_template(
        "records/list.html", register=register, sheet=register.form.sheet, listed=listed,
        said=shown.said, tones=shown.TONES,
    )  # fmt: skip


def new(register: Register) -> ResponseReturnValue:
    """Show an empty form."""
    return sheets.form_page(register, drafts.blank(drafts.enterable(register, "C"), request.args))


def create(register: Register) -> ResponseReturnValue:
    """Keep a new form; refused, it stands there again with the reasons."""
    draft = drafts.sent(drafts.enterable(register, "C"), request.form)
    typed = {**draft.values(own_fields(register.form)), **draft.extras(register, request.form)}
    try:
        row = tried(
            lambda session: service.keep_new(
                session, register, typed=typed, by=access.editor(register, "C", typed)
            )
        )
    except DomainError as error:
        return sheets.form_page(register, draft, refused=error), 422
    flash(_("%(number)s is saved.", number=row.number), "good")
    if request.form.get("then") == "new":
        return redirect(url_for(".new"), 303)
    return redirect(url_for(".record", record_id=row.id), 303)


def record(register: Register, record_id: int) -> ResponseReturnValue:
    """Show one record, and who changed it."""
    seen = access.sight(register)
    row = queries.get(db.session(), register, record_id, own_of=seen.view.own_of)
    return sheets.record_page(register, row, seen)


def edit(register: Register, record_id: int) -> ResponseReturnValue:
    """Show one record to be changed."""
    row = _mine(register, record_id, "U")
    if row.life == State.LOCKED:
        return _not_done(row, periods.MonthClosed(day=row.business_date))
    if row.life not in CHANGEABLE:
        return _not_done(row, judging.NotInThisState(state=row.state))
    covered = sheets.veiled(register, row)
    return sheets.form_page(register, _standing(register, row).without(covered), row=row)


def change(register: Register, record_id: int) -> ResponseReturnValue:
    """Change a record; what somebody else changed meanwhile is laid beside what was typed."""
    row = _mine(register, record_id, "U")
    draft = drafts.sent(_enterable(register, row), request.form)
    changed = draft.changed(own_fields(register.form), _standing(register, row))
    typed = {**changed, **draft.extras(register, request.form)}
    try:
        tried(
            lambda session: service.keep_change(
                session, register, record_id=record_id, version=draft.version, typed=typed,
                by=access.editor(register, "U", typed),
            )
        )  # fmt: skip
    except judging.ChangedMeanwhile:
        db.session().refresh(row)
        return _laid_over(register, row, draft)
    except DomainError as error:
        return sheets.form_page(register, draft, row=row, refused=error), 422
    return _done(row, _("%(number)s is saved.", number=row.number))


def approve(register: Register, record_id: int) -> ResponseReturnValue:
    """Approve a submitted record."""
    row = _mine(register, record_id, "A")
    by = access.editor(register, "A")
    try:
        tried(
            lambda session: service.approve(
                session, register, record_id=record_id, version=_version(), by=by
            )
        )
    except DomainError as error:
        return _not_done(row, error)
    return _done(row, _("%(number)s is approved.", number=row.number))


def void(register: Register, record_id: int) -> ResponseReturnValue:
    """Void a record with a reason; it stays readable."""
    verb = access.voiding(register)
    row, by = _mine(register, record_id, verb), access.editor(register, verb)
    try:
        reason = loaded(Void(), {"reason": request.form.get("reason")})["reason"]
        tried(
            lambda session: service.void(
                session, register, record_id=record_id, version=_version(), reason=reason, by=by
            )
        )
    except DomainError as error:
        return _not_done(row, error)
    return _done(row, _("%(number)s is void.", number=row.number))


def reveal(register: Register, record_id: int) -> ResponseReturnValue:
    """Open masked fields of a record; it is written down who did and what for."""
    seen, session = access.sight(register), db.session()
    row = queries.get(session, register, record_id, own_of=seen.view.own_of)
    named = " ".join(request.form.getlist("fields")).split()
    asked = loaded(Reveal(), {"fields": named, "purpose": request.form.get("purpose")})
    opened = [name for name in asked["opened"] if name in seen.view.openable(row)]
    if not opened:
        raise errors.FormInvalid(problems=(errors.problem("fields", "ENUM"),))
    service.note_taken_out(
        session, register, row, action="REVEAL", reason=f"{', '.join(opened)}: {asked['purpose']}",
        by=access.editor(register, "R"),
    )  # fmt: skip
    return sheets.opened(register, row, opened, to_change=request.form.get("to") == "change")


def _mine(register: Register, record_id: int, verb: str) -> Row:
    own_of = access.editor(register, verb).own_of
    return queries.get(db.session(), register, record_id, own_of=own_of)


def tried(act: Callable[[Session], Row]) -> Row:
    """Do something that may be refused; then it is undone, and the page can still ask the database.

    Raises: DomainError, also for what the database itself refuses of a form.
    """
    session = db.session()
    try:
        with session.begin_nested():
            return act(session)
    except DBAPIError as error:
        found = database_errors.verdict(error).problem
        if found is None:
            raise
        raise errors.FormInvalid(problems=(found,)) from error


def _enterable(register: Register, row: Row) -> drafts.Known:
    is_own = any(getattr(row, owner) == g.actor.id for owner in register.owners)
    return drafts.enterable(register, "U", is_own=is_own)


def _standing(register: Register, row: Row) -> Draft:
    known = _enterable(register, row)
    return drafts.of_values(known, judging.plain(register, row), version=row.version)


def _laid_over(register: Register, row: Row, draft: Draft) -> ResponseReturnValue:
    changes = [
        one
        for one in queries.history(db.session(), register, row.id)
        if one.version > draft.version and one.values
    ]
    merge = drafts.merged(draft, _standing(register, row), own_fields(register.form), changes)
    return sheets.conflict_page(register, row, draft, merge), 409


def _not_done(row: Row, error: DomainError) -> ResponseReturnValue:
    flash(" ".join(text for texts in reasons_of(error).values() for text in texts), "bad")
    return redirect(url_for(".record", record_id=row.id), 303)


def _done(row: Row, text: str) -> ResponseReturnValue:
    flash(text, "good")
    return redirect(url_for(".record", record_id=row.id), 303)


def _version() -> int:
    typed = whole(request.form.get("version"))
    return typed if isinstance(typed, int) else 0


PAGES: tuple[Blueprint, ...] = tuple(pages_of(register) for register in REGISTERS)
