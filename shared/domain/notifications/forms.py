"""The forms of the notifications: the inbox, the send log, channels, texts, quiet hours.

Form: specification 11.
"""

from enum import StrEnum

from marshmallow import fields, validate

from shared.domain.notifications.rules import catalogue
from shared.domain.notifications.rules.catalogue import Channel
from shared.domain.notifications.rules.endpoints import KIND_LABELS
from shared.forms.fields import Choice, Form, Id, Text, Whole

TOPICS = tuple(dict.fromkeys(name.partition(".")[0] for name in catalogue.events()))


class Tongue(StrEnum):
    """The language of a chat group."""

    ZH = "zh"
    EN = "en"


TONGUE_LABELS: dict[Tongue, tuple[str, str]] = {
    Tongue.ZH: ("中文", "中文"),
    Tongue.EN: ("English", "English"),
}


class Notice(Form):
    """One notice in the inbox, in both languages."""

    id = Id(("序号", "Id"), required=True)
    event = fields.String(required=True)
    text_zh = fields.String(required=True)
    text_en = fields.String(required=True)
    count = Whole(("条数", "How many"), required=True, minimum=1, maximum=2**31 - 1)
    due_at = fields.AwareDateTime(required=True)
    read_at = fields.AwareDateTime(required=True, allow_none=True)


class Unread(Form):
    """How much waits to be read; 100 stands for more."""

    unread = Whole(("未读", "Unread"), required=True, minimum=0, maximum=100)


class Sent(Form):
    """One message of the send log."""

    id = Id(("序号", "Id"), required=True)
    event = fields.String(required=True)
    channel = fields.String(required=True)
    recipient = fields.String(required=True)
    state = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    count = Whole(("条数", "How many"), required=True, minimum=1, maximum=2**31 - 1)
    attempts = Whole(("次数", "Tries"), required=True, minimum=0, maximum=2**31 - 1)
    created_at = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(required=True)
    delivered_at = fields.AwareDateTime(required=True, allow_none=True)


class OwnChannels(Form):
    """The channels by which a person wants to hear."""

    channels = fields.List(
        Choice(
            ("渠道", "Channel"),
            {
                code: catalogue.CHANNEL_LABELS[code]
                for code in (Channel.APP, Channel.MAIL, Channel.SMS, Channel.WX)
            },
        ),
        required=True,
        validate=validate.Length(max=4, error="LENGTH"),
    )


class EndpointChange(Form):
    """What may be changed of an endpoint: its name, its language, what it hears."""

    name = Text(("名称", "Name"), max_length=40, required=True)
    locale = Choice(("语言", "Language"), TONGUE_LABELS, load_default=Tongue.ZH)
    topics = fields.List(
        fields.String(validate=validate.OneOf(TOPICS, error="ENUM")),
        load_default=list,
        validate=validate.Length(max=len(TOPICS), error="LENGTH"),
    )


class NewEndpoint(EndpointChange):
    """An endpoint as a manager types it: a robot's key and secret, or an address."""

    kind = Choice(("类型", "Kind"), KIND_LABELS, required=True)
    url = Text(("地址", "Address"), max_length=400)
    key = Text(("机器人密钥", "Robot key"), max_length=100)
    secret = Text(("加签密钥", "Signing secret"), max_length=100)


class QuietHours(Form):
    """When staff is not disturbed."""

    begins = fields.Time(required=True, format="%H:%M")
    ends = fields.Time(required=True, format="%H:%M")


class NewWording(Form):
    """The next version of a text."""

    zh = Text(("中文", "Chinese"), max_length=500, required=True)
    en = Text(("英文", "English"), max_length=500, required=True)
    seen = Whole(("版本", "Version"), required=True, minimum=0, maximum=2**31 - 1)
