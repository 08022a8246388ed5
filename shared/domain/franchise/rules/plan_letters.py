"""The letters about a productivity plan: how they are written and read.

Form: F11; no person's target goes up, only the months' and the categories'.
Shape: payload of a plan, version 1: {year, revision, state, answered, refusal, fingerprint, hash,
reason, made_by, submitted_by, submitted_at, prior: {letter: amount}, plan: {letter: amount},
lines: [[month, category, fen]]}; a plan that was taken back says its state alone, its numbers are
empty. Payload of a decision, version 1: {year, revision, fingerprint, decision, reason, by_name}.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.domain.franchise.rules.snapshots import MAX_AMOUNT, LetterUnreadable, Payload
from shared.domain.reporting.rules.figures import CATEGORIES
from shared.domain.reporting.rules.plan import Number, PlanState

PLAN = "plan"
PLAN_DECISION = "plan_decision"
VERSION = 1
NOTHING = "0" * 64  # the fingerprint of a plan that was taken back
YEARS = (1901, 2999)

Line = tuple[date, str, int]  # month, category ("" is the store's month), fen


class PlanWord(StrEnum):
    """The headquarters' word on a plan."""

    APPROVE = "approve"
    BACK = "back"


# word -> (中文, English)
WORD_LABELS: dict[PlanWord, tuple[str, str]] = {
    PlanWord.APPROVE: ("批准", "Approve"),
    PlanWord.BACK: ("退回", "Send back"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SentPlan:
    """One revision of a plan as a store reports it; the numbers of one taken back are empty."""

    year: int
    revision: int
    state: str
    answered: int
    refusal: str | None
    fingerprint: str
    reason: str | None
    made_by: UUID | None
    submitted_by: UUID | None
    submitted_at: datetime | None
    prior: Mapping[str, int]
    plan: Mapping[str, int]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDecision:
    """What the headquarters decides about the numbers of a plan that it has seen."""

    year: int
    revision: int
    fingerprint: str
    decision: PlanWord
    by_name: str
    reason: str | None = None


def key(year: int, revision: int) -> str:
    """Name a plan as its letters do."""
    return f"{year}/{revision}"


def year_and_revision(named: str) -> tuple[int, int] | None:
    """Read such a name; None when it is none."""
    year, slash, revision = named.partition("/")
    if not slash or not (year.isdecimal() and revision.isdecimal() and named.isascii()):
        return None
    return int(year[:9]), int(revision[:9])


def plan_payload(sent: SentPlan) -> Payload:
    """Write a plan as the payload of a letter."""
    return {**_content(sent), "hash": content_hash(sent)}


def content_hash(sent: SentPlan) -> str:
    """Fingerprint all that a letter says."""
    said = json.dumps(_content(sent), ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def read_plan(payload: Payload, *, version: int) -> SentPlan:
    """Read the payload of a plan, trusting nothing in it.

    Raises: LetterUnreadable.
    """
    if version != VERSION:
        raise LetterUnreadable(version=version)
    try:
        found = SentPlan(
            year=_between(payload["year"], *YEARS),
            revision=_between(payload["revision"], 1, 2**31 - 1),
            state=str(PlanState(payload["state"])),
            answered=_between(payload["answered"], 0, 2**31 - 1),
            refusal=_short(payload["refusal"], 40),
            fingerprint=_hash(payload["fingerprint"]),
            reason=_short(payload["reason"], 500),
            made_by=_person(payload["made_by"]),
            submitted_by=_person(payload["submitted_by"]),
            submitted_at=_moment(payload["submitted_at"]),
            prior=_numbers(payload["prior"]),
            plan=_numbers(payload["plan"]),
            lines=tuple(_line(row, payload["year"]) for row in payload["lines"]),
        )
        claimed = payload["hash"]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise LetterUnreadable(why=f"{type(error).__name__}: {error}") from error
    if len({line[:2] for line in found.lines}) != len(found.lines):
        raise LetterUnreadable(why="lines repeat a key")
    if claimed != content_hash(found):
        raise LetterUnreadable(why="the hash does not fit the content")
    return found


def decision_payload(decided: PlanDecision) -> Payload:
    """Write a decision as the payload of a letter."""
    return {
        "year": decided.year,
        "revision": decided.revision,
        "fingerprint": decided.fingerprint,
        "decision": str(decided.decision),
        "reason": decided.reason,
        "by_name": decided.by_name,
    }


def read_decision(payload: Payload, *, version: int) -> PlanDecision:
    """Read the payload of a decision.

    Raises: LetterUnreadable.
    """
    if version != VERSION:
        raise LetterUnreadable(version=version)
    try:
        reason = payload["reason"]
        return PlanDecision(
            year=_between(payload["year"], *YEARS),
            revision=_between(payload["revision"], 1, 2**31 - 1),
            fingerprint=_hash(payload["fingerprint"]),
            decision=PlanWord(payload["decision"]),
            by_name=str(payload["by_name"])[:80],
            reason=None if reason is None else str(reason)[:500],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise LetterUnreadable(why=f"{type(error).__name__}: {error}") from error


def _content(sent: SentPlan) -> Payload:
    return {
        "year": sent.year,
        "revision": sent.revision,
        "state": sent.state,
        "answered": sent.answered,
        "refusal": sent.refusal,
        "fingerprint": sent.fingerprint,
        "reason": sent.reason,
        "made_by": str(sent.made_by) if sent.made_by else None,
        "submitted_by": str(sent.submitted_by) if sent.submitted_by else None,
        "submitted_at": sent.submitted_at.isoformat() if sent.submitted_at else None,
        "prior": dict(sorted(sent.prior.items())),
        "plan": dict(sorted(sent.plan.items())),
        "lines": [[row[0].isoformat(), *row[1:]] for row in sorted(sent.lines)],
    }


def _between(value: Any, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise ValueError(value)
    return value


def _short(value: Any, most: int) -> str | None:
    if value is not None and (not isinstance(value, str) or len(value) > most or "\0" in value):
        raise ValueError(value)
    return value


def _hash(value: Any) -> str:
    if not isinstance(value, str) or len(value) != 64 or not value.isalnum():
        raise ValueError(value)
    return value


def _person(value: Any) -> UUID | None:
    return None if value is None else UUID(value)


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError("a moment without a zone")
    return found


def _numbers(value: Any) -> dict[str, int]:
    return {str(Number(name)): _between(amount, 0, MAX_AMOUNT) for name, amount in value.items()}


def _line(row: Any, year: int) -> Line:
    month, category, fen = row
    found = date.fromisoformat(month)
    if found.day != 1 or found.year != year or category not in ("", *CATEGORIES):
        raise ValueError(row)
    return found, category, _between(fen, 0, MAX_AMOUNT)
