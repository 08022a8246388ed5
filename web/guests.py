"""The door for guests: a signed address leads somebody without an account to one page of one store.

Shape: the address holds the store's slug and a secret, signed; without our signature no store is
even looked for. With `ROLLBOOK_GUEST_DOMAIN` each store has a host of its own, `<slug>.<domain>`,
where nothing but guests' pages is served, so that no cookie of the staff is ever near them.
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, g, request, url_for
from itsdangerous import BadData, URLSafeSerializer

from shared import errors
from tenants.people import attempts, identity
from tenants.registry import Tenant
from web import signing, tenancy

MOST_ANSWERS = 20  # from one address in 15 minutes; a tablet answers more, through its own link
MOST_FROM_LINK = 60
_ANYWHERE = frozenset({"entrance.choose_language", "health.healthz"})
_SALT = "guest link"


class TooMany(errors.Unavailable):
    """Too many answers from here; try again in a quarter of an hour."""

    zh = "提交过于频繁,请稍后再试"


def address(endpoint: str, secret: str) -> str:
    """Write the whole address of a guests' page of the request's tenant."""
    path = path_of(endpoint, secret)
    domain = _domain()
    public = urlsplit(current_app.config["ROLLBOOK"].public_url)
    if not domain:
        return f"{public.scheme}://{public.netloc}{path}"
    port = f":{public.port}" if public.port else ""
    return f"{public.scheme}://{g.tenant.slug}.{domain}{port}{path}"


def path_of(endpoint: str, secret: str) -> str:
    """Write the path of a guests' page, for who is on the guests' host already."""
    return url_for(endpoint, token=_signer().dumps([g.tenant.slug, secret]))


def check_host(*, is_guests: bool) -> None:
    """Serve guests on guests' hosts alone, and nothing else there.

    Raises: tenancy.NoSuchTenant, the common 404.
    """
    domain = _domain()
    if request.endpoint in _ANYWHERE:
        return
    if domain and is_guests != request.host.partition(":")[0].endswith(f".{domain}"):
        raise tenancy.NoSuchTenant


def enter(token: str, *, now: datetime) -> str:
    """Enter the store that a signed address names; give the secret that the store knows.

    Raises: tenancy.NoSuchTenant for what we did not sign, another store's host, a store that is
        gone or suspended.
    """
    try:
        slug, secret = _signer().loads(token)
    except (BadData, TypeError, ValueError) as error:
        raise tenancy.NoSuchTenant from error
    host = request.host.partition(":")[0]
    tenant = _store(slug)
    if tenant is None or (_domain() and host != f"{slug}.{_domain()}"):
        raise tenancy.NoSuchTenant
    tenancy.enter(tenant, now=now)
    return str(secret)


def count_answer(secret: str, *, now: datetime) -> None:
    """Count an answer under its address and its link, over all processes.

    Raises: TooMany.
    """
    limits = {
        f"guest address {request.remote_addr or '-'}": MOST_ANSWERS,
        f"guest link {secret}": MOST_FROM_LINK,
    }
    counts: dict[str, Any] = attempts.count(list(limits), now=now)
    if any(counts[key] > most for key, most in limits.items()):
        raise TooMany(retry_after_seconds=900)


def _store(slug: str) -> Tenant | None:
    tenant = identity.tenant_of_signed_link(slug)
    is_open = tenant is not None and tenant.kind == "store" and tenant.state == "active"
    return tenant if is_open else None


def _domain() -> str:
    return str(current_app.config["ROLLBOOK"].guest_domain)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(signing.keys(), salt=_SALT)
