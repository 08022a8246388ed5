"""What every answer says to the browser: trust nothing but us, keep nothing personal."""

from flask import Flask, Response, g, request
from werkzeug.exceptions import BadRequest

CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)

# A file that somebody sent: shown as what it is or not at all, and nothing in it runs.
OF_A_FILE = {
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Content-Disposition": "attachment",
}

FIXED = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # flask-wtf compares the referrer on https
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}


def init_app(app: Flask, *, is_https: bool) -> None:
    """Put the headers on every answer of Flask's; whitenoise adds its own to static files."""

    def add(response: Response) -> Response:
        for name, value in FIXED.items():
            response.headers.setdefault(name, value)  # OF_A_FILE says more
        if is_https:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        response.headers["X-Request-Id"] = g.get("request_id", "")
        if "Cache-Control" not in response.headers or g.get("actor") is not None:
            response.headers["Cache-Control"] = "no-store"
        return response

    app.before_request(_refuse_nameless)
    app.after_request(add)


def _refuse_nameless() -> None:
    """Refuse who names no host (RFC 9112): the server would put in its own, which we trust."""
    if "HTTP_HOST" not in request.environ:
        raise BadRequest
