"""Who asks, and whether they may: sessions, personal tokens, permissions, CSRF.

Shape: a view says what it needs with `requires(resource, verb)`, `signed_in` or `public`;
nothing else is served. `g.actor` is the person, `g.tenant` the tenant, `g.now` the instant,
`g.today` the tenant's business day.
Beside that `fresh` asks for a proof of who it is within the last ten minutes (`freshness`).
Order of refusal: 401 not signed in, 403 no second factor in a headquarters, 404 not a member,
400 no CSRF token, 423 suspended, 403 role, 403 not fresh.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

from flask import Flask, current_app, g, request, session

from shared import errors
from tenants.people import api_tokens, identity, permissions
from tenants.registry import Tenant
from web import guests, required_factor, tenancy
from web.extensions import csrf
from web.people import freshness

View = TypeVar("View", bound=Callable[..., Any])
LARGEST_BODY = 2**20  # of JSON and forms; files come as multipart


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a view needs of the person who asks."""

    resource: str | None = None
    verb: str | None = None
    only: Literal["store", "hq"] | None = None
    is_public: bool = False
    is_fresh: bool = False
    is_guests: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The person of this request; `roles` are those in the request's tenant.

    Shape: `scopes` are those of the token that asks, None for a browser and for an old token.
    """

    id: UUID
    login: str
    name: str
    locale: str
    roles: frozenset[str]
    by_token: bool
    session_id: UUID | None = None
    fresh_at: datetime | None = None
    scopes: tuple[str, ...] | None = None

    def may(self, resource: str, verb: str) -> bool:
        """Whether this person, and the token if one asks, may do that here."""
        granted = permissions.allowed(self.roles, resource, verb)
        return granted and api_tokens.covers(self.scopes, resource, verb)

    def reach(self, resource: str, verb: str) -> permissions.Reach | None:
        """How far that reaches: all rows, all with personal data masked, or own rows only."""
        if not api_tokens.covers(self.scopes, resource, verb):
            return None
        return permissions.reach(self.roles, resource, verb)


_TOKEN = "token"  # its place in Flask's signed cookie; the token itself is opaque


class NotSignedIn(errors.Forbidden):
    """Sign in first."""

    code = "UNAUTHENTICATED"
    zh = "请先登录"


class OnlyReads(errors.Forbidden):
    """This token may only read."""

    zh = "此令牌只能读取"


class NotPermitted(errors.Forbidden):
    """Not permitted."""

    @property
    def message_en(self) -> str:
        """Name the missing permission."""
        return f"Not permitted: {self.facts['permission']} is missing."

    @property
    def message_zh(self) -> str:
        """Name the missing permission."""
        return f"没有权限:缺少 {self.facts['permission']}"


def requires(
    resource: str, verb: str, *, only: Literal["store", "hq"] | None = None
) -> Callable[[View], View]:
    """Let in members whose role has this verb (C R U A X) on this resource of the matrix.

    `only` says of which kind of tenant the address exists at all; of the other it is a 404.
    """
    return _declare(Access(resource=resource, verb=verb, only=only))


def signed_in(view: View) -> View:
    """Let in every signed-in person; inside a tenant every member."""
    return _declare(Access())(view)


def fresh(view: View) -> View:
    """Ask for password or code unless that happened within ten minutes; never let a token in.

    Stands below `requires` or `signed_in`. What was typed into a form is kept while asking.
    """
    view.__fresh__ = True  # type: ignore[attr-defined]
    return view


def public(view: View) -> View:
    """Let in everybody; the person is not even looked up."""
    return _declare(Access(is_public=True))(view)


def guest(view: View) -> View:
    """Let in whoever holds a link of ours (web/guests.py); `g.guest_secret` is what it holds."""
    return _declare(Access(is_public=True, is_guests=True))(view)


def init_app(app: Flask) -> None:
    """Ask at the door, before any view or body parsing."""
    app.before_request(_admit)


def check_every_route(app: Flask) -> None:
    """Refuse to start with a view that says nothing.

    Raises: RuntimeError naming it.
    """
    silent = [name for name, view in app.view_functions.items() if access_of(view) is None]
    if silent:
        raise RuntimeError(f"views without requires, signed_in or public: {silent}")


def access_of(view: Callable[..., Any] | None) -> Access | None:
    """Read what a view declares."""
    access = getattr(view, "__access__", None)
    return access if isinstance(access, Access) else None


def _declare(access: Access) -> Callable[[View], View]:
    def declare(view: View) -> View:
        is_fresh = getattr(view, "__fresh__", False)
        view.__access__ = replace(access, is_fresh=is_fresh)  # type: ignore[attr-defined]
        return view

    return declare


def _admit() -> None:
    g.now = datetime.now(UTC)
    if request.mimetype != "multipart/form-data":
        request.max_content_length = LARGEST_BODY
    slug = tenancy.slug_of(request.path)
    access = _declared()
    guests.check_host(is_guests=access is not None and access.is_guests)
    if access is not None and access.is_public:
        if access.is_guests:
            g.guest_secret = guests.enter((request.view_args or {})["token"], now=g.now)
        csrf.protect()
    elif slug is not None:
        _admit_member(slug, access)
    elif access is not None:
        _identify()
        _protect()
        _check_fresh(access)
    # else there is no such address, and Flask says so


def _declared() -> Access | None:
    if request.endpoint is None:
        return None
    access = access_of(current_app.view_functions.get(request.endpoint))
    if access is None:
        raise RuntimeError(f"{request.endpoint} declares no access")  # fails closed
    return access


def _admit_member(slug: str, access: Access | None) -> None:
    """Let a member in; also before a 404 or 405 of the router, which would tell that a slug is."""
    tenant = _identify(slug)
    if tenant is None:
        raise tenancy.NoSuchTenant
    _protect()
    tenancy.enter(tenant, now=g.now)
    if access is not None:
        _check(access)
        _check_fresh(access)


def _identify(slug: str | None = None) -> Tenant | None:
    """Find out who asks, and the tenant of the slug if it is one of theirs: one round trip."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    by_token = scheme.lower() == "bearer"
    asked = slug if slug is not None and tenancy.is_slug(slug) else None
    if by_token:
        visit = identity.visit_by_token(token.strip(), slug=asked, now=g.now)
    else:
        visit = identity.visit_by_session(
            session.get(_TOKEN, ""),
            slug=asked,
            now=g.now,
            by_itself="X-By-Itself" in request.headers,
        )
    if visit is None or visit.is_over:
        raise NotSignedIn
    person = visit.person
    g.actor = Actor(
        id=person.id,
        login=person.login,
        name=person.name,
        locale=person.locale,
        roles=visit.roles,
        by_token=by_token,
        session_id=visit.session_id,
        fresh_at=visit.fresh_at,
        scopes=visit.scopes,
    )
    required_factor.check(visit.bare_since, now=g.now)
    return visit.tenant


def _protect() -> None:
    """Ask for the CSRF token where the browser alone could have sent the request."""
    if not g.actor.by_token:
        csrf.protect()


def _check(access: Access) -> None:
    if access.only is not None and g.tenant.kind != access.only:
        raise tenancy.NoSuchTenant
    if access.resource is None or access.verb is None:
        if request.method not in tenancy.SAFE_METHODS and api_tokens.only_reads(g.actor.scopes):
            raise OnlyReads
        return
    if not g.actor.may(access.resource, access.verb):
        raise NotPermitted(permission=f"{access.resource}:{access.verb}")


def _check_fresh(access: Access) -> None:
    if not access.is_fresh:
        return
    if g.actor.session_id is None:
        raise freshness.NotByToken
    freshness.check(
        login=g.actor.login,
        person_id=g.actor.id,
        session_id=g.actor.session_id,
        fresh_at=g.actor.fresh_at,
        now=g.now,
    )
