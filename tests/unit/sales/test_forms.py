"""What the forms of the till accept, and every mistake they name."""

from typing import Any
from uuid import uuid4

import pytest
from marshmallow import Schema, ValidationError

from shared.domain.sales.forms import cash
from shared.domain.sales.forms import receipts as forms
from shared.domain.sales.rules.kinds import Tender
from shared.domain.sales.rules.slips import NewSale
from shared.forms.problems import problems_of


def _sale(**changed: Any) -> dict[str, Any]:
    return {
        "key": str(uuid4()),
        "customer_id": None,
        "lines": [{"item_id": 1, "quantity": 2, "amount_fen": 500}],
        "tenders": [{"tender": "CASH", "amount_fen": 500}],
        **changed,
    }


def _mistakes(form: Schema, data: Any) -> set[tuple[str, str]]:
    with pytest.raises(ValidationError) as refused:
        form.load(data)
    return {(found.field, found.code) for found in problems_of(refused.value)}


def test_a_sale_loads_as_the_value_the_verb_takes() -> None:
    loaded = forms.NewSale().load(_sale())

    assert isinstance(loaded, NewSale)
    assert loaded.tenders[0].tender is Tender.CASH


def test_every_mistake_of_a_sale_is_named_at_once() -> None:
    wrong_line = {"item_id": "1", "quantity": 0, "amount_fen": True, "kind": "GIFT", "price": 1}

    found = _mistakes(
        forms.NewSale(), _sale(key="x", lines=[wrong_line, {}], tenders=[], total=500)
    )

    assert found == {
        ("key", "TYPE"),
        ("lines.0.item_id", "TYPE"),
        ("lines.0.quantity", "RANGE"),
        ("lines.0.amount_fen", "TYPE"),
        ("lines.0.kind", "ENUM"),
        ("lines.0.price", "UNKNOWN_FIELD"),
        ("lines.1.item_id", "REQUIRED"),
        ("lines.1.quantity", "REQUIRED"),
        ("lines.1.amount_fen", "REQUIRED"),
        ("tenders", "RANGE"),
        ("total", "UNKNOWN_FIELD"),
    }


@pytest.mark.parametrize("body", [None, 5, [], "x"])
def test_a_body_that_is_no_form_is_one_mistake(body: Any) -> None:
    assert _mistakes(forms.NewSale(), body) == {("", "TYPE")}


def test_a_refund_needs_a_reason() -> None:
    data = {
        "key": str(uuid4()),
        "lines": [{"line_id": 1, "quantity": 0, "amount_fen": 5}],
        "tenders": [{"tender": "CASH", "amount_fen": 5}],
        "reason": "  ",
    }

    assert _mistakes(forms.NewRefund(), data) == {("reason", "REQUIRED")}
    value = forms.refund_value(7, forms.NewRefund().load({**data, "reason": "过敏"}))
    assert (value.sale_id, value.reason) == (7, "过敏")


def test_every_field_says_its_name_in_both_languages() -> None:
    for form in (forms.NewSale, forms.NewRefund, forms.Sale, cash.NewPayment, cash.CashClosing):
        for name, field in form().fields.items():
            label = field.metadata.get("label")
            assert isinstance(label, tuple), f"{form.__name__}.{name}"
            assert all(label), f"{form.__name__}.{name}"
