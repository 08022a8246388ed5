"""The follow-up list as JSON: who stays away, whose birthday comes.

Form: F07 panel B. Phones are masked for everybody and opened on the profile.
"""

from typing import Any

from shared.domain.customers.forms.standing import BirthdayGuest, LapseAsked, LapsingGuest
from shared.domain.customers.rules.activity import LAPSED
from shared.domain.customers.service.activity import Lapse
from web import paging
from web.api import ApiBlueprint
from web.auth import requires
from web.customers import following
from web.extensions import db

blueprint = ApiBlueprint("follow_up", __name__, description="顾客跟踪 follow-up of guests")


class FollowUpAsked(LapseAsked, paging.PageAsked):
    """Which guests, and where to go on."""


@blueprint.call("GET", "/follow-up")
@requires("F07", "R", only="store")
@blueprint.takes(FollowUpAsked, "query")
@blueprint.gives(200, paging.page_of(LapsingGuest))
def follow_up(asked: dict[str, Any]) -> paging.Page:
    """List guests who stay away, the most value at risk first."""
    after = paging.after(asked)
    lapse = Lapse(
        states=(asked["state"],) if asked["state"] else LAPSED,
        own_of=following.own_of(),
        grade=asked["grade"],
        consultant=asked["consultant"],
        after=(after[0], after[1]) if after else None,
        limit=asked["limit"] + 1,
    )
    rows = following.lapsing(db.session(), lapse)
    return paging.page(
        rows, limit=asked["limit"], position=lambda row: [row["at_risk_fen"], row["id"]]
    )


@blueprint.call("GET", "/follow-up/birthdays")
@requires("F07", "R", only="store")
@blueprint.gives(200, paging.page_of(BirthdayGuest))
def birthdays() -> paging.Page:
    """List the birthdays of the next fourteen days, in their order."""
    return paging.Page(following.birthdays(db.session()), None)
