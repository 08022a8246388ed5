"""What the demo's guests say and what is written about them."""

from datetime import date
from random import Random
from typing import Any

SOURCES = ("FLYER", "MEDIA", "ONLINE", "PASSBY", "EVENT", "OTHER")
SKINS = ("DRY", "NEUTRAL", "OILY", "COMBINATION", "SENSITIVE")
OCCUPATIONS = ("教师", "会计", "护士", "设计师", "销售", "公务员", "自由职业", "全职妈妈", "工程师")
AREAS = ("望京", "三里屯", "国贸", "亚运村", "双井", "酒仙桥", "团结湖", "劲松")
WISHES = (
    "想改善毛孔粗大,下个月有婚礼", "怕痛,手法要轻", "只做补水,不想被推销", "希望固定周三晚上",
    "产后修复,慢慢来", "关注抗初老,看重成分",
)  # fmt: skip
CHARACTERS = ("爽快,决定快", "话不多,喜欢安静", "细致,会比较价格", "热情,常介绍朋友")
HOBBIES = ("瑜伽", "追剧、烘焙", "跑步", "摄影", "带孩子出游", "插花")
HISTORIES = ("去年做过水光针", "一直在家敷面膜", "曾对果酸过敏", "每周做一次基础护理")

REASONS = ("NEW", "BIRTHDAY", "TOPUP", "CAMPAIGN", "REFERRAL", "CAMPAIGN")
CAMPAIGNS = ("秋冬补水季", "双十一预热", "老客回馈周")
GENEROUS = {"field": "cost_fen", "code": "LIMIT", "reason": "老客答谢,店长已同意"}
FEEDBACKS = ("很滋润,想买正装", "有点油,夏天用不了", "味道喜欢", "", "", "")

LIKES = (
    "环境干净,床品有香味", "美容师手法很舒服,还帮我拍了前后对比", "前台记得我的名字", "准时,没有等",
    "讲解很专业,不强推",
)  # fmt: skip
DISLIKES = ("等了快半小时才上床", "中途有人进来拿东西", "推销办卡的话太多", "停车不方便")
NEEDS = ("希望有早上九点的档期", "想要敏感肌专用的产品", "能不能微信上预约", "想带妈妈一起来")
SUGGESTIONS = (
    "休息区放几本杂志", "护理完给一杯温水", "建议增加周日晚上的时段", "手机充电线不够",
    "会员生日可以多送一次护理", "更衣室的锁坏了,请修一下",
)  # fmt: skip
ASPECTS = (
    "environment", "reception", "technique", "effect", "product", "price", "hygiene", "waiting",
)  # fmt: skip
_OVERALL = (
    "VERY_SATISFIED", "SATISFIED", "VERY_SATISFIED", "SATISFIED", "NEUTRAL", "VERY_SATISFIED",
    "DISSATISFIED", "SATISFIED",
)  # fmt: skip
_BECAME = {2: "DONE", 5: "ADOPTED", 8: "DECLINED", 11: "ADOPTED"}


def profile(chance: Random, *, phone: str | None, day: date, number: int) -> dict[str, Any]:
    """Write a profile; every fourth guest keeps the health part to herself."""
    typed: dict[str, Any] = {
        "registered_on": f"{day}", "gender": "M" if number % 9 == 4 else "F",
        "birthday": f"{chance.randint(1968, 2003)}-{chance.randint(1, 12):02d}-"
        f"{chance.randint(1, 28):02d}",
        "phone": phone or f"139{chance.randrange(10**8):08d}",
        "source": chance.choice(SOURCES), "occupation": chance.choice(OCCUPATIONS),
        "address_area": chance.choice(AREAS), "personality": chance.choice(CHARACTERS),
        "interests": chance.choice(HOBBIES), "wishes": chance.choice(WISHES),
        "channel_pref": ["PHONE"] if number % 2 else ["WECHAT"], "consent_service": True,
        "consent_marketing": number % 2 == 0,
    }  # fmt: skip
    if number % 4 != 3:
        typed |= {
            "consent_sensitive": True, "skin_type": chance.choice(SKINS),
            "skin_problems": None, "allergies": "无" if number % 5 else "花粉、酒精",
            "contraindications": ["NONE"] if number % 7 else ["NURSING"],
            "care_history": chance.choice(HISTORIES),
        }  # fmt: skip
    return typed


def sample(chance: Random, *, number: int) -> dict[str, Any]:
    """Write what was handed out and why."""
    reason = REASONS[number % len(REASONS)]
    typed: dict[str, Any] = {
        "kind": "GIFT" if number % 3 else "SAMPLE", "qty": 1 + number % 2, "reason": reason,
        "feedback": chance.choice(FEEDBACKS) or None,
    }  # fmt: skip
    if reason == "CAMPAIGN":
        typed["campaign"] = chance.choice(CAMPAIGNS)
    return typed


def opinion(chance: Random, *, number: int) -> dict[str, Any]:
    """Write what a guest ticked and said."""
    overall = _OVERALL[number % len(_OVERALL)]
    around = ("VERY_SATISFIED", "SATISFIED", "SATISFIED", "NEUTRAL", "NA")
    typed: dict[str, Any] = {"overall": overall}
    typed |= {aspect: chance.choice(around) for aspect in ASPECTS if chance.random() < 0.7}
    if overall == "DISSATISFIED":
        typed["reason"] = chance.choice(DISLIKES)
    elif chance.random() < 0.7:
        typed["likes"] = chance.choice(LIKES)
    if chance.random() < 0.3:
        typed["needs"] = chance.choice(NEEDS)
    if number % 3 == 2:
        typed["suggestion"] = SUGGESTIONS[number % len(SUGGESTIONS)]
    if number % 10 == 7:
        typed["anonymous"] = True
    return typed


def became(number: int) -> str | None:
    """Say what became of a suggestion; most wait."""
    return _BECAME.get(number)
