"""One JSON line per request: what was asked of which tenant, never what was in it.

Shape: event, request_id, method, route (the template, so no ids and no names), status, ms,
tenant (opaque), person (id).
"""

import logging
import secrets
import sys
import time

import structlog
from flask import Flask, Response, g, request

_log = structlog.get_logger("rollbook.web")


def configure() -> None:
    """Write every log line of the process as one line of JSON on standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # whichever it is by then
        cache_logger_on_first_use=False,
    )


def init_app(app: Flask) -> None:
    """Number each request and log its end."""
    app.before_request(_start)
    app.after_request(_end)


def _start() -> None:
    g.request_id = secrets.token_hex(8)  # ours; a client's own number could forge a line
    g.started_at = time.perf_counter()


def _end(response: Response) -> Response:
    actor, tenant = g.get("actor"), g.get("tenant")
    _log.info(
        "request",
        request_id=g.get("request_id"),
        method=request.method,
        route=request.url_rule.rule if request.url_rule else None,
        status=response.status_code,
        ms=round((time.perf_counter() - g.started_at) * 1000, 1) if "started_at" in g else None,
        tenant=tenant.name if tenant is not None else None,
        person=str(actor.id) if actor is not None else None,
    )
    return response
