"""What a person reads when something is refused or broken: what it was, and what to do now."""

import re
from typing import Any
from urllib.parse import urlsplit

from flask import g, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from shared.domain.registers import BY_CODE
from shared.errors import Problem
from tenants.people import permissions
from web.forms import message
from web.frame import formats, labels, language

_TITLES: dict[int, Any] = {
    400: _l("That could not be read"),
    401: _l("Please sign in"),
    403: _l("You may not do this"),
    404: _l("Not found"),
    405: _l("That does not work here"),
    409: _l("That cannot be done now"),
    413: _l("Too large"),
    422: _l("The form has errors"),
    423: _l("This store is suspended"),
    429: _l("Too many attempts"),
    500: _l("Something broke"),
    503: _l("Busy at the moment"),
}
_NEXT: dict[int, Any] = {
    400: _l("Go back, load the page again and repeat what you did."),
    404: _l("The address is wrong, or this store has no such thing. Search finds what it has."),
    409: _l("Go back, load the page again and look at what is there now."),
    500: _l("Nothing was saved. Tell your administrator the number of the request below."),
    503: _l("Try again in a few seconds; what you typed is kept in this browser."),
}
_VERBS: dict[str, Any] = {
    "C": _l("enter"), "R": _l("read"), "U": _l("change"), "A": _l("approve"), "X": _l("export"),
}  # fmt: skip
_MINUTE = 60
_HAN = re.compile(r"[\u4e00-\u9fff]+")


def page(
    status: int, code: str, detail: str, *, problems: tuple[Problem, ...] = (),
    permission: str = "", wait_seconds: int = 0,
) -> str:  # fmt: skip
    """Write the page of a refusal; who is signed in here stays in the frame."""
    is_inside = status != 500 and g.get("actor") is not None and g.get("tenant") is not None
    return render_template(
        "errors/error.html",
        status=status,
        code=code,
        title=_TITLES.get(status, _TITLES[400 if status < 500 else 500]),
        detail=_permission(permission) or formats.in_chinese_signs(detail),
        next=_wait(wait_seconds) or _NEXT.get(status, ""),
        problems=problems,
        message=message,
        came_from=_came_from(),
        permission=permission,
        request_id="" if status == 404 else g.get("request_id", ""),
        is_inside=is_inside,
    )


def _permission(missing: str) -> str:
    """Say which permission is missing, and who has it."""
    resource, _colon, verb = missing.partition(":")
    if resource not in permissions.names() or verb not in _VERBS:
        return ""
    roles = permissions.roles_with(resource, verb)
    return str(
        _(
            "%(what)s: the permission to %(verb)s is missing. Roles that have it: %(roles)s.",
            what=_called(resource),
            verb=_VERBS[verb],
            roles=str(_(", ")).join(labels.label(role, "role") for role in roles) or "—",
        )
    )


def _called(resource: str) -> str:
    """Call a resource of the matrix by its name in the reader's language, where it has both."""
    if resource in BY_CODE:
        return language.chosen(*BY_CODE[resource].form.sheet.name)
    name = permissions.names()[resource]
    in_chinese = " ".join(_HAN.findall(name))
    return in_chinese if language.is_chinese() and in_chinese else _HAN.sub("", name).strip()


def _wait(seconds: int) -> str:
    if seconds < 1:
        return ""
    minutes = -(-seconds // _MINUTE)
    if seconds < _MINUTE:
        return str(_("Try again in %(seconds)s seconds.", seconds=seconds))
    return str(_("Try again in about %(minutes)s minutes.", minutes=minutes))


def _came_from() -> str:
    """Give the page of ours that the person came from, unless it is this one."""
    try:
        came = urlsplit(request.referrer or "")
    except ValueError:
        return ""
    here = request.environ.get("HTTP_HOST")  # as sent: a host that is not ours must not raise here
    is_ours = came.netloc == here and came.path != request.path
    return f"{came.path}?{came.query}".rstrip("?") if is_ours else ""
