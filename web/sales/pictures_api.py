"""Pictures of the drawer, sent before the form that names them: vouchers and signatures."""

from typing import Any

from shared import errors, images
from shared.domain.sales.service.counting import FORM
from web.api import ApiBlueprint
from web.auth import requires
from web.records import attachments

blueprint = ApiBlueprint("cash_pictures", __name__, description="收银图片 pictures of the drawer")

# what a cashier sends; the manager sends her own signature
SIGNED = ("cashier_sign", "voucher")


@blueprint.call("POST", "/cash-pictures/<string:field>")
@requires("F08", "U", only="store")
@blueprint.takes(attachments.NewPicture, "files")
@blueprint.gives(201, attachments.Picture)
def send_picture(loaded: dict[str, Any], field: str) -> Any:
    """Keep a voucher or the cashier's signature until a form names it."""
    return _kept(loaded, field, SIGNED)


@blueprint.call("POST", "/cash-signatures/<string:field>")
@requires("F08", "A", only="store")
@blueprint.takes(attachments.NewPicture, "files")
@blueprint.gives(201, attachments.Picture)
def send_signature(loaded: dict[str, Any], field: str) -> Any:
    """Keep the manager's signature until the closure names it."""
    return _kept(loaded, field, ("manager_sign",))


def _kept(loaded: dict[str, Any], field: str, allowed: tuple[str, ...]) -> Any:
    if field not in allowed:
        raise errors.FormInvalid(problems=(errors.problem("field", "ENUM"),))
    picture = images.made_anew(loaded["file"].read(images.MAX_BYTES + 1), field=field)
    return attachments.keep(FORM, field, picture)
