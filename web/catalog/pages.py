"""The price list as pages: what is sold, at what price, since when; the manager changes it."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from shared.domain.catalog import queries, rules
from shared.domain.catalog.forms.items import NewItem
from shared.domain.catalog.models import Item
from shared.domain.catalog.service import items as service
from shared.errors import DomainError
from web.auth import requires
from web.extensions import db
from web.forms import Reasons, fen, loaded, reasons_of, sought, whole
from web.frame import labels
from web.frame.formats import plain_money

blueprint = Blueprint(
    "item_pages", __name__, url_prefix="/s/<slug>/items", template_folder="templates"
)

MOST = 500  # a longer list is searched, not read


def _text(text: str) -> str | None:
    return text.strip() or None


_READERS: dict[str, Callable[[str], Any]] = {
    "code": _text,
    "name": _text,
    "category": _text,
    "price_fen": fen,
    "cost_fen": fen,
    "on_sale_from": _text,
    "on_sale_to": _text,
    "duration_minutes": whole,
    "device_kind": _text,
}


@blueprint.get("")
@requires("catalog", "R", only="store")
def items() -> ResponseReturnValue:
    """List what is sold by category, and take a new item."""
    blank = MultiDict({"category": request.args.get("add", ""), "on_sale_from": f"{g.today}"})
    return _list(blank, {}, is_adding="add" in request.args)


@blueprint.post("")
@requires("catalog", "C", only="store")
def add() -> ResponseReturnValue:
    """Put an item on sale; refused, the form stands there again with the reasons."""
    try:
        item = service.add_item(db.session(), new=_new_item(), now=g.now)
    except DomainError as error:
        return _list(request.form, reasons_of(error), is_adding=True), 422
    flash(_("%(code)s %(name)s is on the list.", code=item.code, name=item.name), "good")
    return redirect(url_for("item_pages.items", add=item.category), 303)


@blueprint.get("/<id:item_id>")
@requires("catalog", "U", only="store")
def item(item_id: int) -> ResponseReturnValue:
    """Show one item to be changed."""
    found = queries.get(db.session(), item_id)
    return _item(found, _typed(found), {})


@blueprint.post("/<id:item_id>")
@requires("catalog", "U", only="store")
def change(item_id: int) -> ResponseReturnValue:
    """Say anew what an item is; refused, the form stands there again with the reasons."""
    session = db.session()
    found = queries.get(session, item_id)
    try:
        seen = whole(request.form.get("version"))
        changed = service.change_item(
            session, item_id=item_id, version=seen if isinstance(seen, int) else 0, new=_new_item()
        )
    except DomainError as error:
        return _item(found, request.form, reasons_of(error)), 422
    return _done(_("%(code)s %(name)s is changed.", code=changed.code, name=changed.name))


@blueprint.post("/<id:item_id>/withdrawal")
@requires("catalog", "U", only="store")
def withdraw(item_id: int) -> ResponseReturnValue:
    """Take an item off the till at once."""
    gone = service.withdraw_item(db.session(), item_id=item_id, day=g.today)
    return _done(_("%(code)s %(name)s is withdrawn.", code=gone.code, name=gone.name))


@blueprint.post("/<id:item_id>/return")
@requires("catalog", "U", only="store")
def put_back(item_id: int) -> ResponseReturnValue:
    """Sell an item again from today on."""
    back = service.put_back_item(db.session(), item_id=item_id, day=g.today)
    return _done(_("%(code)s %(name)s is on sale again.", code=back.code, name=back.name))


def _new_item() -> service.NewItem:
    """Read the form as sent; an empty field counts as left out."""
    typed = {name: read(request.form.get(name, "")) for name, read in _READERS.items()}
    filled = {name: value for name, value in typed.items() if value is not None}
    if against := request.form.getlist("contraindications"):
        filled["contraindications"] = against
    return service.NewItem(**loaded(NewItem(), filled))


def _typed(item: Item) -> "MultiDict[str, str]":
    typed = {
        "version": f"{item.version}",
        "code": item.code,
        "name": item.name,
        "category": item.category,
        "price_fen": plain_money(item.price_fen),
        "cost_fen": plain_money(item.cost_fen),
        "on_sale_from": f"{item.on_sale_from}",
        "on_sale_to": f"{item.on_sale_to or ''}",
        "duration_minutes": f"{item.duration_minutes}",
        "device_kind": item.device_kind or "",
    }
    found = MultiDict(typed)
    found.setlist("contraindications", item.contraindications or [])
    return found


def _done(text: str) -> ResponseReturnValue:
    flash(text, "good")
    return redirect(url_for("item_pages.items"), 303)


def _list(typed: "MultiDict[str, str]", problems: Reasons, *, is_adding: bool) -> str:
    session = db.session()
    asked, text = request.args.get("category"), sought(request.args.get("text"))
    category = asked if asked in dict(labels.choices("category")) else None
    found = queries.search(session, text, category=category, limit=MOST + 1)
    is_filtered = bool(text or category)
    return render_template(
        "catalog/items.html",
        groups=_groups(found[:MOST]),
        count=len(found[:MOST]),
        is_cut=len(found) > MOST,
        has_items=bool(found) or (is_filtered and queries.has_items(session)),
        is_filtered=is_filtered,
        text=text,
        category=category or "",
        typed=typed,
        problems=problems,
        is_adding=is_adding,
    )


def _groups(found: Sequence[Item]) -> list[tuple[str, list[tuple[Item, str]]]]:
    """Sort items under their categories, in the order of the forms."""
    sorted_out: dict[str, list[tuple[Item, str]]] = {str(code): [] for code in rules.LABELS}
    for item in found:
        sorted_out[item.category].append((item, _state(item)))
    return [(category, rows) for category, rows in sorted_out.items() if rows]


def _state(item: Item) -> str:
    return str(rules.sale_state(sale_from=item.on_sale_from, sale_to=item.on_sale_to, day=g.today))


def _item(found: Item, typed: "MultiDict[str, str]", problems: Reasons) -> str:
    return render_template(
        "catalog/item.html", item=found, state=_state(found), typed=typed, problems=problems
    )
