"""`/metrics` for Prometheus: requests by route template, time taken, the tenant pool.

Labels are templates, statuses and results: never a path, a tenant or a person. Several gunicorn
processes count in files of one folder (deploy/gunicorn.conf.py), and any of them answers for all.
Jobs and tenants are told by the dispatcher, whose login may count them.
"""

import os
import time

from flask import Blueprint, Flask, Response, abort, current_app, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from tenants import pool_meter
from web.auth import public
from web.insiders import is_insider

KNOWN_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})

REQUESTS = Counter("rollbook_requests", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "rollbook_request_seconds",
    "Time from a request's arrival in Flask to its answer, COMMIT included.",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0),
)
IN_PROGRESS = Gauge(
    "rollbook_requests_in_progress", "Requests being answered.", multiprocess_mode="livesum"
)

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
@public
def show() -> Response:
    """Tell a monitor on this machine, or one with the token; to others there is no such page."""
    if not is_insider(current_app.config["ROLLBOOK"]):
        abort(404)
    pool_meter.sample()
    return Response(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)


def init_app(app: Flask) -> None:
    """Count every request of the application."""
    app.before_request(_start)
    app.after_request(_count)
    app.teardown_request(_end)


def _registry() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def _start() -> None:
    IN_PROGRESS.inc()
    g.is_counted = True


def _count(response: Response) -> Response:
    route = request.url_rule.rule if request.url_rule else "none"
    method = request.method if request.method in KNOWN_METHODS else "other"
    REQUESTS.labels(method, route, str(response.status_code)).inc()
    if "started_at" in g:
        SECONDS.labels(route).observe(time.perf_counter() - g.started_at)
    pool_meter.sample()
    return response


def _end(error: BaseException | None = None) -> None:
    if g.pop("is_counted", False):
        IN_PROGRESS.dec()
