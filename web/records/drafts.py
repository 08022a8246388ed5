"""A form as somebody typed it: kept as texts, so that nothing is lost when it is refused.

Shape: only fields that stood on the page are in it (the page names them in `fields`): an empty tick
is a no there, and what a person may not see is not touched.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import g
from marshmallow import fields
from werkzeug.datastructures import MultiDict

from shared.forms.fields import Day
from shared.forms.kinds import Instant, Staff
from shared.records.queries import Change
from shared.records.register import Register
from tenants.people import permissions
from web.forms import whole
from web.records import typed
from web.records.boxes import own_fields
from web.records.schemas import APPROVER

Known = Mapping[str, fields.Field[Any]]
MOST_CONFIRMED = 20


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in a form; `version` is that of the record it began with."""

    texts: dict[str, list[str]]
    version: int = 0
    confirmations: list[dict[str, str]] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)
    change_reason: str = ""

    def without(self, names: Collection[str]) -> "Draft":
        """Take away fields that shall not stand on the page."""
        return replace(self, texts={n: t for n, t in self.texts.items() if n not in names})

    def values(self, known: Known) -> dict[str, Any]:
        """Read everything as JSON values."""
        zone = g.tenant.time_zone
        return {
            name: typed.read(known[name], texts, zone=zone) for name, texts in self.texts.items()
        }

    def changed(self, known: Known, before: "Draft") -> dict[str, Any]:
        """Read only what differs from what stood there before."""
        values = self.values(known)
        return {n: v for n, v in values.items() if self.texts[n] != before.texts.get(n, [])}

    def extras(self, register: Register, form: Mapping[str, str]) -> dict[str, Any]:
        """Give what goes with the values: reasons, and the second person's signature."""
        sent: dict[str, Any] = {}
        if self.confirmations:
            sent["confirmations"] = self.confirmations
        if self.change_reason:
            sent["change_reason"] = self.change_reason
        if form.get(APPROVER[0]) and permissions.roles_with(register.form.sheet.signed, "A"):
            sent |= {name: form.get(name, "") for name in APPROVER}
        return sent


def blank(known: Known, args: Mapping[str, str]) -> Draft:
    """Begin a new form: what the address names, now and today where a time is a must, oneself.

    Shape: the first person a form asks for is who fills it in.
    """
    texts: dict[str, list[str]] = {}
    has_person = False
    for name, found in known.items():
        given: Any = args.get(name, "")[:200]
        if not given and found.required and isinstance(found, Instant) and found.past:
            given = g.now.isoformat()
        elif not given and found.required and isinstance(found, Day):
            given = f"{g.today}"
        elif isinstance(found, Staff) and found.required and not has_person:
            given, has_person = given or f"{g.actor.id}", True
        texts[name] = typed.texts(found, given or None, zone=g.tenant.time_zone)
        if isinstance(found, Instant):
            texts[name] = [text[:16] for text in texts[name]]
    return Draft(texts)


def of_values(known: Known, values: Mapping[str, Any], *, version: int) -> Draft:
    """Take a record as it stands, from its JSON values."""
    zone = g.tenant.time_zone
    read = {name: typed.texts(found, values.get(name), zone=zone) for name, found in known.items()}
    return Draft(read, version=version)


def sent(known: Known, form: "MultiDict[str, str]") -> Draft:
    """Take what a browser sent; of a conflict what the other person wrote is left standing."""
    named = " ".join(form.getlist("fields")).split()
    on_page = [n for n in known if n in named and form.get(f"choice.{n}") != "theirs"]
    texts = {name: [text for text in form.getlist(name) if text != ""] for name in on_page}
    reasons = {
        name.removeprefix("reason."): text
        for name, text in form.items()
        if name.startswith("reason.") and text.strip()
    }
    version = whole(form.get("version"))
    return Draft(
        texts,
        version=version if isinstance(version, int) else 0,
        confirmations=_confirmations(form.getlist("confirm"), reasons),
        reasons=reasons,
        change_reason=form.get("change_reason", "").strip(),
    )


@dataclass(frozen=True, slots=True)
class Merge:
    """A draft upon a record changed meanwhile: what both changed, and what only the other did."""

    both: tuple[str, ...]
    theirs: tuple[str, ...]
    draft: Draft


def merged(draft: Draft, now: Draft, known: Known, changes: Collection[Change]) -> Merge:
    """Lay a draft over a record as it stands now; `changes` are those since the draft's version."""
    zone = g.tenant.time_zone
    was: dict[str, list[str]] = {}
    for change in sorted(changes, key=lambda one: one.version, reverse=True):
        for name, (old, _new) in change.values.items():
            if name in known:
                was[name] = typed.texts(known[name], old, zone=zone)  # the oldest one remains
    mine = {n for n, texts in draft.texts.items() if texts != was.get(n, now.texts.get(n, []))}
    differs = {n for n, texts in draft.texts.items() if texts != now.texts.get(n, [])}
    both = tuple(n for n in draft.texts if n in mine & was.keys() & differs)
    theirs = tuple(n for n in draft.texts if n in was and n not in mine)
    texts = {n: now.texts[n] if n in theirs else texts for n, texts in draft.texts.items()}
    return Merge(both, theirs, Draft(texts, version=now.version, change_reason=draft.change_reason))


def enterable(register: Register, verb: str, *, is_own: bool = True) -> Known:
    """List the fields that the asking person may enter: guarded ones need their guard's too."""
    amendable = register.form.sheet.amendable
    shut = set()
    for secrecy, guard in register.form.sheet.guarded.items():
        reach = g.actor.reach(guard, verb)
        if reach is None or (reach == "own" and not is_own):
            shut.add(secrecy)
    return {
        name: found
        for name, found in own_fields(register.form).items()
        if not found.dump_only
        and found.metadata["class"] not in shut
        and (not amendable or (name in amendable) == (verb == "U"))
    }


def _confirmations(asked: list[str], reasons: Mapping[str, str]) -> list[dict[str, str]]:
    confirmed = []
    for doubt in asked[:MOST_CONFIRMED]:
        name, _, code = doubt.partition(":")
        if reasons.get(name):
            confirmed.append({"field": name, "code": code, "reason": reasons[name]})
    return confirmed
