"""The forms of the customers, as far as a sale needs them.

Form: F04, contact part.
"""

from typing import Any

from marshmallow import fields, validate

from shared.forms.fields import Form, Id, Text
from shared.forms.problems import said

_PHONE = said("TYPE", "电话格式不正确", "not a phone number")


def _phone(**options: Any) -> Text:
    return Text(
        ("电话", "Phone"),
        max_length=20,
        secrecy="personal",
        validate=validate.Regexp(r"^\+?[0-9][0-9 \-]{3,18}$", error=_PHONE),
        **options,
    )


class NewCustomer(Form):
    """A customer as the front desk enters one; without a number the store gives one."""

    number = Text(("顾客编号", "Customer number"), max_length=40)
    name = Text(("姓名", "Name"), max_length=80, required=True, secrecy="personal")
    phone = _phone()


class Customer(Form):
    """A customer as he or she stands."""

    id = Id(("序号", "Id"), required=True)
    number = Text(("顾客编号", "Customer number"), max_length=40, required=True)
    name = Text(("姓名", "Name"), max_length=80, required=True, secrecy="personal")
    phone = Text(("电话", "Phone"), max_length=20, secrecy="personal")  # may be masked
    first_paid_on = fields.Date(
        metadata={"label": ("首次消费日", "First paid on")}, allow_none=True
    )
