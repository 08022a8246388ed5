"""The register of opinions and what it asks beyond the declaration.

Form: F09.
"""

from sqlalchemy.orm import Session

from shared.domain.surveys.forms.opinion import Opinion as OpinionForm
from shared.domain.surveys.models import Opinion
from shared.domain.surveys.rules import SuggestionState, Way
from shared.records.register import Attempt, Register


def _check(session: Session, attempt: Attempt) -> None:
    values = attempt.values
    if values["anonymous"]:
        for name in ("customer", "contact_phone"):
            if values[name] is not None:
                attempt.refuse(name, "ENUM")
    if values["suggestion"] and values["suggestion_state"] is None:
        values["suggestion_state"] = SuggestionState.NEW
    if attempt.before is None:
        attempt.computed["way"] = Way.PAPER


OPINIONS = Register(form=OpinionForm, model=Opinion, check=_check)
