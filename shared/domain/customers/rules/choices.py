"""What may be ticked on a profile: codes with Chinese and English labels, in the form's order.

Form: F04.
"""

import enum


class Gender(enum.StrEnum):
    """F04 gender."""

    F = "F"
    M = "M"
    X = "X"


GENDERS: dict[Gender, tuple[str, str]] = {
    Gender.F: ("女", "Female"),
    Gender.M: ("男", "Male"),
    Gender.X: ("不填", "Not said"),
}


class Source(enum.StrEnum):
    """F04: how a guest came to know the store."""

    REFERRAL = "REFERRAL"
    FLYER = "FLYER"
    MEDIA = "MEDIA"
    ONLINE = "ONLINE"
    PASSBY = "PASSBY"
    EVENT = "EVENT"
    OTHER = "OTHER"


SOURCES: dict[Source, tuple[str, str]] = {
    Source.REFERRAL: ("朋友介绍", "Friend"),
    Source.FLYER: ("传单", "Flyer"),
    Source.MEDIA: ("广告", "Advertisement"),
    Source.ONLINE: ("网络团购", "Online offer"),
    Source.PASSBY: ("路过", "Passing by"),
    Source.EVENT: ("活动", "Event"),
    Source.OTHER: ("其他", "Other"),
}


class IncomeBand(enum.StrEnum):
    """F04 income a month, in yuan."""

    TO_5K = "TO_5K"
    TO_10K = "TO_10K"
    TO_20K = "TO_20K"
    OVER_20K = "OVER_20K"


INCOME_BANDS: dict[IncomeBand, tuple[str, str]] = {
    IncomeBand.TO_5K: ("5000元以下", "below 5,000"),
    IncomeBand.TO_10K: ("5000-1万元", "5,000-10,000"),
    IncomeBand.TO_20K: ("1万-2万元", "10,000-20,000"),
    IncomeBand.OVER_20K: ("2万元以上", "over 20,000"),
}


class SkinType(enum.StrEnum):
    """F04 skin type."""

    DRY = "DRY"
    NEUTRAL = "NEUTRAL"
    OILY = "OILY"
    COMBINATION = "COMBINATION"
    SENSITIVE = "SENSITIVE"


SKIN_TYPES: dict[SkinType, tuple[str, str]] = {
    SkinType.DRY: ("干性", "Dry"),
    SkinType.NEUTRAL: ("中性", "Neutral"),
    SkinType.OILY: ("油性", "Oily"),
    SkinType.COMBINATION: ("混合性", "Combination"),
    SkinType.SENSITIVE: ("敏感性", "Sensitive"),
}


class SkinProblem(enum.StrEnum):
    """F04 skin problems."""

    PIMPLES = "PIMPLES"
    ACNE = "ACNE"
    PORES = "PORES"
    SPOTS = "SPOTS"
    WRINKLES = "WRINKLES"
    SAGGING = "SAGGING"
    DULL = "DULL"
    REDNESS = "REDNESS"
    DRYNESS = "DRYNESS"
    SCARS = "SCARS"


SKIN_PROBLEMS: dict[SkinProblem, tuple[str, str]] = {
    SkinProblem.PIMPLES: ("粉刺", "Comedones"),
    SkinProblem.ACNE: ("暗疮", "Acne"),
    SkinProblem.PORES: ("毛孔粗大", "Large pores"),
    SkinProblem.SPOTS: ("色斑", "Spots"),
    SkinProblem.WRINKLES: ("皱纹", "Wrinkles"),
    SkinProblem.SAGGING: ("松弛", "Sagging"),
    SkinProblem.DULL: ("暗黄", "Dull"),
    SkinProblem.REDNESS: ("红血丝", "Redness"),
    SkinProblem.DRYNESS: ("干燥", "Dryness"),
    SkinProblem.SCARS: ("疤痕", "Scars"),
}


class Contraindication(enum.StrEnum):
    """F04 contraindications."""

    NONE = "NONE"
    PREGNANT = "PREGNANT"
    NURSING = "NURSING"
    HEART = "HEART"
    PACEMAKER = "PACEMAKER"
    HYPERTENSION = "HYPERTENSION"
    SKIN_DISEASE = "SKIN_DISEASE"
    METAL = "METAL"
    SURGERY_3M = "SURGERY_3M"
    OTHER = "OTHER"


CONTRAINDICATIONS: dict[Contraindication, tuple[str, str]] = {
    Contraindication.NONE: ("无", "None"),
    Contraindication.PREGNANT: ("孕期", "Pregnant"),
    Contraindication.NURSING: ("哺乳期", "Nursing"),
    Contraindication.HEART: ("心脏病", "Heart disease"),
    Contraindication.PACEMAKER: ("起搏器", "Pacemaker"),
    Contraindication.HYPERTENSION: ("高血压", "High blood pressure"),
    Contraindication.SKIN_DISEASE: ("皮肤病", "Skin disease"),
    Contraindication.METAL: ("体内金属", "Metal in the body"),
    Contraindication.SURGERY_3M: ("三个月内手术或医美", "Surgery within 3 months"),
    Contraindication.OTHER: ("其他", "Other"),
}


class Channel(enum.StrEnum):
    """How a guest likes to be reached."""

    PHONE = "PHONE"
    SMS = "SMS"
    WECHAT = "WECHAT"
    EMAIL = "EMAIL"


CHANNELS: dict[Channel, tuple[str, str]] = {
    Channel.PHONE: ("电话", "Phone"),
    Channel.SMS: ("短信", "Text message"),
    Channel.WECHAT: ("微信", "WeChat"),
    Channel.EMAIL: ("邮件", "E-mail"),
}
