"""The version somebody saw before changing something: ETag in answers, If-Match in changes."""

import re

from flask import Response, request

from shared import errors

IF_MATCH = {
    "in": "header", "name": "If-Match", "required": True, "schema": {"type": "string"},
    "description": "所见版本的 ETag · the ETag of the version seen", "example": '"1"',
}  # fmt: skip
ETAG = {"ETag": {"description": "版本 · the version", "schema": {"type": "string"}}}
_VERSION = re.compile(r"[0-9]{1,9}", re.ASCII)


class VersionMissing(errors.Invalid):
    """Say which version you saw: send its ETag in If-Match."""

    code = "PRECONDITION"
    zh = "请先读取最新内容再修改(缺少 If-Match)"


def seen_version() -> int:
    """Read the version in If-Match; one that never was when it cannot be read.

    Units: a weak tag counts: a proxy that compresses makes ours weak.
    Raises: VersionMissing.
    """
    seen = request.if_match.as_set(include_weak=True)
    if not seen:
        raise VersionMissing
    (tag,) = seen if len(seen) == 1 else ("",)
    found = _VERSION.fullmatch(tag.removeprefix("W/").strip('"'))
    return int(found[0]) if found else -1


def tagged(answer: Response, version: int) -> Response:
    """Say which version an answer shows."""
    answer.set_etag(f"{version}")
    return answer
