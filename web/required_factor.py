"""Whoever works in a headquarters has a second factor; a new member may go a week without.

When that is over nothing of the headquarters opens, by browser or token, until one is set up; one's
own account stays open for that. Without a master key no factor can be kept, so none is asked for.
"""

from datetime import datetime, timedelta
from uuid import UUID

from flask import current_app, g

from shared import errors
from tenants import vault
from tenants.people import identity


class SecondFactorDue(errors.Forbidden):
    """This headquarters opens with a second factor only: set it up in your account first."""

    code = "SECOND_FACTOR"
    zh = "进入总部须使用动态验证码,请先在我的账户中设置"


def check(bare_since: datetime | None, *, now: datetime) -> None:
    """Let in who has a factor or may still go without; `g.factor_due_at` is then until when.

    Raises: SecondFactorDue.
    """
    if bare_since is None or not vault.is_open():
        return
    due = bare_since + timedelta(days=current_app.config["ROLLBOOK"].second_factor_days)
    if now >= due:
        raise SecondFactorDue
    g.factor_due_at = due


def is_required(person_id: UUID) -> bool:
    """Whether somebody works in a headquarters, so that the factor has to stay."""
    return any(place.tenant.kind == "hq" for place in identity.memberships(person_id))
