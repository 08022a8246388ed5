"""The customer profile.

Form: F04 顾客档案登记, all columns.
"""

from shared.domain.customers.rules.choices import (
    CHANNELS,
    CONTRAINDICATIONS,
    GENDERS,
    INCOME_BANDS,
    SKIN_PROBLEMS,
    SKIN_TYPES,
    SOURCES,
    Source,
)
from shared.domain.customers.rules.grading import GRADES
from shared.forms.conditions import OneOf
from shared.forms.fields import Choice, Day, Fen, Label, Text, Whole
from shared.forms.kinds import (
    BirthDay,
    Choices,
    FaceChart,
    Flag,
    Hours,
    PersonName,
    Phone,
    Pictures,
    Reference,
    Signature,
    Staff,
)
from shared.forms.record import Record, Sheet

_WITH_CONSENT = OneOf("consent_sensitive", (True,))


def _about(label: Label, section: str, *, max_length: int = 200, health: bool = False) -> Text:
    return Text(
        label,
        max_length=max_length,
        multiline=True,
        section=section,
        secrecy="sensitive" if health else "free",
        width=6,
    )


class Profile(Record):
    """The master file of a guest.

    Units: `registered_on` is the store's day; money is fen.
    """

    sheet = Sheet(
        code="F04",
        name=("顾客档案登记", "Customer profile"),
        path="customer-profiles",
        short=("顾客档案", "Profiles"),
        resource="F04",
        guarded={"sensitive": "F04_health"},
        sections={
            "register": ("登记", "Registration"),
            "contact": ("联系资料", "Contact"),
            "person": ("个人情况", "About the guest"),
            "habits": ("性格与需求", "Character and wishes"),
            "skin": ("皮肤与健康", "Skin and health"),
            "care": ("服务安排", "Care"),
            "consents": ("授权同意", "Consents"),
            "account": ("账户", "Account"),
        },
        columns=(
            "number",
            "name",
            "phone",
            "gender",
            "grade",
            "last_visit",
            "consultant",
            "is_complete",
        ),
        filters=(
            "gender",
            "source",
            "skin_type",
            "consultant",
            "grade",
            "last_visit",
            "registered_on",
            "is_complete",
            "state",
        ),
        sorts=("-id", "number", "name"),
        searched=("name", "phone", "number", "wechat"),
    )

    registered_on = Day(("日期", "Date"), required=True, section="register", width=3)
    front_desk_no = Staff(("前台编号", "Registered by"), required=True, section="register", width=3)

    name = PersonName(("姓名", "Name"), required=True, section="contact", width=3)
    gender = Choice(("性别", "Gender"), GENDERS, required=True, section="contact", width=3)
    birthday = BirthDay(("生日", "Birthday"), section="contact", width=3)
    phone = Phone(("电话", "Phone"), required=True, section="contact", width=3)
    wechat = Text(("微信", "WeChat"), max_length=40, secrecy="personal", section="contact", width=3)
    email = Text(("邮箱", "E-mail"), max_length=120, secrecy="personal", section="contact", width=3)
    source = Choice(("顾客来源", "Source"), SOURCES, required=True, section="contact", width=3)
    referrer = Reference(
        ("介绍人", "Referred by"),
        to="customers",
        required_if=OneOf("source", (Source.REFERRAL,)),
        section="contact",
        width=3,
    )

    occupation = Text(
        ("职业", "Occupation"), max_length=40, secrecy="personal", section="person", width=3
    )
    education = Text(
        ("教育", "Education"), max_length=40, secrecy="personal", section="person", width=3
    )
    family = Text(("家庭", "Family"), max_length=80, secrecy="personal", section="person", width=3)
    income_band = Choice(
        ("收入", "Income"), INCOME_BANDS, secrecy="personal", section="person", width=3
    )
    address_area = Text(
        ("住址", "Area of residence"), max_length=120, secrecy="personal", section="person", width=6
    )

    personality = _about(("性格", "Character"), "habits")
    interests = _about(("爱好", "Interests"), "habits")
    buying_attitude = _about(("购买态度", "Attitude to buying"), "habits")
    wishes = _about(("需求", "Wishes"), "habits")

    skin_type = Choice(
        ("皮肤类型", "Skin type"), SKIN_TYPES, secrecy="sensitive", required_if=_WITH_CONSENT,
        section="skin", width=3,
    )  # fmt: skip
    skin_problems = Choices(
        ("皮肤问题", "Skin problems"), SKIN_PROBLEMS, secrecy="sensitive", section="skin", width=9
    )
    diagnosis_chart = FaceChart(
        ("颜面诊断图", "Facial chart"), secrecy="sensitive", section="skin", width=4
    )
    allergies = Text(
        ("过敏史", "Allergies"), max_length=200, multiline=True, secrecy="sensitive",
        required_if=_WITH_CONSENT, help=("没有请写“无”", "write “none” when there are none"),
        section="skin", width=8,
    )  # fmt: skip
    contraindications = Choices(
        ("护理禁忌", "Contraindications"), CONTRAINDICATIONS, secrecy="sensitive",
        required_if=_WITH_CONSENT, section="skin", width=12,
    )  # fmt: skip
    photos = Pictures(
        ("护理照片", "Photos"), most=8, secrecy="sensitive", section="skin", width=12,
        help=("护理前后对比;须有照片同意", "before and after; needs the consent to photos"),
    )  # fmt: skip
    care_history = _about(("护理史", "Care history"), "skin", max_length=300, health=True)
    home_care = _about(("家居护理", "Care at home"), "skin", max_length=300, health=True)

    consultant = Staff(("责任顾问", "Consultant"), required=True, section="care", width=3)
    preferred_staff = Staff(("指定美容师", "Preferred beautician"), section="care", width=3)
    channel_pref = Choices(
        ("联系方式偏好", "Preferred channels"), CHANNELS, section="care", width=6
    )
    no_call_times = Hours(
        ("免打扰时段", "No calls"),
        help=("默认 12:00-14:00、20:00-10:00", "usually 12:00-14:00 and 20:00-10:00"),
        section="care", width=6,
    )  # fmt: skip

    consent_service = Flag(
        ("个人信息同意", "Consent to service"), required=True, section="consents", width=3
    )
    consent_sensitive = Flag(
        ("敏感信息单独同意", "Separate consent to health data"), section="consents", width=3
    )
    consent_marketing = Flag(("营销同意", "Consent to marketing"), section="consents", width=3)
    consent_photo = Flag(("照片同意", "Consent to photos"), section="consents", width=3)
    guardian_name = PersonName(
        ("监护人", "Guardian"),
        help=("未满14周岁须监护人同意", "needed for guests under 14"), section="consents", width=3,
    )  # fmt: skip
    customer_sign = Signature(
        ("顾客签署", "Guest's signature"), required=True, section="consents", width=6
    )

    balance_fen = Fen(
        ("储值余额", "Stored value"), maximum=10**12, dump_only=True, section="account", width=3
    )
    sessions_left = Whole(
        ("剩余次数", "Sessions left"),
        minimum=0,
        maximum=10**6,
        dump_only=True,
        section="account",
        width=3,
    )
    grade = Choice(("等级", "Grade"), GRADES, dump_only=True, section="account", width=3)
    last_visit = Day(("最近到店", "Last visit"), dump_only=True, section="account", width=3)
    is_complete = Flag(("档案完整", "Complete"), dump_only=True, section="account", width=3)
