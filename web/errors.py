"""Turn what went wrong into a status and an answer: the only place with status numbers.

Form: codes and texts of specification 4.3; problem_json.py for /api, error_pages.py otherwise.
"""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

import psycopg
import structlog
from flask import Flask, Response, request
from flask_wtf.csrf import CSRFError
from marshmallow import ValidationError
from psycopg_pool import PoolTimeout
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as CheckoutTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from shared.errors import DomainError, FormInvalid, Kind, Problem
from shared.forms.problems import problems_of
from web import database_errors, error_pages, problem_json, required_factor
from web.auth import NotSignedIn
from web.frame import language
from web.people import freshness

STATUS: dict[Kind, int] = {
    "invalid": 422,
    "missing": 404,
    "conflict": 409,
    "forbidden": 403,
    "unavailable": 503,
}
STATUS_BY_CODE = {
    "TENANT_SUSPENDED": 423,
    "UNAUTHENTICATED": 401,
    "TOO_MANY": 429,
    "CSRF": 400,
    "PRECONDITION": 428,
}
# What clashes with the data and is no mistake in the form; alone, it makes a 409.
CLASHES = frozenset(
    {
        "DUPLICATE", "STATE", "OVERLAP", "EQUIPMENT_DOWN", "CONTRAINDICATED", "STOCK_SHORT",
        "BALANCE_SHORT",
    }
)  # fmt: skip
SIGN_IN = "/sign-in"
SET_UP_FACTOR = "/account/second-factor"
RETRY_AFTER_SECONDS = 2
MOST_PROBLEMS = 100  # a form of a thousand wrong lines is not explained line by line

# status -> code, 中文, English: what HTTP itself refuses, before any form is read
HTTP_TEXTS: dict[int, tuple[str, str, str]] = {
    400: ("BAD_REQUEST", "请求格式不正确", "The request is malformed."),
    401: ("UNAUTHENTICATED", "请先登录", "Sign in first."),
    403: ("FORBIDDEN", "没有权限", "Not permitted."),
    404: ("NOT_FOUND", "找不到该记录", "Not found."),
    405: ("METHOD", "此地址不支持该操作", "This address does not know that method."),
    413: ("TOO_LARGE", "提交的内容过大", "What was sent is too large."),
    415: ("TYPE", "不支持的内容格式", "This content type is not accepted."),
    429: ("TOO_MANY", "尝试次数过多,请稍后再试", "Too many attempts, try again later."),
    500: ("INTERNAL", "系统出错,请联系管理员并告知请求编号", "Something broke on our side."),
    503: ("UNAVAILABLE", "系统繁忙,请稍后再试", "Temporarily unavailable, try again."),
}

_log = structlog.get_logger("rollbook.errors")


def init_app(app: Flask) -> None:
    """Answer every exception here."""
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(ValidationError, _validation_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(StaleDataError, _stale)
    for lost in (DBAPIError, psycopg.Error, CheckoutTimeout, PoolTimeout):
        app.register_error_handler(lost, _database_error)
    app.register_error_handler(Exception, _unknown_error)


def _domain_error(error: DomainError) -> Response:
    status = STATUS_BY_CODE.get(error.code, STATUS[error.kind])
    if status == HTTPStatus.NOT_FOUND:
        return _plain(status)
    on_the_way = None if request.path.startswith("/api/") else _on_the_way(error)
    if on_the_way is not None:
        return on_the_way
    if error.problems and {found.code for found in error.problems} <= CLASHES:
        status = HTTPStatus.CONFLICT
    return answer(
        status,
        "INVALID" if isinstance(error, FormInvalid) else error.code,
        (error.message_zh, error.message_en),
        problems=error.problems,
        extra=_facts(error),
        headers=_headers(status, error),
    )


def _on_the_way(error: DomainError) -> Response | None:
    """Lead a person on a page to where the way goes on: sign in, set up, confirm who it is.

    Who asked by htmx stays when the session is over: the page says so, and keeps what was typed.
    """
    is_partial = "HX-Request" in request.headers
    if isinstance(error, NotSignedIn):
        return Response(status=401) if is_partial else _sent_to(SIGN_IN)
    if isinstance(error, required_factor.SecondFactorDue):
        moved = {"HX-Redirect": SET_UP_FACTOR}
        return Response(status=403, headers=moved) if is_partial else _sent_to(SET_UP_FACTOR)
    if isinstance(error, freshness.NotFresh):
        return _ask_again(error)
    return None


def _sent_to(place: str) -> Response:
    """Send somewhere and back afterwards, from a form back to its page."""
    asked = request.full_path.rstrip("?") if request.method == "GET" else _form_page()
    target = f"{place}?{urlencode({'next': asked}, safe='/?')}"
    return Response(status=302, headers={"Location": target})


def _ask_again(error: freshness.NotFresh) -> Response:
    reason: DomainError | None = error.facts.get("reason")
    if reason is None:
        return freshness.ask("", HTTPStatus.FORBIDDEN)
    refused = reason.message_zh if language.is_chinese() else reason.message_en
    asked = freshness.ask(refused, STATUS_BY_CODE[reason.code])
    asked.headers.update(waiting(reason))
    return asked


def _form_page() -> str:
    """Give the page that a form stood on, when the browser says so and it is our own."""
    came = urlsplit(request.referrer or "")
    is_ours = came.netloc == request.host and came.path.startswith("/s/")
    return f"{came.path}?{came.query}".rstrip("?") if is_ours else "/"


def _facts(error: DomainError) -> dict[str, Any]:
    """Give the facts a client can act on: which permission is missing."""
    return {"permission": error.facts["permission"]} if "permission" in error.facts else {}


def refused(page: str, error: DomainError) -> tuple[str, int, dict[str, str]]:
    """Answer with a page that says itself what was refused, and when to come again."""
    return page, STATUS_BY_CODE.get(error.code, STATUS[error.kind]), waiting(error)


def waiting(error: DomainError) -> dict[str, str]:
    """Say after how many seconds it is worth trying again; nothing when waiting does not help."""
    if "retry_after_seconds" in error.facts:
        return {"Retry-After": str(error.facts["retry_after_seconds"])}
    if STATUS_BY_CODE.get(error.code) == HTTPStatus.TOO_MANY_REQUESTS:
        return {"Retry-After": "60"}
    if error.kind == "unavailable":
        return {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return {}


def _headers(status: int, error: DomainError) -> dict[str, str]:
    if wait := waiting(error):
        return wait
    if status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": "Bearer"}
    return {}


def _validation_error(error: ValidationError) -> Response:
    return answer(
        422,
        "INVALID",
        ("表单有误,请修改后再提交", "The form has errors."),
        problems=problems_of(error)[:MOST_PROBLEMS],
    )


def _csrf_error(error: CSRFError) -> Response:
    return answer(
        400,
        "CSRF",
        ("页面已过期,请刷新后重试", "The page has expired; reload it and try again."),
    )


def _http_error(error: HTTPException) -> Response:
    if isinstance(getattr(error, "exc", None), ValidationError):  # webargs wraps it in an abort
        return _validation_error(error.exc)  # type: ignore[attr-defined]
    if error.code is not None and error.code < 400:  # a redirect of the router
        return error.get_response()  # type: ignore[return-value]
    # its own headers stay: a 405 without Allow breaks RFC 9110
    kept = {k: v for k, v in error.get_headers() if k.lower() in ("allow", "retry-after")}
    return _plain(error.code or 500, headers=kept)


def _stale(error: StaleDataError) -> Response:
    return answer(409, "CONFLICT", ("他人已修改,请刷新", "Changed by somebody else meanwhile."))


def _database_error(error: Exception) -> Response:
    verdict = database_errors.verdict(error)
    _log.warning("database_error", sqlstate=verdict.sqlstate, error=type(error).__name__)
    if verdict.problem is None:
        return _unknown_error(error) if verdict.is_ours else _unavailable()
    found = verdict.problem
    status = 409 if found.code in {*CLASHES, "CONFLICT"} else 422
    return answer(status, found.code, (found.message_zh, found.message_en), problems=(found,))


def _unavailable() -> Response:
    return _plain(503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def _unknown_error(error: Exception) -> Response:
    # class and places only: a message may carry a customer's name or a value of the query
    _log.error(
        "unhandled",
        error=type(error).__name__,
        where=database_errors.places(error),
    )
    return _plain(500)


def _plain(status: int, *, headers: dict[str, str] | None = None) -> Response:
    known = status if status in HTTP_TEXTS else 400 if status < 500 else 500
    code, zh, en = HTTP_TEXTS[known]
    return answer(status, code, (zh, en), headers=headers)


def answer(
    status: int,
    code: str,
    message: tuple[str, str],
    *,
    problems: tuple[Problem, ...] = (),
    extra: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """Say no, as problem JSON to programs and as a page to people.

    Shape: `message` is (中文, English).
    """
    detail = message[0] if language.is_chinese() else message[1]
    if request.path.startswith("/api/"):
        response = problem_json.problem(status, code, detail, problems, extra or {})
    else:
        response = _page(status, code, detail, problems, extra or {}, headers or {})
    response.headers.update(headers or {})
    return response


def _page(
    status: int, code: str, detail: str, problems: tuple[Problem, ...], extra: dict[str, Any],
    headers: dict[str, str],
) -> Response:  # fmt: skip
    waits = headers.get("Retry-After", "") if status == HTTPStatus.TOO_MANY_REQUESTS else ""
    html = error_pages.page(
        status, code, detail, problems=problems, permission=extra.get("permission", ""),
        wait_seconds=int(waits or 0),
    )  # fmt: skip
    return Response(html, status=status, mimetype="text/html")
