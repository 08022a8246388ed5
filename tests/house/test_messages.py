"""Every request has one actor, every fact a listener or a place on the list of the unheard."""

import importlib
from pathlib import Path

from shared.domain import wiring
from shared.events.messages import Fact, Request, listeners
from tests.house.code import ROOT, capabilities

# Facts that are published although nobody acts on them yet, each with the reason.
UNHEARD = {
    "appointments.requested": "notices are published beside it; for the clock of 30 minutes (W1)",
    "appointments.confirmed": "for the demand of the roster and who prepares the treatment (F13)",
    "appointments.moved": "as the one before",
    "appointments.cancelled": "for the rates of a month (C14)",
    "appointments.missed": "for the follow-up list (F07-B)",
    "appointments.arrived": "the visit is opened beside it; for who prepares the treatment",
    "appointments.reaction_observed": "for the draft of a complaint, severity L1 (F06)",
    "appointments.guest_left": "plans the callback after a treatment (W4, SLA-15)",
    "franchise.adjustment_booked": "for the next statement of the store (C12)",
    "surveys.opinion_given": "for the callback of who wants one or was not satisfied (W4)",
    "surveys.suggestion_adopted": "for the coupon of 20 % off the next treatment",
}


def messages(kind: type) -> list[type]:
    """List the subclasses that our events modules define."""
    assert wiring.WIRED
    found: list[type] = []
    for module in wiring.WIRED:
        found += [
            value
            for value in vars(module).values()
            if isinstance(value, type)
            and issubclass(value, kind)
            and value.__module__ == module.__name__
        ]
    return found


def actors() -> dict[str, object]:
    """Load every actors module and give the kinds of jobs they do."""
    for path in sorted(Path(ROOT, "workers", "actors").glob("*.py")):
        importlib.import_module(f"workers.actors.{path.stem}")
    kinds = importlib.import_module("workers.job").KINDS
    return {  # tests have kinds of their own
        wire: kind
        for wire, kind in kinds.items()
        if kind.effect.__module__.startswith("workers.actors.")
    }


def test_every_request_has_its_actor() -> None:
    done = set(actors())
    at_work = {wire.partition(".")[0] for wire in done}
    asked = {kind.wire for kind in messages(Request)}  # type: ignore[attr-defined]
    assert {wire for wire in asked if wire.partition(".")[0] in at_work} == done


def test_every_fact_is_heard_or_listed() -> None:
    unheard = {kind.wire for kind in messages(Fact) if not listeners(kind)}  # type: ignore[attr-defined]
    assert unheard == set(UNHEARD)


def test_wire_names_say_their_capability_and_are_their_own() -> None:
    names = [kind.wire for kind in (*messages(Fact), *messages(Request))]  # type: ignore[attr-defined]
    assert len(names) == len(set(names))
    assert {name.partition(".")[0] for name in names} <= capabilities() | {"records"}
