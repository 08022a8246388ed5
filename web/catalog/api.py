"""Items and prices as JSON."""

from typing import Any

from flask import g

from shared.domain.catalog import queries
from shared.domain.catalog.forms.items import Item, NewItem
from shared.domain.catalog.service import items as service
from shared.forms.fields import Day
from web import paging, versions
from web.api import ApiBlueprint
from web.auth import requires
from web.extensions import db

blueprint = ApiBlueprint("catalog", __name__, description="项目与价目 items and prices")


class ItemsAsked(paging.PageAsked):
    """All items, or those on sale on a day."""

    on_sale_on = Day(("在售日期", "On sale on"))


@blueprint.call("GET", "/items")
@requires("catalog", "R")
@blueprint.takes(ItemsAsked, "query")
@blueprint.gives(200, paging.page_of(Item))
def list_items(asked: dict[str, Any]) -> paging.Page:
    """List items by code."""
    after = paging.after(asked)
    rows = queries.page(
        db.session(),
        after=after[0] if after else None,
        limit=asked["limit"] + 1,
        on_sale_on=asked["on_sale_on"],
    )
    return paging.page(rows, limit=asked["limit"], position=lambda item: [item.code])


@blueprint.call("POST", "/items")
@requires("catalog", "C")
@blueprint.takes(NewItem)
@blueprint.gives(201, Item, headers=versions.ETAG)
def add_item(loaded: dict[str, Any]) -> Any:
    """Put a new item on sale."""
    return _one(service.add_item(db.session(), new=service.NewItem(**loaded), now=g.now))


@blueprint.call("GET", "/items/<id:item_id>")
@requires("catalog", "R")
@blueprint.gives(200, Item, headers=versions.ETAG)
def get_item(item_id: int) -> Any:
    """Show one item."""
    return _one(queries.get(db.session(), item_id))


@blueprint.call("PUT", "/items/<id:item_id>")
@requires("catalog", "U")
@blueprint.says(parameters=[versions.IF_MATCH])
@blueprint.takes(NewItem)
@blueprint.gives(200, Item, headers=versions.ETAG)
def change_item(loaded: dict[str, Any], item_id: int) -> Any:
    """Say anew what an item is; If-Match names the version that was seen."""
    seen, new = versions.seen_version(), service.NewItem(**loaded)
    return _one(service.change_item(db.session(), item_id=item_id, version=seen, new=new))


def _one(item: Any) -> tuple[Any, dict[str, str]]:
    return item, {"ETag": f'"{item.version}"'}
