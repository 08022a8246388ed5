"""A changing call of the API with an Idempotency-Key happens once, however often it is sent.

Form: promise P2.
Shape: the key is written first, in the transaction of the effect, and the answer beside it before
COMMIT; so both are there or neither is. Sent again, the same request gets the first answer, byte
for byte; another request under the key a 422; one whose first is still at work a 409 with
Retry-After. What was refused did nothing and left no key. A key belongs to one person in one tenant
and is kept three days (shared/records/answers.py). Every changing call takes one, none asks for it:
a script that may repeat itself sends one, and pages have keys in their forms.
Units: the fingerprint is a keyed hash of method, address, query and body: a body may hold a
password, and a plain hash of it could be guessed.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, g, request
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared import errors
from shared.records import answers
from web import database_errors
from web.extensions import db
from web.parsing import read_json

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
MUTATING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_KEPT_HEADERS = ("ETag", "Location")
_KEY = re.compile(r"[!-~]{1,200}", re.ASCII)
_WAIT = text("SET LOCAL lock_timeout = '50ms'")
_WAIT_AS_USUAL = text("SET LOCAL lock_timeout TO DEFAULT")


class InFlight(errors.Conflict):
    """The first request with this key is still at work; ask again."""

    code = "IN_FLIGHT"
    zh = "相同幂等键的请求正在处理,请稍后重试"


class KeyReused(errors.Invalid):
    """This key was used for another request."""

    code = "KEY_REUSED"
    zh = "该幂等键已用于另一个请求"


class AnswerGone(errors.Conflict):
    """This was done; its answer is not kept."""

    code = "ANSWER_GONE"
    zh = "该请求已执行,其结果不再保留"


def secret(view: Callable[..., Any]) -> Callable[..., Any]:
    """Keep no answer of a view that shows a secret once."""
    view.__keeps_no_answer__ = True  # type: ignore[attr-defined]
    return view


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A call with a key: the first one has no answer yet."""

    key: str
    first_answer: Response | None

    def keep(self, answer: Response) -> None:
        """Write the answer beside the key; what was refused is rolled back and leaves neither."""
        if answer.status_code >= 400:
            return
        view = current_app.view_functions[request.endpoint or ""]
        body = None if hasattr(view, "__keeps_no_answer__") else answer.get_data(as_text=True)
        answers.keep(
            db.session(),
            user_id=g.actor.id,
            key=self.key,
            said=answers.Said(
                status=answer.status_code,
                body=body,
                headers={n: answer.headers[n] for n in _KEPT_HEADERS if n in answer.headers},
                content_type=answer.content_type,
            ),
        )


def begin() -> Attempt | None:
    """Look at the key of this request, if it has one and may change something.

    Raises: FormInvalid, InFlight, KeyReused, AnswerGone.
    """
    key = request.headers.get(HEADER)
    is_ours = request.path.startswith("/api/") and "tenant" in g and "actor" in g
    if key is None or request.method not in MUTATING or not is_ours:
        return None
    if not _KEY.fullmatch(key):
        raise errors.FormInvalid(problems=(errors.problem(HEADER, "TYPE"),))
    return Attempt(key=key, first_answer=_first_answer(key, _fingerprint()))


def _first_answer(key: str, fingerprint: str) -> Response | None:
    session = db.session()
    session.execute(_WAIT)  # whoever holds the key is at work: not worth waiting for
    try:
        known = answers.claim(
            session, user_id=g.actor.id, key=key, fingerprint=fingerprint, now=g.now
        )
    except DBAPIError as error:
        if database_errors.is_lock_timeout(error):
            raise InFlight(retry_after_seconds=1) from error
        raise
    session.execute(_WAIT_AS_USUAL)
    if known is None:
        return None
    if not hmac.compare_digest(known.fingerprint, fingerprint):
        raise KeyReused
    if known.body is None:
        raise AnswerGone
    again = Response(known.body, status=known.status, content_type=known.content_type)
    again.headers.update(known.headers or {})
    again.headers[REPLAYED] = "true"
    return again


def _fingerprint() -> str:
    made = hmac.new(str(current_app.secret_key).encode(), digestmod=hashlib.sha256)
    for part in (request.method, request.path, request.query_string, *_parts_of_body()):
        raw = part.encode() if isinstance(part, str) else part
        made.update(len(raw).to_bytes(8, "big") + raw)
    return made.hexdigest()


def _parts_of_body() -> Iterator[bytes | str]:
    """Give the body so that the same content is the same: no boundaries, no order of JSON keys."""
    if request.mimetype == "multipart/form-data":
        for name, values in sorted(request.form.lists()):
            yield from (name, *values)
        for name, files in sorted(request.files.lists()):
            for file in files:
                yield from (name, file.filename or "", hashlib.sha256(file.read()).digest())
                file.seek(0)
        return
    body = request.get_data(cache=True)
    try:
        yield json.dumps(read_json(body), sort_keys=True, separators=(",", ":"))
    except json.JSONDecodeError:
        yield body
