"""Whether this process is alive, and whether it could serve: asked by whoever starts and routes.

The broker is no part of it: the web process never speaks to it.
"""

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue

from tenants import readiness
from web.auth import public
from web.insiders import is_insider

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """Say that we are here; asks no database, so that its loss restarts nothing."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """Say whether requests would find what they need; the parts are for insiders."""
    parts = readiness.parts_as("app_auth")
    ready = readiness.is_ready(parts)
    told = {"parts": parts} if is_insider(current_app.config["ROLLBOOK"]) else {}
    return jsonify(status="ready" if ready else "not ready", **told), 200 if ready else 503
