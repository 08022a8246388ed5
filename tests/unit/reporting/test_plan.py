"""The productivity plan's arithmetic: P01-P14, variances, splits that add up."""

from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.reporting.rules import plan as rules
from shared.domain.reporting.rules import splits
from shared.domain.reporting.rules.plan import Number, Unit
from shared.forms.texts import decimal_text
from tests.golden import example

totals = st.integers(0, 10**13)
weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=40)
JAN, FEB = date(2026, 1, 1), date(2026, 2, 1)


def _numbers(given_: dict[str, object]) -> dict[str, int]:
    scales = {name: rules.SCALES[rules.NUMBERS[name][2]] for name in Number}
    return {name: int(Fraction(str(given_[name])) * scales[name]) for name in Number}


def _lines(given_: dict[str, object]) -> dict[str, str | None]:
    found = rules.productivity(_numbers(given_), months=int(str(given_["M"])))
    return {
        code: None
        if value is None
        else decimal_text(value, places=2 if rules.LINES[code][2] is Unit.YUAN else 4)
        for code, value in found.items()
    }


def test_the_plan_gives_the_specifications_answers() -> None:
    block = example("G-PROD-1")

    for column in ("prior", "plan", "actual"):
        assert _lines(block["input"][column]) == block["expected"][column]


def test_variances_give_the_specifications_answers() -> None:
    block = example("G-PROD-1")
    plan, actual = (
        rules.shown_values(_numbers(block["input"][column])) for column in ("plan", "actual")
    )
    wanted = block["expected"]["variance"]
    for name in ("R", "V", "E"):
        found = rules.variance(
            actual[name], plan[name], more_is_worse=rules.NUMBERS[Number(name)][3]
        )
        assert found.delta == Fraction(str(wanted[name]))
        assert found.rate is not None
        assert decimal_text(found.rate, places=4) == wanted[f"{name}_rate"]
        assert found.is_good is (name == "E")  # less revenue and visits is bad, less expense good


def test_a_zero_divisor_empties_only_its_own_lines() -> None:
    block = example("G-PROD-2")
    assert _lines(block["input"]) == block["expected"]


def test_a_split_gives_the_specifications_answers() -> None:
    block = example("G-SPLIT-1")
    total = int(Fraction(block["input"]["total"]) * 100)
    parts = splits.split(total, block["input"]["weights"])
    assert [decimal_text(Fraction(part, 100), places=2) for part in parts] == block["expected"][
        "parts"
    ]


@given(total=totals, by=weights)
def test_parts_add_up_and_none_is_a_unit_off(total: int, by: list[int]) -> None:
    parts = splits.split(total, by)

    assert sum(parts) == total
    whole = sum(by) or len(by)
    for part, weight in zip(parts, by if any(by) else [1] * len(by), strict=True):
        assert abs(part - Fraction(total * weight, whole)) < 1


@given(total=totals, by=weights)
def test_a_larger_weight_never_gets_less(total: int, by: list[int]) -> None:
    parts = splits.split(total, by)
    ordered = sorted(zip(by, parts, strict=True))
    assert all(a[1] <= b[1] for a, b in zip(ordered, ordered[1:], strict=False) if a[0] < b[0])


@given(total=totals, cells=st.lists(st.none() | st.integers(0, 10**10), min_size=1, max_size=30))
def test_what_is_spread_adds_up_and_typed_cells_stay_where_they_can(
    total: int, cells: list[int | None]
) -> None:
    made = splits.spread(total, cells)

    assert sum(made) == total
    typed = [cell for cell in cells if cell is not None]
    if len(typed) < len(cells) and sum(typed) <= total:
        assert [m for m, c in zip(made, cells, strict=True) if c is not None] == typed


def test_no_cells_take_nothing() -> None:
    assert splits.split(5, []) == []


@given(revenue=totals, other=totals)
def test_a_rescaled_split_still_adds_up(revenue: int, other: int) -> None:
    cells = {
        (month, kind, part): None
        for month in (JAN, FEB)
        for kind, part in (
            ("STORE", ""), ("CATEGORY", "FACIAL"), ("CATEGORY", "BODY"), ("CONSULTANT", "a"),
        )
    }  # fmt: skip

    first = splits.filled(cells, revenue_fen=revenue)
    moved = splits.rescaled(first, revenue_fen=other)

    assert splits.misfits(first, revenue_fen=revenue) == []
    assert splits.misfits(moved, revenue_fen=other) == []


def test_what_does_not_add_up_is_named() -> None:
    cells = {(JAN, "STORE", ""): 10, (FEB, "STORE", ""): 10, (JAN, "CATEGORY", "BODY"): 9}
    assert splits.misfits(cells, revenue_fen=21) == [(None, "STORE"), (JAN, "CATEGORY")]


def test_only_a_month_more_than_a_tenth_below_its_plan_needs_a_solution() -> None:
    assert rules.needs_solution(actual_fen=89_999, plan_fen=100_000)
    assert not rules.needs_solution(actual_fen=90_000, plan_fen=100_000)
    assert not rules.needs_solution(actual_fen=0, plan_fen=0)


def test_part_of_a_year_takes_its_part_of_what_flows() -> None:
    plan = {"R": 1200, "W": 600, "E": 900, "I": 12, "H": 100, "V": 24, "N": 300, "K": 5000}
    part = rules.pro_rata(plan, months=3, revenue_fen=400)
    assert {name: int(part[name]) for name in part} == {
        "R": 400, "W": 150, "E": 225, "I": 3, "H": 100, "V": 6, "N": 75, "K": 5000,
    }  # fmt: skip
