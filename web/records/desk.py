"""Who stands at the desk when workbooks and papers are asked for, and what surrounds them."""

import re
from io import BytesIO

from flask import Response, g, request, send_file
from flask_babel import gettext as _

from shared.domain.directories import DIRECTORIES
from shared.files import Shelf
from shared.forms.workbook import TYPES
from shared.records import runs
from shared.records.directories import Around
from tenants.people.colleagues import colleagues
from web.frame import language

LANGUAGES = ("zh", "en")
_MEDIA = {
    **{kind.lower(): media for kind, media in TYPES.items()},
    "pdf": "application/pdf",
    "zip": "application/zip",
}
_UNSAFE = re.compile(r"[^\w.\-]+")


def around() -> Around:
    """Give what workbooks need of this tenant."""
    return Around(
        zone=g.tenant.time_zone,
        people={person: one.name for person, one in colleagues(g.tenant).items()},
        directories=DIRECTORIES,
        readable=lambda resource: g.actor.reach(resource, "R") in ("all", "own"),
    )


def asker(*, purpose: str | None = None) -> runs.Asker:
    """Say who asks, and in which language the file is to speak."""
    return runs.Asker(id=g.actor.id, now=g.now, chinese=chinese(), purpose=purpose)


def chinese() -> bool:
    """Tell whether a file is to speak Chinese: as chosen, else as the person reads."""
    chosen = request.values.get("language")
    return chosen == "zh" if chosen in LANGUAGES else language.is_chinese()


def shelf() -> Shelf:
    """Give the files of runs of this tenant."""
    return Shelf(g.tenant.name, "runs")


def languages() -> list[tuple[str, str]]:
    """List the languages of files for a choice."""
    return [("zh", _("Chinese")), ("en", _("English"))]


def file_answer(content: bytes, name: str) -> Response:
    """Answer with a file that the browser saves, never shows."""
    safe = _UNSAFE.sub("-", name)
    media = _MEDIA[safe.rpartition(".")[2].lower()]
    # it writes a Chinese name as a header may hold it
    answer = send_file(BytesIO(content), mimetype=media, as_attachment=True, download_name=safe)
    answer.headers["Cache-Control"] = "no-store"
    return answer
