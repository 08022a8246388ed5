"""The second person's signature on the spot: who approves types name and password at the till.

Form: four eyes of specification 3: nobody approves what they did themselves.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import g

from shared.errors import problem
from tenants.people import identity, permissions
from web.forms import Refused
from web.people import sign_in


def second_person(typed: Mapping[str, Any], resource: str, *, now: datetime) -> UUID | None:
    """Read who else signs: somebody of this tenant who may approve; None when nobody did.

    Raises: forms.Refused, sign_in.TooManyAttempts.
    """
    login = (typed.get("approver_login") or "").strip()
    if not login:
        return None
    try:
        person = sign_in.check(login, typed.get("approver_password") or "", now=now)
    except sign_in.WrongPassword as error:
        wrong = problem("approver_login", "TYPE", zh=error.message_zh, en=error.message_en)
        raise Refused(problems=(wrong,)) from error
    if not permissions.allowed(identity.roles_of(person.id, g.tenant), resource, "A"):
        raise Refused(problems=(problem("approver_login", "FORBIDDEN"),))
    return person.id
