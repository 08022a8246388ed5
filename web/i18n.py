"""Which language a person reads, and the catalogues of it.

The msgids are English, so English needs no catalogue. Chinese is the default of the product.
"""

import os
import tempfile
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, has_request_context, request
from flask_babel import Babel

LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}  # what we save -> what Babel calls it (folder name)
DEFAULT = "zh"
COOKIE = "language"

_TRANSLATIONS = Path(__file__).parent / "translations"

babel = Babel()


def init_app(app: Flask) -> None:
    """Give the app its languages."""
    compile_catalogues()
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(_TRANSLATIONS)
    babel.init_app(
        app,
        default_locale=LANGUAGES[DEFAULT],
        default_timezone="UTC",
        locale_selector=lambda: LANGUAGES[language()],
    )


def language() -> str:
    """Say which language this request answers in: the person's own, the cookie's, the default."""
    if not has_request_context():
        return DEFAULT
    actor = g.get("actor")
    for wish in (getattr(actor, "locale", None), request.cookies.get(COOKIE)):
        if wish and (short := wish.replace("_", "-").split("-")[0]) in LANGUAGES:
            return str(short)
    return DEFAULT


def compile_catalogues() -> None:
    """Compile each catalogue whose text is newer than its compiled twin.

    Locks: none; two processes may both do it, the rename makes either result whole.
    """
    for source in _TRANSLATIONS.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        if not os.access(source.parent, os.W_OK):
            continue  # an installed, read-only copy was compiled when it was built
        with source.open("rb") as po:
            catalogue = read_po(po, locale=source.parent.parent.name)
        with tempfile.NamedTemporaryFile(dir=source.parent, delete=False) as part:
            write_mo(part, catalogue)
        Path(part.name).chmod(0o644)
        Path(part.name).replace(target)
