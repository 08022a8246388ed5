"""What a guest buys and how it is paid."""

from datetime import date
from random import Random

from deploy.demo import seasons
from deploy.demo.items import GIFT_CODE, TRIAL_CODE
from deploy.demo.shapes import DemoItem, DemoLine, Guest, StorePlan

_TENDERS = {
    "china": {"WECHAT": 61, "ALIPAY": 20, "BANKCARD": 8, "CASH": 10, "TRANSFER": 1},
    "overseas": {"BANKCARD": 58, "WECHAT": 16, "CASH": 22, "ALIPAY": 4},
}
_GIFT_MONTHS = (1, 2, 9, 12)


class Counter:
    """The till of one store: turns a visit into lines and a means of payment."""

    def __init__(self, plan: StorePlan, items: tuple[DemoItem, ...], rng: Random) -> None:
        """Keep the price list at hand."""
        self._plan = plan
        self._rng = rng
        self._treatments = [item for item in items if item.category != "PRODUCT" and item.weight]
        self._products = [item for item in items if item.category == "PRODUCT"]
        self._by_code = {item.code: item for item in items}

    def buy(self, guest: Guest, day: date) -> tuple[tuple[DemoLine, ...], str]:
        """Let a guest choose and pay."""
        is_first = guest.visits == 1
        bought = [self._treatment(guest, day, is_first=is_first)]
        if self._rng.random() < 0.17:
            second = self._choice(self._treatments, day)
            if second.code != bought[0].code:
                bought.append(second)
        discount = self._discount(guest, day)
        lines = [self._line(item, 1, discount) for item in bought]
        if self._rng.random() < (0.30 if seasons.is_campaign(day, self._plan) else 0.15):
            product = self._choice(self._products, day)
            lines.append(self._line(product, 2 if self._rng.random() < 0.12 else 1, discount))
        return tuple(lines), self._tender(is_first=is_first)

    def _treatment(self, guest: Guest, day: date, *, is_first: bool) -> DemoItem:
        if is_first and self._rng.random() < 0.45:
            return self._by_code[TRIAL_CODE]
        favourite = self._by_code[guest.favourite]
        if self._rng.random() < 0.58 and _is_sold(favourite, day):
            return favourite
        return self._choice(self._treatments, day)

    def _choice(self, items: list[DemoItem], day: date) -> DemoItem:
        sold = [item for item in items if _is_sold(item, day)]
        weights = [
            item.weight
            * seasons.category_factor(item.category, day.month)
            * (3 if item.code == GIFT_CODE and day.month in _GIFT_MONTHS else 1)
            for item in sold
        ]
        return self._rng.choices(sold, weights)[0]

    def _discount(self, guest: Guest, day: date) -> float:
        if seasons.is_campaign(day, self._plan):
            return 0.80
        if guest.habit == "fortnightly":
            return 0.88
        return 0.95 if guest.habit == "monthly" and guest.visits > 6 else 1.0

    def _line(self, item: DemoItem, quantity: int, discount: float) -> DemoLine:
        is_reduced = item.code != TRIAL_CODE
        yuan = item.price_fen * quantity / 100 * (discount if is_reduced else 1)
        return DemoLine(item, quantity, round(yuan) * 100)

    def _tender(self, *, is_first: bool) -> str:
        if is_first and self._plan.habits == "china" and self._rng.random() < 0.4:
            return "VOUCHER"  # new guests come with a coupon of a platform
        shares = _TENDERS[self._plan.habits]
        return self._rng.choices(list(shares), list(shares.values()))[0]


def _is_sold(item: DemoItem, day: date) -> bool:
    return (item.on_sale_from or day) <= day <= (item.on_sale_to or day)
