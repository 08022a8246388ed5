"""The letters between a store and its headquarters: how they are written and read.

Form: snapshot 上报快照 (9.2): totals per day, category and store; no slip, no person.
Shape: payload of a snapshot, version 1: {month, revision, state, stale, answered, refusal, status,
hash, shut: [day], figures: [[indicator, part, amount]], cells: [[day, category, turnover_fen,
quantity]]}; `answered` is the last decision the store has dealt with.
Payload of a decision, version 1: {month, revision, decision, reason, by_name, forms}; `forms`
are those a reopened month is to be corrected in, letters of before have none.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from shared import days, errors

SNAPSHOT = "snapshot"
MONTH_DECISION = "month_decision"
VERSION = 1
STATES = ("OPEN", "COMPUTED", "REVIEWED", "CLOSED", "REOPENED")
MAX_AMOUNT = 10**15

Payload = dict[str, Any]
FigureRow = tuple[str, str, int]
CellRow = tuple[date, str, int, int]


class Status(StrEnum):
    """Whether a month's figures still move."""

    PROVISIONAL = "PROVISIONAL"
    CLOSED = "CLOSED"


class Decision(StrEnum):
    """The headquarters' word on a store's month."""

    ACCEPT = "accept"
    BACK = "back"
    REOPEN = "reopen"


class LetterUnreadable(errors.Invalid):
    """The letter does not have the shape its kind and version promise."""

    zh = "信件格式不正确"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A month as a store reports it.

    `answered` is the number of the last decision it has dealt with, `refusal` why not as asked.
    """

    month: date
    revision: int
    state: str
    is_stale: bool
    answered: int
    refusal: str | None
    shut: tuple[date, ...]
    figures: tuple[FigureRow, ...]
    cells: tuple[CellRow, ...]

    @property
    def status(self) -> Status:
        """Closed figures stand; all others are provisional 预估."""
        return status_of(self.state)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthDecision:
    """What the headquarters decides about one revision of a store's month."""

    month: date
    revision: int
    decision: Decision
    by_name: str
    reason: str | None = None
    forms: tuple[str, ...] = ()


def status_of(state: str) -> Status:
    """Tell whether a month in this state is final."""
    return Status.CLOSED if state == "CLOSED" else Status.PROVISIONAL


def content_hash(snapshot: Snapshot) -> str:
    """Fingerprint everything a snapshot says, independent of the order of its rows."""
    text = json.dumps(_content(snapshot), ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def snapshot_payload(snapshot: Snapshot) -> Payload:
    """Write a snapshot as the payload of a letter."""
    return {
        **_content(snapshot),
        "status": str(snapshot.status),
        "hash": content_hash(snapshot),
    }


def read_snapshot(payload: Payload, *, version: int) -> Snapshot:
    """Read the payload of a snapshot, trusting nothing in it.

    Raises: LetterUnreadable.
    """
    if version != VERSION:
        raise LetterUnreadable(version=version)
    try:
        found = Snapshot(
            month=_month(payload["month"]),
            revision=_count(payload["revision"]),
            state=_one_of(payload["state"], STATES),
            is_stale=bool(payload["stale"]),
            answered=_count(payload["answered"]),
            refusal=_refusal(payload["refusal"]),
            shut=tuple(date.fromisoformat(day) for day in payload["shut"]),
            figures=tuple(_figure(row) for row in payload["figures"]),
            cells=tuple(_cell(row) for row in payload["cells"]),
        )
        claimed = payload["hash"]
    except (KeyError, TypeError, ValueError) as error:
        raise LetterUnreadable(why=f"{type(error).__name__}: {error}") from error
    _check_rows(found)
    if claimed != content_hash(found):
        raise LetterUnreadable(why="the hash does not fit the content")
    return found


def decision_payload(decision: MonthDecision) -> Payload:
    """Write a decision as the payload of a letter."""
    return {
        "month": decision.month.isoformat(),
        "revision": decision.revision,
        "decision": str(decision.decision),
        "reason": decision.reason,
        "by_name": decision.by_name,
        "forms": list(decision.forms),
    }


def read_decision(payload: Payload, *, version: int) -> MonthDecision:
    """Read the payload of a decision.

    Raises: LetterUnreadable.
    """
    if version != VERSION:
        raise LetterUnreadable(version=version)
    try:
        return MonthDecision(
            month=_month(payload["month"]),
            revision=_count(payload["revision"]),
            decision=Decision(payload["decision"]),
            by_name=str(payload["by_name"])[:80],
            reason=None if payload["reason"] is None else str(payload["reason"])[:500],
            forms=tuple(str(form)[:10] for form in payload.get("forms", ())),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise LetterUnreadable(why=f"{type(error).__name__}: {error}") from error


def _content(snapshot: Snapshot) -> Payload:
    return {
        "month": snapshot.month.isoformat(),
        "revision": snapshot.revision,
        "state": snapshot.state,
        "stale": snapshot.is_stale,
        "answered": snapshot.answered,
        "refusal": snapshot.refusal,
        "shut": [day.isoformat() for day in sorted(snapshot.shut)],
        "figures": [list(row) for row in sorted(snapshot.figures)],
        "cells": [[row[0].isoformat(), *row[1:]] for row in sorted(snapshot.cells)],
    }


def _check_rows(found: Snapshot) -> None:
    _check_unique((row[:2] for row in found.figures), what="figures")
    _check_unique((row[:2] for row in found.cells), what="cells")
    named = [row[0] for row in found.cells] + list(found.shut)
    if any(days.month_of(day) != found.month for day in named):
        raise LetterUnreadable(why="a day lies outside the month")


def _check_unique(keys: Iterable[tuple[Any, ...]], *, what: str) -> None:
    listed = list(keys)
    if len(set(listed)) != len(listed):
        raise LetterUnreadable(why=f"{what} repeat a key")


def _month(value: Any) -> date:
    month = date.fromisoformat(value)
    if month.day != 1:
        raise ValueError("a month is named by its first day")
    return month


def _figure(row: Any) -> FigureRow:
    indicator, part, amount = row
    return _name(indicator, pattern=r"[a-z_]{1,20}"), _name(part), _amount(amount)


def _cell(row: Any) -> CellRow:
    day, category, turnover_fen, quantity = row
    counted = _amount(quantity)
    if abs(counted) >= 2**31:
        raise ValueError(counted)
    return date.fromisoformat(day), _name(category), _amount(turnover_fen), counted


def _name(value: Any, *, pattern: str = r"[A-Z_]{0,10}") -> str:
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise ValueError(value)
    return value


def _refusal(value: Any) -> str | None:
    return None if value is None else _name(value, pattern=r"[A-Za-z]{1,40}")


def _amount(value: Any) -> int:
    if type(value) is not int or abs(value) > MAX_AMOUNT:
        raise ValueError(value)
    return value


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**31:
        raise ValueError(value)
    return value


def _one_of(value: Any, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ValueError(value)
    return str(value)
