"""A guest's grade and activity as the asking person may see them, for pages and programs alike."""

from collections.abc import Mapping
from typing import Any

from flask import g
from sqlalchemy.orm import Session

from shared.domain.customers.service import activity, overriding


def may_see_standing(values: Mapping[str, Any]) -> bool:
    """Tell whether F02 of a guest may be read, whose profile these values are."""
    reach = g.actor.reach("F02", "R")
    is_own: bool = values["consultant"] == str(g.actor.id)
    return reach == "all" or (reach == "own" and is_own)


def standing(session: Session, customer_id: int) -> dict[str, Any]:
    """Give what grade a guest has and why, and how active the guest is.

    Shape: `grade` and `activity`, each None where there is nothing yet.
    """
    row = overriding.newest(session, customer_id)
    found = activity.standing(session, customer_id)
    return {
        "grade": _graded(row) if row is not None else None,
        "activity": _active(found) if found is not None else None,
    }


def _graded(row: Any) -> dict[str, Any]:
    zh, en = overriding.explained(row)
    names = (
        "as_of", "grade", "computed_grade", "grade_before", "moved", "rfm", "segment",
        "spend_12m_fen", "share", "visits_12m", "override_grade", "override_reason",
        "override_until", "contact_cycle", "id", "version",
    )  # fmt: skip
    return {**{name: getattr(row, name) for name in names}, "why_zh": zh, "why_en": en}


def _active(found: Any) -> dict[str, Any]:
    names = (
        "state", "since", "judged_on", "last_visit", "spend_12m_fen", "at_risk_fen", "next_contact"
    )  # fmt: skip
    return {**{name: getattr(found, name) for name in names},
            "away_days": (g.today - found.last_visit).days}  # fmt: skip
