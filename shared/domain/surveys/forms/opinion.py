"""The guest's opinion.

Form: F09 客户意见表, all columns.
"""

from shared.domain.surveys.rules import (
    ASPECT,
    NEGATIVE,
    OVERALL,
    SUGGESTION_STATES,
    WAYS,
)
from shared.forms.conditions import Every, OneOf, Present, Unless
from shared.forms.fields import Choice, Day, Label, Text
from shared.forms.kinds import Flag, Phone, Reference
from shared.forms.record import Record, Sheet

_CALL_BACK = Every((OneOf("want_contact", (True,)), Unless(Present("customer"))))


def _aspect(label: Label) -> Choice:
    return Choice(label, ASPECT, section="aspects", width=3)


def _words(label: Label, **options: object) -> Text:
    return Text(
        label, max_length=500, multiline=True, secrecy="free", section="words", width=12, **options
    )


# What a guest fills in; the store adds who it was, when, and what became of a suggestion.
GUEST_FIELDS = (
    "overall", "environment", "reception", "technique", "effect", "product", "price", "hygiene",
    "waiting", "needs", "likes", "dislikes", "reason", "suggestion", "anonymous", "want_contact",
    "contact_phone",
)  # fmt: skip


class Opinion(Record):
    """What a guest liked, disliked and needs."""

    sheet = Sheet(
        code="F09",
        name=("客户意见表", "Customer opinion form"),
        path="opinions",
        resource="F09",
        sections={
            "overall": ("总体评价", "Overall"),
            "aspects": ("各方面评价", "In detail"),
            "words": ("您的意见", "In your words"),
            "guest": ("顾客", "Guest"),
            "handling": ("处理", "Handling"),
        },
        columns=(
            "number",
            "business_date",
            "overall",
            "way",
            "customer",
            "reason",
            "suggestion_state",
        ),
        filters=(
            "business_date",
            "overall",
            "way",
            "customer",
            "want_contact",
            "suggestion_state",
            "state",
        ),
        sorts=("-id", "-business_date", "business_date", "number"),
        amendable=("suggestion_state",),  # a guest's words stay as they are
        short=("客户意见", "Opinions"),
        searched=("number", "needs", "likes", "dislikes", "reason", "suggestion"),
    )

    overall = Choice(
        ("总体满意度", "Overall satisfaction"), OVERALL, required=True, section="overall", width=12
    )

    environment = _aspect(("环境", "Environment"))
    reception = _aspect(("接待", "Reception"))
    technique = _aspect(("技术", "Technique"))
    effect = _aspect(("效果", "Effect"))
    product = _aspect(("产品", "Products"))
    price = _aspect(("价格", "Price"))
    hygiene = _aspect(("卫生", "Hygiene"))
    waiting = _aspect(("等候", "Waiting"))

    needs = _words(("您的需求", "What you need"))
    likes = _words(("欣赏之处", "What you like"))
    dislikes = _words(("反感之处", "What you dislike"))
    reason = _words(
        ("不满意原因", "Why you are not satisfied"), required_if=OneOf("overall", NEGATIVE)
    )
    suggestion = _words(("意见或建议", "Suggestions"))

    anonymous = Flag(("匿名", "Anonymous"), section="guest", width=3)
    customer = Reference(("顾客", "Customer"), to="customers", section="guest", width=3)
    visit_on = Day(("到店日期", "Day of the visit"), section="guest", width=3)
    want_contact = Flag(("希望联系", "Please contact me"), section="guest", width=3)
    contact_phone = Phone(("联系电话", "Phone"), required_if=_CALL_BACK, section="guest", width=3)

    way = Choice(("填写方式", "Filled in by"), WAYS, dump_only=True, section="handling", width=3)
    suggestion_state = Choice(
        ("建议处理", "Suggestion"), SUGGESTION_STATES, section="handling", width=3
    )
