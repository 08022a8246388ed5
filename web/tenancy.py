"""Which tenant a request is in: the address only selects among the person's own memberships.

An unknown, a foreign and a retired slug answer the same 404, on every method.
"""

import re
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app, g, request
from sqlalchemy.orm import Session

from shared import days, errors
from tenants import current
from tenants.registry import Tenant
from web import request_log, shares

READABLE_FOR = timedelta(days=30)  # a suspended tenant may read and export that long
_IN_TENANT = re.compile(r"^/(?:api/v1/)?s/([^/]*)(?:/|$)")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class NoSuchTenant(errors.Missing):
    """Not found."""


class TenantSuspended(errors.Forbidden):
    """This tenant is suspended: read only."""

    code = "TENANT_SUSPENDED"


class WrongRole(RuntimeError):
    """A connection is logged in as somebody else than the request's tenant."""


def init_app(app: Flask) -> None:
    """Take the slug out of views' arguments, put it into url_for, and always leave the tenant."""
    app.url_value_preprocessor(_take_slug)
    app.url_defaults(_give_slug)
    app.teardown_request(_leave)


def slug_of(path: str) -> str | None:
    """Read the slug of a tenant's address; None for an address outside tenants."""
    found = _IN_TENANT.match(path)
    return found.group(1) if found else None


def is_slug(text: str) -> bool:
    """Whether a slug can look like that; anything else is not even asked for."""
    return len(text) <= 60 and _SLUG.fullmatch(text) is not None


def enter(tenant: Tenant, *, now: datetime) -> None:
    """Make this the request's tenant until its end.

    Raises: TenantSuspended for a write, and for any request after 30 days; TenantBusy.
    """
    if tenant.state == "suspended":
        _check_suspended(tenant, now=now)
    g.tenant = tenant
    request_log.name_tenant(tenant)
    g.today = days.business_day(now, zone=tenant.time_zone, change_hour=tenant.day_change_hour)
    g.inside = ExitStack()
    places: shares.Shares = current_app.extensions["shares"]
    g.inside.enter_context(places.place(tenant.name))
    g.inside.enter_context(current.entered(tenant))


def check_connection(session: Session) -> None:
    """Compare the login of the session's connection with the request's tenant.

    Raises: WrongRole.
    """
    if not session.in_transaction():
        return
    tenant = g.get("tenant")
    login = session.connection().connection.dbapi_connection.info.user  # type: ignore[union-attr]
    if tenant is None or login != tenant.name:
        raise WrongRole


def _check_suspended(tenant: Tenant, *, now: datetime) -> None:
    is_over = tenant.suspended_at is None or now - tenant.suspended_at > READABLE_FOR
    if is_over or request.method not in SAFE_METHODS:
        raise TenantSuspended


def _take_slug(endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values:
        values.pop("slug", None)


def _give_slug(endpoint: str, values: dict[str, Any]) -> None:
    tenant = g.get("tenant")
    if tenant is not None and current_app.url_map.is_endpoint_expecting(endpoint, "slug"):
        values.setdefault("slug", tenant.slug)


def _leave(error: BaseException | None = None) -> None:
    inside = g.pop("inside", None)
    if inside is not None:
        inside.close()
