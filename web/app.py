"""The web application: made here, and the one place of the web tier that commits."""

from collections.abc import Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from shared import config as settings_of
from shared import errors as domain_errors
from shared.config import Settings
from tenants import sessions
from web import (
    api,
    auth,
    blueprints,
    converters,
    database_errors,
    errors,
    headers,
    idempotency,
    metrics,
    request_log,
    shares,
    signing,
    tenancy,
)
from web.extensions import babel, csrf, db
from web.fast_json import FastJson
from web.frame import every_page as frame
from web.frame import language
from web.people import known_browsers

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MORE_TRIES = 2  # of a request that ended in a deadlock
LARGEST_BODY = 20 * 2**20  # an import file; JSON bodies are cut at web/api.py's own limit
STATIC = Path(__file__).parent / "static"

_log = structlog.get_logger("rollbook.web")


class SaveUncertain(domain_errors.Unavailable):
    """The connection broke while saving; repeat with the same key to learn how it ended."""

    zh = "保存时连接中断,请用同一编号重试以确认结果"


class App(Flask):
    """Flask that commits a successful request and rolls every other one back."""

    json_provider_class = FastJson

    def dispatch_request(self) -> ResponseReturnValue:
        """Answer, then commit: no success leaves before COMMIT has returned.

        A request that the database broke off, because others waited for it crosswise, begins anew:
        nothing of it was done.
        """
        for _ in range(MORE_TRIES):
            try:
                return self._answer_and_commit()
            except DBAPIError as error:
                if not database_errors.is_deadlock(error):
                    raise
            _begin_anew()
        return self._answer_and_commit()

    def _answer_and_commit(self) -> Response:
        attempt = idempotency.begin()
        if attempt is not None and attempt.first_answer is not None:
            _roll_back()
            return attempt.first_answer
        response = self.make_response(super().dispatch_request())
        if attempt is not None:
            attempt.keep(response)
        if db.session.registry.has():
            tenancy.check_connection(db.session())
        if request.method in SAFE_METHODS or response.status_code >= 400:
            _roll_back()
        else:
            _commit()
        return response

    def handle_user_exception(self, e: Exception) -> HTTPException | ResponseReturnValue:
        """Undo first, then say what went wrong."""
        _roll_back()
        return super().handle_user_exception(e)


def create_app(config: Mapping[str, Any] | None = None, settings: Settings | None = None) -> App:
    """Make the application from the settings; `config` overrides Flask's keys for tests.

    Raises: RuntimeError when a route declares neither requires, signed_in nor public.
    """
    read = settings or settings_of.settings()
    request_log.configure()
    app = App(__name__, static_folder=None)
    app.config.from_mapping(_flask_config(read))
    app.config.update(config or {})

    converters.init_app(app)
    request_log.init_app(app)
    metrics.init_app(app)
    headers.init_app(app, is_https=read.is_https)
    known_browsers.init_app(app, is_https=read.is_https)
    db.init_app(app)
    csrf.init_app(app)
    language.init_app(app, babel)
    errors.init_app(app)
    tenancy.init_app(app)
    app.extensions["shares"] = shares.Shares(read.web_threads)
    auth.init_app(app)
    frame.init_app(app)
    blueprints.register(app, api.init_app(app))
    auth.check_every_route(app)
    _wrap(app, read)
    return app


def _flask_config(read: Settings) -> dict[str, Any]:
    return {
        "ROLLBOOK": read,
        "SECRET_KEY": read.secret_key,
        "SECRET_KEY_FALLBACKS": signing.former_keys(read),
        "SESSION_COOKIE_NAME": "__Host-rollbook" if read.is_https else "rollbook",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": read.is_https,
        "SESSION_COOKIE_PATH": "/",
        "MAX_CONTENT_LENGTH": LARGEST_BODY,
        "MAX_FORM_MEMORY_SIZE": 2**20,
        "MAX_FORM_PARTS": 500,
        "TRUSTED_HOSTS": _hosts(read),
        "WTF_CSRF_CHECK_DEFAULT": False,  # web/auth.py protects, once it knows who asks and how
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session
        "SQLALCHEMY_DATABASE_URI": "postgresql://",  # the address is the creator's business
        "SQLALCHEMY_ENGINE_OPTIONS": sessions.engine_options(),
        "SQLALCHEMY_TRACK_MODIFICATIONS": False,
    }


def _hosts(read: Settings) -> list[str]:
    own = urlsplit(read.public_url).hostname
    guests = [f".{read.guest_domain}"] if read.guest_domain else []
    return [*([own] if own else []), *guests, *read.other_hosts, "localhost", "127.0.0.1", "[::1]"]


def _wrap(app: App, read: Settings) -> None:
    if STATIC.is_dir():
        app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
            app.wsgi_app,
            root=STATIC,
            prefix="static/",
            max_age=3600,
            immutable_file_test=r"^.+[.-][0-9A-Za-z]{8}\.[0-9a-z]+(\.map)?$",  # esbuild's hash
            add_headers_function=_static_headers,
        )
    if read.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=read.trusted_proxies, x_proto=read.trusted_proxies, x_host=0
        )


def _static_headers(static: Any, path: str, url: str) -> None:
    static["X-Content-Type-Options"] = "nosniff"
    static["Cross-Origin-Resource-Policy"] = "same-origin"


def _begin_anew() -> None:
    _roll_back()
    for file in chain(*request.files.listvalues()):
        file.seek(0)  # it was read to its end
    _log.info("deadlock, once more")


def _commit() -> None:
    if not db.session.registry.has():
        return
    try:
        db.session.commit()
    except DBAPIError as error:
        if database_errors.is_connection_lost(error):
            raise SaveUncertain from error
        raise


def _roll_back() -> None:
    if db.session.registry.has():
        with suppress(SQLAlchemyError):  # the connection may be what broke; teardown drops it
            db.session.rollback()
