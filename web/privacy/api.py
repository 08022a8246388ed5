"""Personal data as JSON: a guest's copy, a guest's erasure and its receipt."""

from typing import Any

from flask import g

from shared.domain.customers import queries as customers
from shared.domain.privacy.forms import Copy, Erasure, NewCopy, NewErasure
from shared.records import runs
from web import paging
from web.api import ApiBlueprint
from web.auth import fresh, requires
from web.extensions import db
from web.privacy import asking
from web.records import desk

blueprint = ApiBlueprint("privacy", __name__, description="个人信息 personal data")


@blueprint.call("POST", "/customer-profiles/<id:record_id>/copies")
@requires("privacy", "X", only="store")
@fresh
@blueprint.takes(NewCopy)
@blueprint.gives(202, Copy)
def ask_copy(loaded: dict[str, Any], record_id: int) -> Any:
    """Ask for all that is held about a guest, as one file."""
    return asking.copy(record_id, loaded)


@blueprint.call("GET", "/personal-data/copies/<id:run_id>")
@requires("privacy", "X", only="store")
@blueprint.gives(200, Copy)
def get_copy(run_id: int) -> Any:
    """Show how far one's own copy has come."""
    return asking.my_copy(run_id)


@blueprint.call("POST", "/personal-data/copies/<id:run_id>/file")
@requires("privacy", "X", only="store")
@blueprint.gives_file("application/zip")
def fetch_copy(run_id: int) -> Any:
    """Fetch the file: once, within 24 hours, by who asked for it."""
    run = asking.my_copy(run_id)
    content = runs.fetch(db.session(), desk.shelf(), run, now=g.now)
    return desk.file_answer(content, run.file_name)


@blueprint.call("POST", "/customer-profiles/<id:record_id>/erasure")
@requires("privacy", "A", only="store")
@fresh
@blueprint.takes(NewErasure)
@blueprint.gives(202, Erasure)
def ask_erasure(loaded: dict[str, Any], record_id: int) -> Any:
    """Erase a guest for good; amounts and counts stay."""
    return asking.erase(record_id, loaded)


@blueprint.call("GET", "/personal-data/erasures")
@requires("privacy", "R", only="store")
@blueprint.takes(paging.PageAsked, "query")
@blueprint.gives(200, paging.page_of(Erasure))
def list_erasures(asked: dict[str, Any]) -> paging.Page:
    """List the receipts of erasures, the newest first."""
    after = paging.after(asked)
    rows = customers.erasures(
        db.session(), limit=asked["limit"] + 1, before=after[0] if after else None
    )
    return paging.page(rows, limit=asked["limit"], position=lambda one: [one.id])


@blueprint.call("GET", "/personal-data/erasures/<id:erasure_id>")
@requires("privacy", "R", only="store")
@blueprint.gives(200, Erasure)
def get_erasure(erasure_id: int) -> Any:
    """Show one receipt."""
    return customers.erasure(db.session(), erasure_id)
