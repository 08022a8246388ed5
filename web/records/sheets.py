"""One declared form on a page: to be filled in, to be read, and laid beside what another typed."""

from collections.abc import Sequence
from typing import Any

from flask import g, render_template, url_for

from shared.errors import DomainError
from shared.forms.kinds import Picture, Pictures
from shared.forms.record import STATES, State, derived
from shared.records import judging, queries
from shared.records.register import Doubt, Register, Row
from tenants.people import permissions
from web.extensions import db
from web.forms import Reasons, reasons_of
from web.frame import language
from web.records import access, beside, boxes, shown, typed
from web.records.access import Sight, sight
from web.records.boxes import Box, own_fields
from web.records.drafts import Draft, Merge
from web.records.pickers import Names

CHANGEABLE = (State.DRAFT, State.SUBMITTED)


def form_page(
    register: Register, draft: Draft, *, row: Row | None = None, refused: DomainError | None = None
) -> str:
    """Show a form to be filled in, with everything that was refused beside its field."""
    doubts = refused.doubts if isinstance(refused, judging.NeedsConfirmation) else ()
    problems = _by_field(register, refused) if refused is not None and not doubts else {}
    covered = veiled(register, row) - {*draft.texts} if row is not None else frozenset()
    made = _boxes(register, draft, row, covered)
    return render_template(
        "records/form.html",
        register=register,
        sheet=register.form.sheet,
        said=shown.said,
        row=row,
        version=draft.version,
        fields=" ".join(draft.texts),
        sections=boxes.sections(register.form, made),
        **_refusals(register, draft, problems, doubts),
    )


def veiled(register: Register, row: Row) -> frozenset[str]:
    """Name the filled fields of a record that stay masked until they are opened."""
    openable = sight(register).view.openable(row)
    return frozenset(name for name in openable if getattr(row, name) is not None)


def record_page(register: Register, row: Row, seen: Sight) -> str:
    """Show a record to be read, with its history."""
    values, known = seen.shown(row), own_fields(register.form)
    session, names = db.session(), Names()
    history = history_of(register, row, names)
    names.learn(session, known, [values])
    closed = seen.view.closed_in(row)
    read = [
        _read(name, found, values[name], names)
        for name, found in known.items()
        if name not in closed
    ]
    return render_template(
        "records/record.html",
        register=register,
        sheet=register.form.sheet,
        said=shown.said,
        row=row,
        values=values,
        names=names,
        state_label=shown.said(STATES[row.life]),
        tone=shown.TONES.get(row.life, ""),
        is_changeable=row.life in CHANGEABLE,
        voiding=access.voiding(register),
        noted=_noted(register, row, names),
        beside=beside.pages_beside(register),
        is_own_work=g.actor.id in (row.created_by, row.changed_by),
        openable=seen.view.openable(row),
        sections=boxes.sections(register.form, read),
        history=history,
    )


def history_of(register: Register, row: Row, names: Names | None = None) -> list[dict[str, Any]]:
    """Tell who changed a record, when and why, newest first, as macros/history.html shows it."""
    names, seen, known = names or Names(), sight(register), own_fields(register.form)
    changes = [seen.change(one, row) for one in queries.history(db.session(), register, row.id)]
    names.learn(db.session(), known, _values_of(changes))
    return [_told(change, known, names) for change in changes]


def conflict_page(register: Register, row: Row, draft: Draft, merge: Merge) -> str:
    """Show what two people changed in one record, each value beside the other."""
    session, names, known = db.session(), Names(), own_fields(register.form)
    mine = draft.values(known)
    theirs = judging.plain(register, row)
    names.learn(session, known, [mine, theirs])

    def beside(listed: Sequence[str]) -> list[tuple[str, str, str, str]]:
        return [
            (
                name,
                shown.label_of(known[name]),
                shown.text(known[name], mine[name], names),
                shown.text(known[name], theirs[name], names),
            )
            for name in listed
        ]

    return render_template(
        "records/conflict.html",
        register=register,
        sheet=register.form.sheet,
        said=shown.said,
        row=row,
        by=names.person(row.changed_by),
        both=beside(merge.both),
        theirs=beside(merge.theirs),
        draft=merge.draft,
    )


def opened(register: Register, row: Row, fields: Sequence[str], *, to_change: bool) -> str:
    """Show fields that were masked: as text, or in a form to be changed."""
    names, known = Names(), own_fields(register.form)
    made = []
    for name in fields:
        found = known[name]
        value = found.serialize(name, row)
        texts = [str(value)] if value is not None else []
        made.append(boxes.box(name, found, texts, names, {}))
    return render_template("records/opened.html", boxes=made, to_change=to_change, row=row)


def _boxes(register: Register, draft: Draft, row: Row | None, covered: frozenset[str]) -> list[Box]:
    """Make the fields of a form: those to enter, the masked ones, and what is computed."""
    known, names = own_fields(register.form), Names()
    values = draft.values(known)
    stands = sight(register).shown(row) if row is not None else {}
    names.learn(db.session(), known, [values, stands])
    computed = derived(register.form) if row is not None else {}
    made = []
    for name, found in known.items():
        if name in draft.texts:
            made.append(boxes.box(name, found, draft.texts[name], names, {**stands, **values}))
        elif name in covered or (name in computed and stands.get(name) is not None):
            kind = "veiled" if name in covered else "computed"
            made.append(_read(name, found, stands[name], names, kind=kind))
    return made


def _noted(register: Register, row: Row, names: Names) -> list[Box]:
    """Make the fields that may still be noted on a form which else stands as it was handed in.

    Shape: one that has no value has nothing to be noted about.
    """
    sheet, known = register.form.sheet, own_fields(register.form)
    if row.life not in CHANGEABLE or g.actor.reach(sheet.resource, "U") is None:
        return []
    made, zone = [], g.tenant.time_zone
    for name in sheet.amendable:
        value = known[name].serialize(name, row)
        if value is not None:
            made.append(
                boxes.box(name, known[name], typed.texts(known[name], value, zone=zone), names, {})
            )
    return made


def _read(name: str, found: Any, value: Any, names: Names, *, kind: str = "") -> Box:
    return Box(
        name=name,
        kind=kind or boxes.control(found),
        label=shown.label_of(found),
        width=found.metadata.get("width", 12),
        texts=[str(part) for part in value] if isinstance(value, list) else [str(value or "")],
        shown=shown.text(found, value, names),
        urls=_seen_at(found, value),
    )


def _seen_at(found: Any, value: Any) -> list[str]:
    """List where the pictures of a field are seen."""
    if not isinstance(found, (Picture, Pictures)) or value is None:
        return []
    named = value if isinstance(value, list) else [value]
    return [url_for("attachments.show", attachment_id=one) for one in named]


def _refusals(
    register: Register, draft: Draft, problems: Reasons, doubts: Sequence[Doubt]
) -> dict[str, Any]:
    known = own_fields(register.form)
    warnings = warnings_of(doubts)
    elsewhere = [name for name in warnings if name not in draft.texts]
    return {
        "problems": problems,
        "strays": [
            (shown.label_of(known[name]) if name in known else name, texts)
            for name, texts in problems.items()
            if name and name not in draft.texts and not name.startswith("approver_")
        ],
        "warnings": warnings,
        "elsewhere": [
            (name, shown.label_of(known[name]) if name in known else name) for name in elsewhere
        ],
        "doubts": doubts,
        "reasons": draft.reasons,
        "change_reason": draft.change_reason,
        "needs_second": any(doubt.needs_second for doubt in doubts) or "approver_login" in problems,
        "may_sign": bool(doubts) and bool(permissions.roles_with(register.form.sheet.signed, "A")),
    }


def warnings_of(doubts: Sequence[Doubt]) -> Reasons:
    """Sort what has to be confirmed by field, in the reader's language."""
    warnings: Reasons = {}
    for doubt in doubts:
        warnings.setdefault(doubt.field, []).append(language.chosen(doubt.zh, doubt.en))
    return warnings


def _by_field(register: Register, refused: DomainError) -> Reasons:
    """Sort what is wrong by field; of a part of a list it is said beside the list."""
    known, sorted_out = own_fields(register.form), Reasons()
    for path, texts in reasons_of(refused).items():
        first = path.partition(".")[0]
        sorted_out.setdefault(first if first in known else path, []).extend(texts)
    return sorted_out


def _values_of(changes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {name: pair[at] for name, pair in change["values"].items()}
        for change in changes
        for at in (0, 1)
    ]


def _told(change: dict[str, Any], known: Any, names: Names) -> dict[str, Any]:
    """Tell one change as macros/history.html shows it; what a new form held is not told twice."""
    is_new = change["action"] == "CREATE"
    return {
        "at": change["made_at"],
        "by": names.person(change["made_by"]),
        "text": str(shown.ACTIONS.get(change["action"], change["action"])),
        "reason": change["reason"] or "",
        "changes": [
            (
                shown.label_of(known[name]),
                shown.text(known[name], old, names),
                shown.text(known[name], new, names),
            )
            for name, (old, new) in change["values"].items()
            if name in known and not is_new
        ],
    }
