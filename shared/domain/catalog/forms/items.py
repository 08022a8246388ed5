"""The forms of the catalog: an item as it is entered and as it is shown."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from shared import money
from shared.domain.catalog.rules import LABELS
from shared.domain.customers.rules.choices import CONTRAINDICATIONS, Contraindication
from shared.forms.fields import Choice, Day, Fen, Form, Id, Text, Whole
from shared.forms.kinds import Choices

_NOT_FOR = {code: said for code, said in CONTRAINDICATIONS.items() if code != Contraindication.NONE}


class NewItem(Form):
    """A treatment or product to put on sale."""

    code = Text(("项目编号", "Item code"), max_length=40, required=True)
    name = Text(("名称", "Name"), max_length=120, required=True)
    category = Choice(("类别", "Category"), LABELS, required=True)
    price_fen = Fen(("价格", "Price"), maximum=money.MAX_FEN, required=True)
    cost_fen = Fen(("直接成本", "Direct cost"), maximum=money.MAX_FEN, load_default=0)
    on_sale_from = Day(("上架日期", "On sale from"), required=True)
    on_sale_to = Day(("下架日期", "On sale to"))
    duration_minutes = Whole(
        ("时长", "Duration"), minimum=5, maximum=360, unit="minute", load_default=60
    )
    device_kind = Text(("所需仪器", "Needed device"), max_length=40)
    contraindications = Choices(("护理禁忌", "Not for guests with"), _NOT_FOR)

    @validates_schema
    def _in_order(self, data: dict[str, Any], **_: Any) -> None:
        last = data.get("on_sale_to")
        if last is not None and last < data["on_sale_from"]:
            raise ValidationError("DATE_ORDER", "on_sale_to")


class Item(NewItem):
    """An item as it stands."""

    id = Id(("序号", "Id"), required=True)
    version = Whole(("版本", "Version"), minimum=1, maximum=2**31 - 1, required=True)
    created_at = fields.AwareDateTime(metadata={"label": ("建立时间", "Created at")})
