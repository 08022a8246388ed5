"""The stock of an item as a page: what is there, what came, what was counted."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared.domain.catalog import queries
from shared.domain.catalog.forms.stock import StockCount, StockReceipt
from shared.domain.catalog.rules import Category
from shared.errors import DomainError
from shared.forms.fields import Form
from tenants.people.colleagues import colleagues
from web.auth import requires
from web.catalog import stock_api
from web.extensions import db
from web.forms import Reasons, loaded, reasons_of, whole

blueprint = Blueprint(
    "stock_pages", __name__, url_prefix="/s/<slug>/items/<id:item_id>/stock",
    template_folder="templates",
)  # fmt: skip


@blueprint.get("")
@requires("equipment", "R", only="store")
def stock(item_id: int) -> ResponseReturnValue:
    """Show an item's stock."""
    return _page(item_id, {}, {})


@blueprint.post("/receipts")
@requires("equipment", "U", only="store")
def receive(item_id: int) -> ResponseReturnValue:
    """Put received goods on stock."""
    try:
        stock_api.take_in(item_id, _loaded(StockReceipt()))
    except DomainError as error:
        return _page(item_id, request.form, reasons_of(error), form="receipt"), 422
    return _done(item_id, _("The goods are on stock."))


@blueprint.post("/counts")
@requires("equipment", "U", only="store")
def count(item_id: int) -> ResponseReturnValue:
    """Set a batch to what was counted."""
    try:
        stock_api.set_counted(item_id, _loaded(StockCount()))
    except DomainError as error:
        return _page(item_id, request.form, reasons_of(error), form="count"), 422
    return _done(item_id, _("The count is booked."))


def _numbered(batches: Iterable[Any]) -> list[tuple[str, str]]:
    return [(one.batch_no, one.batch_no) for one in batches if one.batch_no]


def _loaded(form: Form) -> dict[str, Any]:
    typed: dict[str, Any] = {name: request.form.get(name) or None for name in form.fields}
    typed["quantity"] = whole(request.form.get("quantity"))
    filled = {name: value for name, value in typed.items() if value is not None}
    read: dict[str, Any] = loaded(form, filled)
    return read


def _done(item_id: int, text: str) -> ResponseReturnValue:
    flash(text, "good")
    return redirect(url_for(".stock", item_id=item_id), 303)


def _page(item_id: int, typed: Mapping[str, str], problems: Reasons, *, form: str = "") -> str:
    shown = stock_api.shown(item_id)
    return render_template(
        "catalog/stock.html",
        item=queries.get(db.session(), item_id),
        keeps_stock=queries.get(db.session(), item_id).category == Category.PRODUCT,
        stock=shown,
        batches=[("", _("without a number")), *_numbered(shown["batches"])],
        people={person: known.name for person, known in colleagues(g.tenant).items()},
        typed=typed,
        problems=problems,
        form=form,
    )
