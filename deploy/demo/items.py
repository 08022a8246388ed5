"""The chain's price list: treatments and products as a salon sells them."""

from datetime import date

from deploy.demo.shapes import DemoItem, StorePlan

# code, name, category, yuan, how often asked for
_LIST: tuple[tuple[str, str, str, int, int], ...] = (
    ("F01", "基础清洁护理", "FACIAL", 198, 13),
    ("F02", "深层补水护理", "FACIAL", 298, 20),
    ("F03", "美白淡斑护理", "FACIAL", 398, 12),
    ("F04", "紧致抗衰护理", "FACIAL", 598, 8),
    ("F05", "敏感肌修护", "FACIAL", 368, 8),
    ("F06", "小气泡清洁", "FACIAL", 168, 12),
    ("F07", "眼部护理", "FACIAL", 228, 6),
    ("F08", "射频紧肤", "FACIAL", 888, 2),
    ("B01", "全身精油SPA", "BODY", 468, 9),
    ("B02", "肩颈舒缓", "BODY", 238, 14),
    ("B03", "背部净排护理", "BODY", 328, 8),
    ("B04", "手足护理", "BODY", 158, 5),
    ("B05", "草本蒸浴", "BODY", 198, 3),
    ("S01", "腰腹塑形", "SLIMMING", 498, 6),
    ("S02", "淋巴排毒", "SLIMMING", 398, 5),
    ("S03", "腿部塑形", "SLIMMING", 458, 4),
    ("S04", "冷冻塑形", "SLIMMING", 688, 2),
    ("O01", "修眉", "OTHER", 58, 5),
    ("O02", "睫毛嫁接", "OTHER", 268, 4),
    ("O03", "腋下脱毛", "OTHER", 188, 3),
    ("O99", "新客体验护理", "OTHER", 99, 0),
    ("P01", "补水面膜（盒）", "PRODUCT", 168, 10),
    ("P02", "修护精华", "PRODUCT", 458, 5),
    ("P03", "防晒乳", "PRODUCT", 198, 6),
    ("P04", "氨基酸洁面乳", "PRODUCT", 128, 8),
    ("P05", "紧致眼霜", "PRODUCT", 368, 4),
    ("P06", "身体乳", "PRODUCT", 138, 5),
    ("P07", "家居精油套装", "PRODUCT", 298, 3),
    ("P08", "节日礼盒", "PRODUCT", 698, 2),
)
# What a piece costs the store: products used up, hand work, or the product itself.
_COST_SHARE = {"FACIAL": 0.22, "BODY": 0.24, "SLIMMING": 0.20, "OTHER": 0.30, "PRODUCT": 0.48}
TRIAL_CODE = "O99"
GIFT_CODE = "P08"
_LAUNCHED, _WITHDRAWN = "S04", "B05"


def price_list(plan: StorePlan, *, launched_on: date, withdrawn_on: date) -> tuple[DemoItem, ...]:
    """Give a store's price list; one item came during the story, one went."""
    return tuple(
        DemoItem(
            code=code,
            name=name,
            category=category,
            price_fen=_shown_price(yuan * plan.price_level) * 100,
            cost_fen=round(yuan * _COST_SHARE[category]) * 100,
            weight=weight,
            on_sale_from=launched_on if code == _LAUNCHED else None,
            on_sale_to=withdrawn_on if code == _WITHDRAWN else None,
        )
        for code, name, category, yuan, weight in _LIST
    )


def _shown_price(yuan: float) -> int:
    if yuan < 100:
        return round(yuan)
    return round((yuan + 2) / 10) * 10 - 2  # 298, 328, 468: prices end in an 8
