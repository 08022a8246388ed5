"""How an invitation reaches the invited: by mail, or by a link that the manager hands over."""

from flask import current_app, g

from tenants.people import account_mails, invitations, names
from tenants.people.invitations import Invitation
from web.people import resets


def hand_over(made: Invitation) -> str | None:
    """Have the invitation mailed; where that cannot be, give the link to show this one time."""
    if resets.sends_mail() and names.is_mail(made.address):
        account_mails.ask(
            "invitation",
            made.address,
            locale=g.actor.locale,
            now=g.now,
            invitation_id=made.id,
        )
        return None
    token = invitations.new_token(made.id)
    if token is None:
        raise invitations.NoSuchInvitation
    public_url: str = current_app.config["ROLLBOOK"].public_url
    return f"{public_url.rstrip('/')}/invitations/{token}"
