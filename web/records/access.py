"""Who asks of a register: which rows and fields they see, and as whom they change them.

Shape: what a person sees is decided in shared/records/views.py, for answers as for files.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import g

from shared import errors
from shared.days import business_day
from shared.forms.dumping import builder
from shared.records import queries
from shared.records.register import Editor, Register, Row
from shared.records.views import View, fields_by_class, view_of
from tenants.people import permissions
from tenants.people.colleagues import colleagues
from tenants.registry import Tenant
from web.auth import NotPermitted
from web.people.signatures import second_person
from web.records.schemas import APPROVER, shapes_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Rows of a register as the asking person sees them."""

    register: Register
    view: View

    def shown(self, row: Row, only: frozenset[str] | None = None) -> dict[str, Any]:
        """Dump a row as this person sees it; with `only`, these fields and the id."""
        named = only if only is None else only | {"id"}
        values = builder(shapes_of(self.register.form).shown, named)(row)
        return self._covered(values, row)

    def change(self, change: queries.Change, row: Row) -> dict[str, Any]:
        """Tell one change of a row; its values are field -> [old, new]."""
        old = self._covered({name: value[0] for name, value in change.values.items()}, row)
        new = self._covered({name: value[1] for name, value in change.values.items()}, row)
        return {
            "version": change.version,
            "action": change.action,
            "made_at": change.made_at,
            "made_by": change.made_by,
            "reason": self._covered({"void_reason": change.reason}, row)["void_reason"],
            "values": {name: [old[name], new[name]] for name in old},
        }

    def _covered(self, values: dict[str, Any], row: Row) -> dict[str, Any]:
        return self.view.covered(self.register.form, values, row)


def sight(register: Register) -> Sight:
    """Say what the asking person sees of a register.

    Raises: NotPermitted.
    """
    return Sight(register=register, view=view(register, "R"))


def view(register: Register, verb: str) -> View:
    """Say what the asking person may see, take out or bring in.

    Raises: NotPermitted.
    """
    found = view_of(register, verb, reach=g.actor.reach, person_id=g.actor.id)
    if found is None:
        raise NotPermitted(permission=f"{register.form.sheet.resource}:{verb}")
    return found


def voiding(register: Register) -> str:
    """Name the verb that voids: who approves does, where nobody does who may change all of it."""
    sheet = register.form.sheet
    if sheet.is_made:
        return ""
    verbs = "A" if sheet.amendable else "AU"
    return next((verb for verb in verbs if permissions.roles_with(sheet.resource, verb)), "")


def editor(register: Register, verb: str, typed: dict[str, Any] | None = None) -> Editor:
    """Say who changes a record; takes the second person's signature out of what was typed.

    Raises: NotPermitted, web.forms.Refused, sign_in.TooManyAttempts.
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
        zone=g.tenant.time_zone,
        members=lambda: {one: known.roles for one, known in colleagues(g.tenant).items()},
        approver_id=_approver(register.form.sheet.signed, typed),
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
    by_class = fields_by_class(register.form)
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
