"""Which of the two languages this request speaks: 中文 first, English on request."""

from flask import Flask, g, has_request_context, request
from flask_babel import Babel

from web.frame import formats
from web.frame.catalogues import compile_catalogues

CHINESE = "zh_Hans_CN"  # Babel's own name of it; a folder called zh_CN would be ignored silently
ENGLISH = "en"
COOKIE = "language"  # the choice of somebody who is not signed in yet


def init_app(app: Flask, babel: Babel) -> None:
    """Let Flask-Babel follow the person's choice and the store's clock."""
    compile_catalogues()
    app.config.setdefault("BABEL_DEFAULT_LOCALE", CHINESE)
    app.config.setdefault("BABEL_DEFAULT_TIMEZONE", "Asia/Shanghai")
    babel.init_app(app, locale_selector=locale, timezone_selector=_zone)


def locale() -> str:
    """Name the language: the person's own, else the one chosen here, else the browser's."""
    if not has_request_context():
        return CHINESE
    actor = g.get("actor")
    if actor is not None and actor.locale:
        return ENGLISH if actor.locale.startswith("en") else CHINESE
    return _asked_for()


def is_chinese() -> bool:
    """Whether people read Chinese in this request."""
    return locale() == CHINESE


def chosen(zh: str, en: str) -> str:
    """Choose the reader's language of a text that is declared in both."""
    return formats.in_chinese_signs(zh) if is_chinese() else en


def _asked_for() -> str:
    chosen = request.cookies.get(COOKIE)
    if chosen in ("zh", "en"):
        return CHINESE if chosen == "zh" else ENGLISH
    for tag, _quality in request.accept_languages:
        if tag.lower().startswith("zh"):
            return CHINESE
        if tag.lower().startswith("en"):
            return ENGLISH
    return CHINESE


def _zone() -> str | None:
    tenant = g.get("tenant") if has_request_context() else None
    return tenant.time_zone if tenant is not None else None
