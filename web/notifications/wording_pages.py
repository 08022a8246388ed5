"""The texts of the notices as pages: each event's, with its versions and a preview."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared.domain.notifications.forms import NewWording
from shared.domain.notifications.queries import settings
from shared.domain.notifications.rules import catalogue, texts
from shared.domain.notifications.rules.catalogue import Event, Wording
from shared.domain.notifications.service import preferences
from shared.domain.notifications.service.preferences import Author
from shared.errors import DomainError, FormInvalid
from web.auth import requires
from web.errors import STATUS
from web.extensions import db
from web.forms import Reasons, loaded, reasons_of, whole
from web.frame import labels

blueprint = Blueprint(
    "wording_pages", __name__, url_prefix="/s/<slug>/notices/texts", template_folder="templates"
)


@blueprint.get("")
@requires("notices", "R")
def wordings() -> ResponseReturnValue:
    """List every event with who hears of it, and how."""
    groups: dict[str, list[Event]] = {}
    for event in catalogue.events().values():
        groups.setdefault(event.name.partition(".")[0], []).append(event)
    return render_template(
        "notifications/wordings.html",
        groups=groups,
        changed=settings.changed_events(db.session()),
        roles=dict(labels.choices("role")),
    )


@blueprint.get("/<event_name>/<audience>")
@requires("notices", "R")
def wording(event_name: str, audience: str) -> ResponseReturnValue:
    """Show an event's text with its versions."""
    return _page(_event(event_name, audience), audience)


@blueprint.post("/<event_name>/<audience>")
@requires("notices", "U")
def write(event_name: str, audience: str) -> ResponseReturnValue:
    """Write the next version, look at it first, or go back to the default."""
    event = _event(event_name, audience)
    typed = {name: request.form.get(name, "") for name in ("zh", "en")}
    author = Author(id=g.actor.id, name=g.actor.name, now=g.now)
    try:
        if "default" in request.form:
            seen = whole(request.form.get("seen"))
            newest = seen if isinstance(seen, int) else -1
            preferences.write_wording(
                db.session(), event, audience, None, seen=newest, author=author
            )
        else:
            form = loaded(NewWording(), {**typed, "seen": whole(request.form.get("seen"))})
            new = Wording(form["zh"], form["en"])
            if "preview" in request.form:
                found = tuple(preferences.wording_problems(event, audience, new))
                problems = reasons_of(FormInvalid(problems=found)) if found else {}
                return _page(event, audience, typed=typed, problems=problems, shows=True)
            preferences.write_wording(
                db.session(), event, audience, new, seen=form["seen"], author=author
            )
    except DomainError as error:
        db.session.rollback()  # the page is shown from what is saved
        page = _page(event, audience, typed=typed, problems=reasons_of(error))
        return page, STATUS[error.kind]
    flash(_("The text is changed; it counts from the next message."), "good")
    return redirect(url_for("wording_pages.wording", event_name=event.name, audience=audience), 303)


def _event(name: str, audience: str) -> Event:
    if audience not in ("staff", "guest"):
        raise catalogue.NoSuchEvent(event=name)
    return catalogue.event(name)


def _page(
    event: Event,
    audience: str,
    *,
    typed: dict[str, str] | None = None,
    problems: Reasons | None = None,
    shows: bool = False,
) -> str:
    session = db.session()
    default = event.guest_text if audience == "guest" else event.staff
    counts = settings.wordings(session, event)[audience]
    shown = typed or {"zh": counts.zh, "en": counts.en}
    versions = settings.versions(session, event=event.name, audience=audience)
    names = dict.fromkeys(
        ["store", *texts.placeholders(default.zh), *texts.placeholders(default.en)]
    )
    sample = {name: f"〔{name}〕" for name in names} | {"store": g.tenant.display_name}
    return render_template(
        "notifications/wording.html",
        event=event,
        audience=audience,
        typed=shown,
        default=default,
        placeholders=list(names),
        versions=versions,
        seen=versions[0].number if versions else 0,
        preview={code: texts.filled(text, sample) for code, text in shown.items()},
        shows=shows,
        problems=problems or {},
    )
