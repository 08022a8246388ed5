"""One JSON line per request: what was asked of which tenant, never what was in it.

The request's number and its tenant stand in every other line of the request too, and in the lines
of the jobs that it asks for.
Shape: event, request_id, method, route (the template, so no ids and no names), status, ms,
tenant (opaque), person (id).
"""

import logging
import secrets
import sys
import time

import structlog
from flask import Flask, Response, g, request

from tenants.registry import Tenant

_log = structlog.get_logger("rollbook.web")


def configure() -> None:
    """Write every log line of the process as one line of JSON on standard error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),  # a line at once
        cache_logger_on_first_use=False,
    )


def init_app(app: Flask) -> None:
    """Number each request and log its end."""
    app.before_request(_start)
    app.after_request(_end)
    app.teardown_request(_forget)


def name_tenant(tenant: Tenant) -> None:
    """Put a tenant's opaque name into the lines that follow."""
    structlog.contextvars.bind_contextvars(tenant=tenant.name)


def _start() -> None:
    g.request_id = secrets.token_hex(8)  # ours; a client's own number could forge a line
    g.started_at = time.perf_counter()
    structlog.contextvars.clear_contextvars()  # the thread served another before
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    actor, tenant = g.get("actor"), g.get("tenant")
    _log.info(
        "request",
        method=request.method,
        route=request.url_rule.rule if request.url_rule else None,
        status=response.status_code,
        ms=round((time.perf_counter() - g.started_at) * 1000, 1) if "started_at" in g else None,
        tenant=tenant.name if tenant is not None else None,
        person=str(actor.id) if actor is not None else None,
    )
    return response


def _forget(error: BaseException | None = None) -> None:
    structlog.contextvars.unbind_contextvars("request_id", "tenant")
