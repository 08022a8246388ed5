"""What is offered under a field that names a record, while one types."""

from functools import partial

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from web.auth import requires
from web.extensions import db
from web.forms import sought
from web.records.pickers import PLACES, Place

blueprint = Blueprint("picking", __name__, url_prefix="/s/<slug>/pick", template_folder="templates")


def pick(place: Place) -> ResponseReturnValue:
    """List what is found by a part of a name, pinyin initials, a number, the end of a phone."""
    typed = next((text for name, text in request.args.items() if name.endswith("_text")), "")
    text = sought(typed)
    found = place.search(db.session(), text) if text else []
    return render_template("records/picked.html", found=found, text=text)


for name, place in PLACES.items():
    served = requires(place.resource, "R", only="store")(partial(pick, place))
    blueprint.add_url_rule(f"/{name}", name, served, methods=["GET"])
