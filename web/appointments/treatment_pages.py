"""The treatment card in the room, on a phone or tablet: large targets, a draft, a signature.

Form: F05. The fields are those of the declaration; products are rows beside them.
"""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.appointments.forms.visit import UsedProducts
from shared.domain.appointments.models.visits import Treatment
from shared.domain.appointments.queries import resources
from shared.domain.appointments.queries import visits as queries
from shared.domain.appointments.rules.resources import Condition, Kind
from shared.domain.appointments.rules.visits import FEELINGS, REACTIONS
from shared.domain.appointments.service import carding, materials
from shared.domain.appointments.service.treating import TREATMENTS
from shared.domain.catalog import queries as catalog
from shared.domain.catalog.rules import Category
from shared.domain.customers import queries as customers
from shared.errors import DomainError
from shared.records import judging
from shared.records import queries as records
from web.appointments import board as day_board
from web.appointments import visits as shown
from web.auth import requires
from web.extensions import db
from web.forms import Reasons, loaded, reasons_of, whole
from web.records import access, drafts
from web.records.boxes import Box, own_fields
from web.records.drafts import Draft
from web.records.pages import tried
from web.records.shown import label_of, said

blueprint = Blueprint(
    "treatment_pages", __name__, url_prefix="/s/<slug>/treatment-card", template_folder="templates"
)
FILLED = (
    "assistant", "ended_at", "skin_before", "skin_after", "photo_before", "photo_after",
    "equipment", "parameters", "reaction", "guest_feeling", "feeling_reason", "preferences",
    "recommended", "next_date", "home_advice", "guest_sign",
)  # fmt: skip
SPARE = 3  # empty rows for products


@blueprint.get("/<id:record_id>")
@requires("F05", "U", only="store")
def card(record_id: int) -> ResponseReturnValue:
    """Show the card to be filled in; one that is signed leads to its record."""
    row = _mine(record_id)
    if row.signed_at is not None:
        return redirect(url_for("f05_pages.record", record_id=row.id), 303)
    standing = drafts.of_values(
        {name: own_fields(TREATMENTS.form)[name] for name in FILLED},
        judging.plain(TREATMENTS, row), version=row.version,
    )  # fmt: skip
    used = queries.products_of(db.session(), [row.id]).get(row.id, [])
    products = [(str(one.item_id), one.batch_no, str(one.quantity)) for one in used]
    return _page(row, standing, products, {})


@blueprint.post("/<id:record_id>")
@requires("F05", "U", only="store")
def save(record_id: int) -> ResponseReturnValue:
    """Save what is filled in, or have the guest sign: then card and stock are deducted."""
    row, is_signing = _mine(record_id), request.form.get("act") == "sign"
    draft = drafts.sent({name: own_fields(TREATMENTS.form)[name] for name in FILLED}, request.form)
    products = _products()
    typed = draft.values(own_fields(TREATMENTS.form))
    if not is_signing:
        typed.pop("guest_sign", None)
    elif typed.get("ended_at") is None:
        typed["ended_at"] = g.now.isoformat()
    verb = carding.sign if is_signing else carding.save
    try:
        listed = _loaded(products)
        tried(
            lambda session: verb(
                session, treatment_id=row.id, version=draft.version, typed=typed,
                products=listed, by=access.editor(TREATMENTS, "U", typed),
            )
        )  # fmt: skip
    except errors.Missing:
        raise
    except DomainError as error:
        return _page(row, draft, products, reasons_of(error)), 422
    if is_signing:
        flash(_("%(number)s is signed.", number=row.number), "good")
        return redirect(url_for("visit_pages.visit", visit_id=row.visit), 303)
    flash(_("%(number)s is saved.", number=row.number), "good")
    return redirect(url_for(".card", record_id=row.id), 303)


def _mine(record_id: int) -> Treatment:
    own_of = access.editor(TREATMENTS, "U").own_of
    found: Treatment = records.get(db.session(), TREATMENTS, record_id, own_of=own_of)
    return found


def _products() -> list[tuple[str, str, str]]:
    columns = (request.form.getlist(name) for name in ("product", "batch", "qty"))
    return [one for one in zip(*columns, strict=False) if one[0]]


def _loaded(products: list[tuple[str, str, str]]) -> list[materials.Use]:
    typed = [
        {"item": whole(item), "batch_no": batch or None, "quantity": whole(quantity)}
        for item, batch, quantity in products
    ]
    return [
        materials.Use(item_id=one["item"], quantity=one["quantity"], batch_no=one["batch_no"])
        for one in loaded(UsedProducts(), {"products": typed})["products"]
    ]


def _page(
    row: Treatment, draft: Draft, products: list[tuple[str, str, str]], problems: Reasons
) -> str:
    session = db.session()
    visit = queries.get(session, row.visit)
    guest = customers.by_ids(session, [row.customer])[row.customer]
    before = queries.previous_card(session, row)
    stocked = [one for one in catalog.items(session) if one.category == Category.PRODUCT]
    places = {one.id: one.name for one in resources.every(session)}
    return render_template(
        "appointments/card.html",
        row=row,
        version=draft.version,
        filled=" ".join(FILLED),
        boxes=_boxes(draft),
        products=[*products, *[("", "", "1")] * SPARE],
        stocked=_with_batches(session, [one.id for one in stocked]),
        names={one.id: one.name for one in stocked},
        item=catalog.by_ids(session, [row.item])[row.item],
        guest=guest,
        health=guest if shown.sees_health(session, visit, guest) else None,
        before=before,
        place=places.get(visit.place_id or 0, ""),
        people={one: known.name for one, known in day_board.serving().items()},
        visit=visit,
        problems=problems,
    )


def _boxes(draft: Draft) -> dict[str, Box]:
    known = own_fields(TREATMENTS.form)
    options: dict[str, list[tuple[str, str]]] = {
        "reaction": [(str(code), said(label)) for code, label in REACTIONS.items()],
        "guest_feeling": [(str(code), said(label)) for code, label in FEELINGS.items()],
        "assistant": [(str(one), name.name) for one, name in day_board.serving().items()],
        "equipment": _devices(db.session()),
        "recommended": [
            (str(one.id), one.name) for one in catalog.items(db.session(), on_sale_on=g.today)
        ],
    }
    pictures = {"photo_before": "photo", "photo_after": "photo", "guest_sign": "signature"}
    nobody = "00000000-0000-0000-0000-000000000000"
    files = url_for("attachments.show", attachment_id=nobody).removesuffix(nobody)
    return {
        name: Box(
            name=name,
            kind=pictures.get(name, "text"),
            label=label_of(known[name]),
            width=12,
            texts=draft.texts.get(name, []),
            shown=files if name in pictures else "",
            options=options.get(name, []),
            url=url_for("attachments_api.send_f05", field=name) if name in pictures else "",
        )
        for name in FILLED
    }


def _devices(session: Session) -> list[tuple[str, str]]:
    """List devices in use; one that is out of order says so. Its check card will stand here."""
    return [
        (str(one.id), one.name + ("" if one.condition == Condition.GOOD else _(" (out of order)")))
        for one in resources.listed(session, Kind.DEVICE)
    ]


def _with_batches(session: Session, ids: list[int]) -> dict[int, list[Any]]:
    """Give what is on stock of each product, the batch that expires first first."""
    found: dict[int, list[Any]] = {}
    for one in catalog.in_stock(session, ids):
        found.setdefault(one.item_id, []).append(one)
    return found
