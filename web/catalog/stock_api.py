"""The stock of an item as JSON."""

from typing import Any

from flask import g

from shared.domain.catalog import queries
from shared.domain.catalog.forms.stock import StockCount, StockOfItem, StockReceipt
from shared.domain.catalog.service import stock
from web.api import ApiBlueprint
from web.auth import requires
from web.extensions import db

blueprint = ApiBlueprint("stock", __name__, description="库存 stock")


@blueprint.call("GET", "/items/<id:item_id>/stock")
@requires("equipment", "R", only="store")
@blueprint.gives(200, StockOfItem)
def stock_of_item(item_id: int) -> dict[str, Any]:
    """Show what is there of an item and its last moves."""
    return shown(item_id)


@blueprint.call("POST", "/items/<id:item_id>/stock/receipts")
@requires("equipment", "U", only="store")
@blueprint.takes(StockReceipt)
@blueprint.gives(200, StockOfItem)
def receive(loaded: dict[str, Any], item_id: int) -> dict[str, Any]:
    """Put received goods on stock."""
    take_in(item_id, loaded)
    return shown(item_id)


@blueprint.call("POST", "/items/<id:item_id>/stock/counts")
@requires("equipment", "U", only="store")
@blueprint.takes(StockCount)
@blueprint.gives(200, StockOfItem)
def count(loaded: dict[str, Any], item_id: int) -> dict[str, Any]:
    """Set a batch to what was counted."""
    set_counted(item_id, loaded)
    return shown(item_id)


def take_in(item_id: int, loaded: dict[str, Any]) -> None:
    """Receive goods as a loaded form says."""
    stock.receive(db.session(), _batch(item_id, loaded), _mover(loaded))


def set_counted(item_id: int, loaded: dict[str, Any]) -> None:
    """Count a batch as a loaded form says."""
    stock.count(db.session(), _batch(item_id, loaded), _mover(loaded))


def shown(item_id: int) -> dict[str, Any]:
    """Read an item's stock."""
    session = db.session()
    queries.get(session, item_id)
    batches = list(queries.batches(session, item_id).values())
    return {
        "quantity": sum(batch.quantity for batch in batches),
        "batches": batches,
        "moves": queries.moves(session, item_id),
    }


def _batch(item_id: int, loaded: dict[str, Any]) -> stock.Batch:
    return stock.Batch(
        item_id=item_id,
        quantity=loaded["quantity"],
        batch_no=loaded["batch_no"] or stock.NO_BATCH,
        expires_on=loaded.get("expires_on"),
    )


def _mover(loaded: dict[str, Any]) -> stock.Mover:
    return stock.Mover(by=g.actor.id, now=g.now, day=g.today, note=loaded["note"])
