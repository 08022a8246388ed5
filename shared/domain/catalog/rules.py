"""What an item is: its category, and whether it may be sold on a day."""

from datetime import date
from enum import StrEnum

MAX_PRICE_FEN = 100_000_000_00  # one hundred million yuan: more is a slip of the finger


class Category(StrEnum):
    """The columns of the monthly detail: four kinds of treatment, and products beside them."""

    FACIAL = "FACIAL"
    BODY = "BODY"
    SLIMMING = "SLIMMING"
    OTHER = "OTHER"
    PRODUCT = "PRODUCT"


# code -> (中文, English), in the order the forms print them
LABELS: dict[Category, tuple[str, str]] = {
    Category.FACIAL: ("面部", "Facial"),
    Category.BODY: ("身体", "Body"),
    Category.SLIMMING: ("减肥", "Slimming"),
    Category.OTHER: ("其他", "Other"),
    Category.PRODUCT: ("产品", "Product"),
}


def is_on_sale(*, sale_from: date, sale_to: date | None, day: date) -> bool:
    """Tell whether an item is on sale on a day.

    Units: both ends are included; without an end it stays on sale.
    """
    return sale_from <= day and (sale_to is None or day <= sale_to)
