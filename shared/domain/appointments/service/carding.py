"""Fill in a treatment card while one treats, and have the guest sign it.

Form: F05.
Locks: the record, and what its sitting holds.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from shared import errors
from shared.domain.appointments.models.visits import Treatment
from shared.domain.appointments.service import materials
from shared.domain.appointments.service.treating import TREATMENTS
from shared.errors import problem
from shared.forms.record import State
from shared.records import service as records
from shared.records.judging import check_state
from shared.records.register import Editor


def save(
    session: Session,
    *,
    treatment_id: int,
    version: int,
    typed: Mapping[str, Any],
    products: Sequence[materials.Use] | None,
    by: Editor,
) -> Treatment:
    """Save what is filled in; with a signature it is done, and the card is deducted.

    Shape: `products` replace those that stand there; left out, they stay.
    Raises: FormInvalid with every mistake at once; what `records.keep_change` and the deduction
        raise.
    """
    row: Treatment = records.held(
        session, TREATMENTS, record_id=treatment_id, version=version, by=by
    )
    check_state(row, State.DRAFT)
    problems = materials.put(session, row, products) if products is not None else []
    try:
        records.keep_change(
            session, TREATMENTS, record_id=treatment_id, version=version, typed=typed, by=by
        )
    except errors.FormInvalid as error:
        raise errors.FormInvalid(problems=(*problems, *error.problems)) from error
    if problems:
        raise errors.FormInvalid(problems=tuple(problems))
    return row


def sign(
    session: Session,
    *,
    treatment_id: int,
    version: int,
    typed: Mapping[str, Any],
    products: Sequence[materials.Use] | None,
    by: Editor,
) -> Treatment:
    """Save a card that the guest signs; without a signature nothing is deducted.

    Raises: FormInvalid (REQUIRED), and as `save`.
    """
    if not typed.get("guest_sign"):
        raise errors.FormInvalid(problems=(problem("guest_sign", "REQUIRED"),))
    return save(
        session, treatment_id=treatment_id, version=version, typed=typed, products=products, by=by
    )
