"""Photos and signatures over HTTP: sent before the form that names them, seen through its record.

Shape: a picture is made anew when it comes in; going out it has its fixed type and runs nothing.
"""

import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, Response, g
from flask_smorest.fields import Upload
from marshmallow import Schema, fields

from shared import errors, images
from shared.domain.registers import BY_CODE, REGISTERS
from shared.files import Kind, Shelf
from shared.forms.fields import Form
from shared.records import attachments, queries
from shared.records.register import Register
from tenants.people import permissions
from web import headers
from web.api import ApiBlueprint
from web.auth import requires, signed_in
from web.extensions import db
from web.records import access, drafts

KIND: Kind = "attachments"

api = ApiBlueprint("attachments", __name__, description="附件 photos and signatures of forms")
blueprint = Blueprint("attachments", __name__, url_prefix="/s/<slug>/files")


class NewPicture(Form):
    """A JPEG, PNG or WebP picture, at most 12 MB."""

    file = Upload(required=True, error_messages={"required": "REQUIRED"})


class Picture(Schema):
    """A kept picture; a form names it by its id."""

    id = fields.UUID(required=True)
    content_type = fields.String(required=True)
    size = fields.Integer(required=True)


def _receiving(register: Register) -> Callable[..., Any]:
    def receive(loaded: dict[str, Any], field: str) -> Any:
        if field not in attachments.picture_fields(register):
            raise errors.FormInvalid(problems=(errors.problem("field", "ENUM"),))
        if field not in drafts.enterable(register, "C"):
            raise errors.FormInvalid(problems=(errors.problem("field", "FORBIDDEN"),))
        picture = images.made_anew(loaded["file"].read(images.MAX_BYTES + 1), field=field)
        return keep(register.code, field, picture)

    return receive


def keep(form: str, field: str, picture: images.Picture) -> attachments.Sent:
    """Put the file on the shelf, then note it: what is noted is there."""
    sent = attachments.Sent(
        id=uuid4(),
        field=field,
        content_type=picture.content_type,
        size=len(picture.content),
        sha256=hashlib.sha256(picture.content).hexdigest(),
    )
    Shelf(g.tenant.name, KIND).put(sent.id, picture.content)
    attachments.note(db.session(), form, sent, by=g.actor.id, now=g.now)
    return sent


@blueprint.get("/<uuid:attachment_id>")
@signed_in
def show(attachment_id: UUID) -> Response:
    """Give a picture to who may see the field of the record that it belongs to."""
    found = attachments.get(db.session(), attachment_id)
    if found.record_id is None:
        if found.created_by != g.actor.id:
            raise attachments.NoSuchAttachment
    elif register := BY_CODE.get(found.form):
        _check_seen(register, found.record_id, found.field)
    elif g.actor.reach(found.form, "R") is None:  # a form of its own, such as F08
        raise attachments.NoSuchAttachment
    content = Shelf(g.tenant.name, KIND).get(attachment_id)
    return Response(content, mimetype=found.content_type, headers=headers.OF_A_FILE)


def _check_seen(register: Register, record_id: int, field: str) -> None:
    """Make sure that the asking person sees this field of this record.

    Raises: NoSuchAttachment, queries.NoSuchRecord.
    """
    if g.actor.reach(register.form.sheet.resource, "R") is None:
        raise attachments.NoSuchAttachment
    seen = access.sight(register)
    row = queries.get(db.session(), register, record_id, own_of=seen.view.own_of)
    if field in seen.view.closed_in(row) | seen.view.masked:
        raise attachments.NoSuchAttachment


def _serve(register: Register) -> None:
    sheet = register.form.sheet
    if not attachments.picture_fields(register) or not permissions.roles_with(sheet.resource, "C"):
        return
    view = api.doc(
        summary=f"{sheet.name[0]}上传图片 · {sheet.name[1]}: send a picture",
        operationId=f"send_picture_{sheet.code.lower()}",
    )(_receiving(register))
    view = api.takes(NewPicture, "files")(api.gives(201, Picture)(view))
    view = requires(sheet.resource, "C", only="store")(view)
    view.__name__ = f"send_{sheet.code.lower()}"
    api.call("POST", f"/{sheet.path}/<string:field>/files")(view)


for register in REGISTERS:
    _serve(register)
