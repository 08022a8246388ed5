"""The application as a crowd of clients meets it: the real one, and addresses that go wrong.

Loaded by gunicorn in a process of its own, so that threads are used again and again.
"""

import time
from collections.abc import Iterator

from flask import Blueprint, Response, g
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from web.app import create_app
from web.auth import signed_in
from web.extensions import db

hook = Blueprint("crowd", __name__, url_prefix="/api/v1/s/<slug>/crowd")
NAMES = text("SELECT string_agg(name, ' ') FROM customers")


def _names() -> str:
    return str(db.session.scalar(NAMES))


@hook.get("/raise")
@signed_in
def raises() -> ResponseReturnValue:
    """Read, then die."""
    raise RuntimeError(_names())


@hook.get("/slow")
@signed_in
def slow() -> ResponseReturnValue:
    """Run into the statement time-out."""
    db.session.execute(text("SET statement_timeout = '100ms'"))
    db.session.execute(text("SELECT pg_sleep(5)"))
    return _names()


@hook.get("/hold")
@signed_in
def hold() -> ResponseReturnValue:
    """Keep a connection for longer than others wait for one."""
    db.session.execute(text("SELECT pg_sleep(3)"))
    return _names()


@hook.get("/set")
@signed_in
def sets() -> ResponseReturnValue:
    """Leave settings behind, and commit them."""
    db.session.execute(text("SET search_path = registry"))
    db.session.execute(text("SET statement_timeout = 0"))
    db.session.commit()
    return str(db.session.scalar(text("SELECT session_user")))


@hook.get("/stream")
@signed_in
def streams() -> ResponseReturnValue:
    """Answer piece by piece, so that a client can leave in the midst."""
    names, own = _names(), g.tenant.name

    def pieces() -> Iterator[str]:
        for number in range(20):
            yield f"{number} {own} {names}\n" + "." * 2000
            time.sleep(0.01)

    return Response(pieces(), mimetype="text/plain")


app = create_app()
app.register_blueprint(hook)
