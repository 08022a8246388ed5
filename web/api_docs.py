"""The API's own description: OpenAPI 3.1, and a page that lists every call without a script."""

from typing import Any

from flask import Blueprint, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue

from web.auth import public

blueprint = Blueprint("api_docs", __name__)


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
    made: dict[str, Any] = api.spec.to_dict()
    return made
