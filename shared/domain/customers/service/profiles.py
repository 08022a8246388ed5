"""The register of customer profiles and what it asks beyond the declaration.

Form: F04.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from shared.domain.customers.forms.profile import Profile
from shared.domain.customers.models import Customer
from shared.forms.record import entered
from shared.records.register import Attempt, Register


def _check(session: Session, attempt: Attempt) -> None:
    values = attempt.values
    if values["consent_service"] is not True:
        attempt.refuse("consent_service", "CONSENT")
    if not values["consent_sensitive"]:
        for name, field in entered(Profile).items():
            if field.metadata["class"] == "sensitive" and values[name] is not None:
                attempt.refuse(name, "CONSENT")
    registered_on = values["registered_on"]
    if registered_on is not None and registered_on > attempt.by.today:
        attempt.refuse("registered_on", "FUTURE")
    attempt.computed["is_complete"] = values["contraindications"] is not None


def _day(values: Mapping[str, Any], today: date) -> date:
    return values["registered_on"] or today


PROFILES = Register(
    form=Profile,
    model=Customer,
    check=_check,
    day=_day,
    owners=("consultant", "created_by"),
    in_period=False,
)
