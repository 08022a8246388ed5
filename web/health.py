"""Whether this process answers; touches no database, so that a restart loop cannot start there."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from web.auth import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """Say that we are here."""
    return jsonify(status="ok")
