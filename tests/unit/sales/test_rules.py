"""The arithmetic of receipts and of the drawer."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import money
from shared.domain.sales.rules import kinds, slips, tills
from shared.forms.texts import fen_of
from tests.golden import example

amounts = st.integers(0, money.MAX_FEN)


def _fen(yuan: object) -> int:
    return fen_of(str(yuan))


def test_the_daily_cash_report_gives_the_specifications_answers() -> None:
    block = example("G-CASH-1")
    given_, wanted = block["input"], block["expected"]

    figures = tills.cash_figures(
        tills.DrawerInput(
            opening_fen=_fen(given_["opening"]),
            receipts_fen={
                "CASH": _fen(given_["cash_receipts"]),
                **{tender: _fen(yuan) for tender, yuan in given_["other_tenders"].items()},
            },
            cash_payments_fen=_fen(given_["cash_payments"]),
            bank_deposit_fen=_fen(given_["bank_deposit"]),
            counted_fen=_fen(given_["counted"]),
            categories={
                item["c"]: tills.CategoryMoney(
                    revenue_fen=_fen(item["revenue"]), direct_cost_fen=_fen(item["direct_cost"])
                )
                for item in given_["items"]
            },
        )
    )

    assert figures.closing_fen == _fen(wanted["closing"])
    assert figures.variance_fen == _fen(wanted["variance"])
    assert figures.needs_manager_reason is wanted["needs_manager_reason"]
    assert figures.all_receipts_fen == _fen(wanted["all_receipts"])
    assert figures.fund_use_rate == Fraction(wanted["fund_use_rate"])
    assert figures.contribution == {c: Fraction(r) for c, r in wanted["contribution"].items()}
    assert figures.margin_rate == {c: Fraction(r) for c, r in wanted["margin_rate"].items()}


@given(opening=amounts, cash=st.integers(-money.MAX_FEN, money.MAX_FEN), paid=amounts, bank=amounts)
def test_what_was_there_and_came_in_is_what_went_out_and_is_left(
    opening: int, cash: int, paid: int, bank: int
) -> None:
    figures = tills.cash_figures(
        tills.DrawerInput(
            opening_fen=opening,
            receipts_fen={"CASH": cash, "WECHAT": 5},
            cash_payments_fen=paid,
            bank_deposit_fen=bank,
            counted_fen=None,
        )
    )

    assert opening + cash == paid + bank + figures.closing_fen
    assert figures.variance_fen is None
    assert figures.needs_manager_reason is False


@pytest.mark.parametrize(
    ("variance", "needs_reason", "tells"),
    [(0, False, False), (2000, False, False), (-2001, True, False), (20_001, True, True)],
)
def test_a_large_variance_needs_a_reason_and_a_larger_one_tells_headquarters(
    variance: int, needs_reason: bool, tells: bool
) -> None:
    drawer = tills.DrawerInput(
        opening_fen=100_000,
        receipts_fen={},
        cash_payments_fen=0,
        bank_deposit_fen=0,
        counted_fen=100_000 + variance,
    )

    figures = tills.cash_figures(drawer)

    assert (figures.needs_manager_reason, figures.tells_headquarters) == (needs_reason, tells)


def test_an_empty_drawer_has_no_ratios() -> None:
    figures = tills.cash_figures(
        tills.DrawerInput(
            opening_fen=0,
            receipts_fen={},
            cash_payments_fen=0,
            bank_deposit_fen=0,
            counted_fen=0,
            categories={"FACIAL": tills.CategoryMoney(revenue_fen=0, direct_cost_fen=0)},
        )
    )

    assert figures.fund_use_rate is None
    assert figures.contribution == figures.margin_rate == {"FACIAL": None}


@pytest.mark.parametrize(
    ("category", "asked", "kind"),
    [
        ("FACIAL", None, "SINGLE"),
        ("PRODUCT", None, "PRODUCT"),
        ("PRODUCT", kinds.LineKind.OTHER, "OTHER"),
        ("FACIAL", kinds.LineKind.SINGLE, "SINGLE"),
        ("FACIAL", kinds.LineKind.PRODUCT, None),
    ],
)
def test_a_lines_kind_follows_its_item(
    category: str, asked: kinds.LineKind | None, kind: str | None
) -> None:
    assert slips.line_kind(category=category, asked=asked) == kind


@given(st.lists(st.tuples(st.sampled_from(list(kinds.Tender)), amounts), max_size=20))
def test_merged_tenders_keep_the_sum(parts: list[tuple[kinds.Tender, int]]) -> None:
    paid = [slips.Paid(tender=tender, amount_fen=fen) for tender, fen in parts]

    merged = slips.merged_tenders(paid)

    assert slips.sums_agree(merged.values(), [fen for _, fen in parts])


def test_receipt_numbers_grow_beyond_four_digits() -> None:
    month = date(2025, 6, 1)

    assert slips.receipt_no(month, 7) == "S-202506-0007"
    assert slips.receipt_no(month, 10_000) == "S-202506-10000"
