"""Merging of profiles as JSON."""

from typing import Any

from flask import g

from shared.domain.customers.forms.merge import Merge, NewMerge
from shared.domain.customers.service import merging
from shared.domain.customers.service.profiles import PROFILES
from web import paging
from web.api import ApiBlueprint
from web.auth import requires
from web.extensions import db
from web.records import access

blueprint = ApiBlueprint("merges", __name__, description="档案合并 merging of profiles")


@blueprint.call("GET", "/customer-merges")
@requires("F04_merge", "R", only="store")
@blueprint.gives(200, paging.page_of(Merge))
def open_merges() -> paging.Page:
    """List the merges that can still be taken back."""
    return paging.Page(merging.open_merges(db.session(), now=g.now), None)


@blueprint.call("POST", "/customer-merges")
@requires("F04_merge", "C", only="store")
@blueprint.takes(NewMerge)
@blueprint.gives(201, Merge)
def merge(loaded: dict[str, Any]) -> Any:
    """Give up one profile for another."""
    return merging.merge(db.session(), by=access.editor(PROFILES, "U"), **loaded)


@blueprint.call("POST", "/customer-merges/<id:merge_id>/undoing")
@requires("F04_merge", "U", only="store")
@blueprint.gives(200, Merge)
def undo(merge_id: int) -> Any:
    """Take a merge back within thirty days."""
    return merging.unmerge(db.session(), merge_id=merge_id, by=access.editor(PROFILES, "U"))
