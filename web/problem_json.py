"""What a program reads when something is refused or broken: problem JSON (RFC 9457).

Shape: {type, title, status, code, detail, errors: [{field, code, message_zh, message_en}],
request_id}; a warning that may be confirmed also says severity, permission, roles, needs_second.
A 404 leaves request_id out: a foreign id and one that never was answer alike, byte for byte (rule
T1); the header X-Request-Id is always there.
"""

from http import HTTPStatus
from typing import Any

from flask import Response, g, jsonify

from shared.errors import Problem
from tenants.people import permissions


def problem(
    status: int, code: str, detail: str, problems: tuple[Problem, ...], extra: dict[str, Any]
) -> Response:
    """Write a refusal for a program."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "errors": [_plain_problem(found) for found in problems],
        **extra,
    }
    if status != HTTPStatus.NOT_FOUND:
        body["request_id"] = g.get("request_id", "")
    response = jsonify(body)
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response


def _plain_problem(found: Problem) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "field": found.field[:200],
        "code": found.code,
        "message_zh": found.message_zh,
        "message_en": found.message_en,
    }
    if found.permission is not None:
        resource, _, verb = found.permission.partition(":")
        plain |= {
            "severity": "warning",
            "permission": found.permission,
            "roles": list(permissions.roles_with(resource, verb)),
            "needs_second": found.needs_second,
        }
    return plain
