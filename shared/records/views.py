"""What one person sees of a register, takes out of it or brings into it: decided here alone.

Form: specification 3 and 4.4.
Shape: reach `o` narrows to own rows (`Register.owners`), reach `m` masks what is personal; a class
    of fields that the sheet guards needs the guard's permission beside the form's.
Units: a full phone number is never just shown. Whoever may see it opens it with a purpose, and that
    is written down.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal
from uuid import UUID

from shared.forms.kinds import Phone
from shared.forms.masking import masked
from shared.forms.record import Record, declared_fields
from shared.records.register import Register, Row

Reach = Literal["all", "masked", "own"]
_PERSONAL = ("personal", "sensitive", "free")
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The fields and rows of a register that somebody may see, take out or bring in.

    Shape: `closed` fields are not there, `closed_of_others` only in the person's own rows, which
        `owners` tell; `masked` ones are masked for good, `veiled` ones until they are opened with
        a purpose; `own_of` narrows to the rows of one person.
    """

    closed: frozenset[str] = _NONE
    closed_of_others: frozenset[str] = _NONE
    masked: frozenset[str] = _NONE
    veiled: frozenset[str] = _NONE
    own_of: UUID | None = None
    person_id: UUID | None = None
    owners: tuple[str, ...] = ()

    @property
    def unasked(self) -> frozenset[str]:
        """Name the fields by which nothing may be looked for, ordered or narrowed.

        A hidden value that can be asked for is not hidden.
        """
        return self.closed | self.closed_of_others | self.masked

    @property
    def closed_in_lists(self) -> frozenset[str]:
        """Name the fields that have no column where rows of several people stand together."""
        return self.closed | self.closed_of_others

    def closed_in(self, row: Row) -> frozenset[str]:
        """Name the fields of a row that stay empty for this person."""
        is_own = any(getattr(row, owner) == self.person_id for owner in self.owners)
        return self.closed if is_own else self.closed | self.closed_of_others

    def openable(self, row: Row) -> frozenset[str]:
        """Name the masked fields of a row that this person may open."""
        return self.veiled - self.masked - self.closed_in(row)

    def hidden(self, *, purpose: str | None = None) -> frozenset[str]:
        """Name the fields that are masked; a purpose opens those that may be opened."""
        return self.masked if purpose else self.masked | self.veiled

    def covered(self, form: type[Record], values: dict[str, Any], row: Row) -> dict[str, Any]:
        """Empty and mask in values of a row, as JSON, what this person does not see."""
        known = declared_fields(form)
        for name in self.closed_in(row) & values.keys():
            values[name] = None
        for name in self.hidden() & values.keys():
            values[name] = masked(known[name], values[name])
        return values


WHOLE = View()


def view_of(
    register: Register, verb: str, *, reach: Callable[[str, str], Reach | None], person_id: UUID
) -> View | None:
    """Say what a person may see (R), take out (X) or bring in (C, U); None when nothing.

    Shape: `reach(resource, verb)` asks the matrix for this person here. What one makes is one's
        own, so own reach is enough to fill in a new form.
    """
    sheet = register.form.sheet
    own = reach(sheet.resource, verb)
    if own is None:
        return None
    by_class = fields_by_class(register.form)
    found: Mapping[str, set[str]] = {"closed": set(), "own": set(), "masked": set(), "all": set()}
    for secrecy, guard in sheet.guarded.items():
        guarded = reach(guard, verb)
        if guarded == "own" and (own == "own" or verb == "C"):
            guarded = "all"
        found[guarded or "closed"].update(by_class.get(secrecy, _NONE))
    if own == "masked":
        found["masked"].update(*(by_class.get(secrecy, _NONE) for secrecy in _PERSONAL))
    closed = frozenset(found["closed"])
    return View(
        closed=closed,
        closed_of_others=frozenset(found["own"]),
        masked=frozenset(found["masked"]) - closed,
        veiled=phones(register.form),
        own_of=person_id if own == "own" else None,
        person_id=person_id,
        owners=register.owners,
    )


@cache
def fields_by_class(form: type[Record]) -> dict[str, frozenset[str]]:
    """Sort a form's fields by what they tell of a person."""
    sorted_out: dict[str, set[str]] = {}
    for name, found in declared_fields(form).items():
        sorted_out.setdefault(found.metadata["class"], set()).add(name)
    return {secrecy: frozenset(names) for secrecy, names in sorted_out.items()}


@cache
def phones(form: type[Record]) -> frozenset[str]:
    """Name a form's phone numbers."""
    return frozenset(n for n, found in declared_fields(form).items() if isinstance(found, Phone))
