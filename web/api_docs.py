"""The API's own description: OpenAPI 3.1, and a page that lists every call without a script."""

import copy
from typing import Any

from flask import Blueprint, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue

from web.auth import public
from web.idempotency import HEADER, MUTATING

blueprint = Blueprint("api_docs", __name__)

_KEY = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
    "description": "重发只执行一次,保留72小时 · sent again, a call is done once; kept 72 hours",
}


@blueprint.get("/api/v1/openapi.json")
@public
def openapi() -> ResponseReturnValue:
    """Give the OpenAPI document."""
    response = jsonify(_document())
    response.cache_control.max_age = 300
    return response


@blueprint.get("/api/v1/")
@public
def listing() -> ResponseReturnValue:
    """List the calls of the API for people."""
    document = _document()
    calls = [
        {"method": method.upper(), "path": path, "summary": operation.get("summary", "")}
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method != "parameters"
    ]
    return render_template("api_docs.html", calls=calls, title=document["info"]["title"])


def _document() -> dict[str, Any]:
    api = current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"]
    made: dict[str, Any] = copy.deepcopy(api.spec.to_dict())  # it hands out its own
    made["components"].setdefault("parameters", {})["IdempotencyKey"] = _KEY
    for operations in made["paths"].values():
        for method, operation in operations.items():
            if method.upper() in MUTATING:
                given = operation.setdefault("parameters", [])
                given.append({"$ref": "#/components/parameters/IdempotencyKey"})
    return made
