"""What a treatment card has beyond the calls of its declaration: products, its
signature, and reactions told later.

Form: F05.
"""

from typing import Any

from flask import Response, jsonify
from marshmallow import fields

from shared import errors
from shared.domain.appointments.forms.reaction import (
    LateReaction,
    LateReactions,
    NewLateReaction,
)
from shared.domain.appointments.forms.visit import UsedProduct, UsedProducts
from shared.domain.appointments.models.visits import Treatment
from shared.domain.appointments.queries import reactions as reaction_queries
from shared.domain.appointments.queries import visits as queries
from shared.domain.appointments.service import carding, materials
from shared.domain.appointments.service.treating import TREATMENTS
from shared.errors import problem
from shared.records import queries as records
from web.api import ApiBlueprint
from web.appointments import reactions
from web.auth import requires
from web.extensions import db
from web.forms import loaded as load
from web.records import access
from web.records.schemas import shapes_of
from web.versions import ETAG, IF_MATCH, seen_version, tagged

blueprint = ApiBlueprint("treatment_cards", __name__, description="护理卡 treatment cards")
_SHAPES = shapes_of(TREATMENTS.form)


class TreatmentSigning(_SHAPES.change):  # type: ignore[misc, name-defined]
    """A card as it is signed: what is still to be filled in, the products, the signature."""

    products = fields.List(fields.Nested(UsedProduct))


@blueprint.call("GET", "/treatments/<id:record_id>/products")
@requires("F05", "R", only="store")
@blueprint.gives(200, UsedProducts, headers=ETAG)
def list_products(record_id: int) -> Any:
    """List the products used in a treatment."""
    own_of = access.sight(TREATMENTS).view.own_of
    row: Treatment = records.get(db.session(), TREATMENTS, record_id, own_of=own_of)
    return _products(row)


@blueprint.call("PUT", "/treatments/<id:record_id>/products")
@requires("F05", "U", only="store")
@blueprint.says(parameters=[IF_MATCH])
@blueprint.takes(UsedProducts)
@blueprint.gives(200, UsedProducts, headers=ETAG)
def set_products(loaded: dict[str, Any], record_id: int) -> Any:
    """Say which products were used; they leave the stock when the card is signed."""
    row = carding.save(
        db.session(), treatment_id=record_id, version=seen_version(), typed={},
        products=uses(loaded["products"]), by=access.editor(TREATMENTS, "U"),
    )  # fmt: skip
    return _products(row)


@blueprint.call("POST", "/treatments/<id:record_id>/signature")
@requires("F05", "U", only="store")
@blueprint.takes_plain(TreatmentSigning)
@blueprint.gives(200, _SHAPES.shown, headers=ETAG)
@blueprint.says(parameters=[IF_MATCH])
def sign(typed: dict[str, Any], record_id: int) -> Response:
    """Have the guest sign: the moment at which card and stock are deducted."""
    products = None
    if "products" in typed:
        listed = load(UsedProducts(), {"products": typed.pop("products")})
        products = uses(listed["products"])
    row = carding.sign(
        db.session(), treatment_id=record_id, version=seen_version(), typed=typed,
        products=products, by=access.editor(TREATMENTS, "U", typed),
    )  # fmt: skip
    return tagged(jsonify(access.sight(TREATMENTS).shown(row)), row.version)


@blueprint.call("GET", "/treatments/<id:record_id>/late-reactions")
@requires("F05_reaction", "R", only="store")
@blueprint.gives(200, LateReactions)
def list_late_reactions(record_id: int) -> Any:
    """List the reactions that were told after the card was signed."""
    row = reactions.card(record_id, "R")
    return {"items": reaction_queries.of_card(db.session(), row.id)}


@blueprint.call("POST", "/treatments/<id:record_id>/late-reactions")
@requires("F05_reaction", "C", only="store")
@blueprint.takes(NewLateReaction)
@blueprint.gives(201, LateReaction)
def tell_late_reaction(loaded: dict[str, Any], record_id: int) -> Any:
    """Note a reaction that the guest tells of later; the signed card stays as it is."""
    return reactions.tell(record_id, loaded)


def uses(listed: list[dict[str, Any]]) -> list[materials.Use]:
    """Take the products out of what was typed.

    Raises: FormInvalid when there are too many.
    """
    if len(listed) > materials.MOST:
        raise errors.FormInvalid(problems=(problem("products", "RANGE"),))
    return [
        materials.Use(item_id=one["item"], quantity=one["quantity"], batch_no=one["batch_no"])
        for one in listed
    ]


def _products(row: Treatment) -> Any:
    found = queries.products_of(db.session(), [row.id]).get(row.id, [])
    listed = [
        {"item": one.item_id, "batch_no": one.batch_no or None, "quantity": one.quantity}
        for one in found
    ]
    return {"products": listed}, {"ETag": f'"{row.version}"'}
