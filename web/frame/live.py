"""Parts of pages that follow what happens, the one way for all: ask again, and hear "unchanged".

A part is a template at an address of its own. The page shows it inside an element with `data-live`
(the address) and `data-every` (seconds); web/assets/live.ts asks while somebody looks, slower when
nobody answers, and stops when the session is over; asking keeps no idle session alive. The answer's
ETag is made of a few facts: unchanged, it is a 304 without a body, and nothing is rendered.
Use it for what changes within seconds and somebody waits for: progress, the job centre, the number
of unread notices. Give facts that cost one indexed statement; what costs more waits for the next
page. No connection stays open: a thread that waits for one reader's events serves nobody else.
"""

from hashlib import sha256
from typing import Any

from flask import Response, make_response, render_template, request

from web.frame import language


def part(template: str, *, facts: object, is_over: bool = False, **shown: Any) -> Response:
    """Answer with the part, or that it has not changed; once over, the page is read again whole."""
    tag = sha256(repr((language.locale(), facts)).encode()).hexdigest()[:24]
    if not is_over and request.if_none_match.contains(tag):
        answer = Response(status=304)
    else:
        answer = make_response(render_template(template, **shown))
    answer.set_etag(tag)
    if is_over:
        answer.headers["HX-Refresh"] = "true"
    return answer
