"""Names and telephone numbers of people who do not exist."""

from random import Random

from deploy.demo.shapes import Habits

_SURNAMES = (
    "王王王王李李李李张张张张刘刘刘陈陈陈杨杨黄黄赵赵吴吴周周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹"
    "曾彭肖蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛"
)
_WOMEN_FIRST = "雅思梦雨诗欣美静慧晓淑丽佳艺婉若紫语清海秀玉春小文丹"
_WOMEN_LAST = "婷涵琪怡萱琳洁雯敏娜莹颖霞燕玲芳娟妍蕾倩薇瑶璐莉蓉芬云梅"
_WOMEN_ONE = "敏静丽艳娟霞婷雪琳颖莉倩洁薇蕾芳玲璐欣萍"
_MEN = ("伟", "强", "磊", "浩然", "俊杰", "志远", "建国", "子轩", "明", "鹏飞")
_PREFIXES = ("135", "136", "137", "138", "139", "150", "151", "158", "159", "176", "186", "189")


def full_name(rng: Random) -> str:
    """Give a guest's name; about one in twelve is a man."""
    surname = rng.choice(_SURNAMES)
    if rng.random() < 0.08:
        return surname + rng.choice(_MEN)
    if rng.random() < 0.25:
        return surname + rng.choice(_WOMEN_ONE)
    return surname + rng.choice(_WOMEN_FIRST) + rng.choice(_WOMEN_LAST)


def phone(rng: Random, habits: Habits) -> str:
    """Give a telephone number of the country's shape."""
    if habits == "overseas":
        return f"+1 626 555 {rng.randrange(10_000):04d}"
    return f"{rng.choice(_PREFIXES)}{rng.randrange(100_000_000):08d}"
