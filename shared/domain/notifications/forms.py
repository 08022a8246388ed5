"""The forms of the notifications: the inbox, the send log, channels, texts, quiet hours.

Form: specification 11.
"""

from enum import StrEnum

from marshmallow import fields, validate

from shared.domain.notifications.rules import catalogue
from shared.domain.notifications.rules.catalogue import Channel
from shared.domain.notifications.rules.endpoints import KIND_LABELS
from shared.forms.fields import Choice, Form, Id, Key, Text, Whole, declared
from shared.forms.kinds import Flag
from shared.forms.problems import said

_PHONE = said("TYPE", "电话号码格式不正确", "not a phone number")
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


class Switch(Form):
    """Whether an endpoint is on."""

    is_on = Flag(("启用", "On"), required=True)


class Endpoint(EndpointChange):
    """An endpoint as it stands; of its key the last characters, of its secret nothing."""

    id = Key(("编号", "Id"))
    kind = Choice(("类型", "Kind"), KIND_LABELS)
    url = Text(("地址", "Address"), max_length=400)
    hint = Text(("密钥末位", "End of the key"), max_length=8)
    is_on = Flag(("启用", "On"))
    failures = Whole(("连续失败", "Failures in a row"), minimum=0, maximum=2**31 - 1)
    last_error = Text(("最近错误", "Last error"), max_length=40)
    version = Whole(("版本", "Version"), minimum=1, maximum=2**31 - 1)


class MadeEndpoint(Endpoint):
    """An endpoint just made; the secret that its receiver checks is told this one time."""

    signing_secret = fields.String(required=True, allow_none=True)


class MadeSecret(Form):
    """A new signing secret, told this one time."""

    signing_secret = fields.String(required=True)


class QuietHours(Form):
    """When staff is not disturbed."""

    begins = fields.Time(format="%H:%M", **declared(("开始", "From"), {"required": True}))
    ends = fields.Time(format="%H:%M", **declared(("结束", "Until"), {"required": True}))


class StorePhone(Form):
    """The number that guests call: a mobile, a landline or a service number, as it is printed."""

    number = Text(
        ("门店电话", "The store's phone"), max_length=20,
        validate=validate.Regexp(r"^\+?[0-9][0-9 ()\-]{4,18}$", error=_PHONE),
    )  # fmt: skip


class NewWording(Form):
    """The next version of a text."""

    zh = Text(("中文", "Chinese"), max_length=500, required=True)
    en = Text(("英文", "English"), max_length=500, required=True)
    seen = Whole(("版本", "Version"), required=True, minimum=0, maximum=2**31 - 1)


class WordingChange(Form):
    """What the next version of a text says."""

    zh = Text(("中文", "Chinese"), max_length=500, required=True)
    en = Text(("英文", "English"), max_length=500, required=True)


class WordingShown(Form):
    """An event's text that counts now; version 0 is the default."""

    event = fields.String(required=True)
    audience = fields.String(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)
    version = Whole(("版本", "Version"), required=True, minimum=0, maximum=2**31 - 1)
    is_default = Flag(("默认文本", "The default"), required=True)
    placeholders = fields.List(fields.String(), required=True)
