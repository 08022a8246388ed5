"""Who asks of a register: which rows and fields they see, and as whom they change them.

Form: specification 3 and 4.4.
Shape: reach `o` narrows to own rows (`Register.owners`), reach `m` masks what is personal; a class
of fields that the sheet guards needs the guard's permission beside the form's.
Units: a full phone number is never just shown. Whoever may see it opens it with a purpose, and that
is written down (each open of a full phone number is audited).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from flask import g
from marshmallow import fields

from shared import errors
from shared.days import business_day
from shared.forms.dumping import builder
from shared.forms.kinds import Phone
from shared.forms.masking import masked
from shared.forms.record import Record, declared_fields
from shared.records import queries
from shared.records.register import Editor, Register, Row
from tenants.people import permissions
from tenants.registry import Tenant
from web.auth import NotPermitted
from web.people.signatures import second_person
from web.records.schemas import APPROVER, shapes_of

_PERSONAL = frozenset({"personal", "sensitive", "free"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What one person sees of a register.

    Shape: `closed` fields are shown empty, `closed_of_others` unless the row is the person's own,
        `veiled` ones masked until opened, `masked` ones masked for good.
    """

    register: Register
    person_id: UUID
    own_of: UUID | None
    closed: frozenset[str]
    closed_of_others: frozenset[str]
    veiled: frozenset[str]
    masked: frozenset[str]

    def shown(self, row: Row, only: frozenset[str] | None = None) -> dict[str, Any]:
        """Dump a row as this person sees it; with `only`, these fields and the id."""
        named = only if only is None else only | {"id"}
        values = builder(shapes_of(self.register.form).shown, named)(row)
        return self.covered(values, row)

    def covered(self, values: dict[str, Any], row: Row) -> dict[str, Any]:
        """Empty and mask in values of a row what this person does not see."""
        known = declared_fields(self.register.form)
        for name in self.closed_in(row) & values.keys():
            values[name] = None
        for name in (self.veiled | self.masked) & values.keys():
            values[name] = masked(known[name], values[name])
        return values

    def change(self, change: queries.Change, row: Row) -> dict[str, Any]:
        """Tell one change of a row; its values are field -> [old, new]."""
        old = self.covered({name: value[0] for name, value in change.values.items()}, row)
        new = self.covered({name: value[1] for name, value in change.values.items()}, row)
        return {
            "version": change.version,
            "action": change.action,
            "made_at": change.made_at,
            "made_by": change.made_by,
            "reason": self.covered({"void_reason": change.reason}, row)["void_reason"],
            "values": {name: [old[name], new[name]] for name in old},
        }

    def closed_in(self, row: Row) -> frozenset[str]:
        """Name the fields of a row that stay empty for this person."""
        if not self.closed_of_others or self._owns(row):
            return self.closed
        return self.closed | self.closed_of_others

    def openable(self, row: Row) -> frozenset[str]:
        """Name the masked fields of a row that this person may open."""
        return self.veiled - self.masked - self.closed_in(row)

    def unsearchable(self) -> frozenset[str]:
        """Name the fields by which nothing may be looked for, ordered or narrowed.

        A hidden value that can be asked for is not hidden.
        """
        return self.closed | self.closed_of_others | self.masked

    def _owns(self, row: Row) -> bool:
        return any(getattr(row, owner) == self.person_id for owner in self.register.owners)


def sight(register: Register) -> Sight:
    """Say what the asking person sees of a register.

    Raises: NotPermitted.
    """
    sheet = register.form.sheet
    reach = g.actor.reach(sheet.resource, "R")
    if reach is None:
        raise NotPermitted(permission=f"{sheet.resource}:R")
    by_class = _by_class(register.form)
    closed: frozenset[str] = frozenset()
    of_others: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    for secrecy, guard in sheet.guarded.items():
        named = by_class.get(secrecy, frozenset())
        guarded = g.actor.reach(guard, "R")
        if guarded is None:
            closed |= named
        elif guarded == "masked":
            hidden |= named
        elif guarded == "own" and reach != "own":
            of_others |= named
    if reach == "masked":
        hidden |= frozenset().union(*(by_class.get(name, frozenset()) for name in _PERSONAL))
    return Sight(
        register=register,
        person_id=g.actor.id,
        own_of=g.actor.id if reach == "own" else None,
        closed=closed,
        closed_of_others=of_others,
        veiled=_phones(register.form),
        masked=hidden - closed,
    )


def voiding(register: Register) -> str:
    """Name the verb that voids: who approves does, where nobody does who may change all of it."""
    sheet = register.form.sheet
    verbs = "A" if sheet.amendable else "AU"
    return next((verb for verb in verbs if permissions.roles_with(sheet.resource, verb)), "")


def editor(register: Register, verb: str, typed: dict[str, Any] | None = None) -> Editor:
    """Say who changes a record; takes the second person's signature out of what was typed.

    Raises: NotPermitted, web.forms.Refused, web.sign_in.TooManyAttempts.
    """
    resource = register.form.sheet.resource
    reach = g.actor.reach(resource, verb)
    if reach is None:
        raise NotPermitted(permission=f"{resource}:{verb}")
    typed = {} if typed is None else typed
    is_own = reach == "own" or _guarded_reach(register, verb, typed) == "own"
    return Editor(
        id=g.actor.id,
        permits=g.actor.may,
        now=g.now,
        today=g.today,
        day_of=_day_of(g.tenant),
        approver_id=_approver(resource, typed),
        own_of=g.actor.id if is_own and verb != "C" else None,
        sends_pictures=True,
    )


def _guarded_reach(
    register: Register, verb: str, typed: Mapping[str, Any]
) -> permissions.Reach | None:
    """Give the narrowest reach of the guards that cover what was typed.

    Raises: NotPermitted.
    """
    narrowest: permissions.Reach | None = None
    by_class = _by_class(register.form)
    for secrecy, guard in register.form.sheet.guarded.items():
        if not by_class.get(secrecy, frozenset()) & typed.keys():
            continue
        reach = g.actor.reach(guard, verb)
        if reach is None:
            raise NotPermitted(permission=f"{guard}:{verb}")
        narrowest = "own" if "own" in (reach, narrowest) else reach
    return narrowest


def _approver(resource: str, typed: dict[str, Any]) -> UUID | None:
    if not permissions.roles_with(resource, "A"):
        return None
    signed = {name: typed.pop(name, None) for name in APPROVER}
    wrong = [name for name, value in signed.items() if not isinstance(value, str | None)]
    if wrong:
        raise errors.FormInvalid(problems=tuple(errors.problem(name, "TYPE") for name in wrong))
    return second_person(signed, resource, now=g.now)


def _day_of(tenant: Tenant) -> Callable[[datetime], date]:
    zone, change_hour = tenant.time_zone, tenant.day_change_hour
    return lambda instant: business_day(instant, zone=zone, change_hour=change_hour)


@cache
def _by_class(form: type[Record]) -> dict[str, frozenset[str]]:
    sorted_out: dict[str, set[str]] = {}
    for name, found in declared_fields(form).items():
        sorted_out.setdefault(found.metadata["class"], set()).add(name)
    return {secrecy: frozenset(names) for secrecy, names in sorted_out.items()}


@cache
def _phones(form: type[Record]) -> frozenset[str]:
    own: Mapping[str, fields.Field[Any]] = declared_fields(form)
    return frozenset(name for name, found in own.items() if isinstance(found, Phone))
