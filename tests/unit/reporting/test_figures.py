"""Ratios are exact until they are rounded once; differences add up."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.reporting.rules import figures

amounts = st.integers(-(10**15), 10**15)
some_figures = st.dictionaries(
    st.tuples(st.sampled_from(["turnover", "visits"]), st.sampled_from(["", "BODY"])), amounts
)


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        (1, 3, "0.3333"),
        (2, 3, "0.6667"),
        (1, 20000, "0.0001"),  # exactly half: up
        (-1, 20000, "-0.0001"),  # away from zero on both sides
        (1, 20001, "0.0000"),
        (10**12 + 1, 10**12, "1.0000"),
    ],
)
def test_a_ratio_is_rounded_half_up_to_four_decimals(
    numerator: int, denominator: int, expected: str
) -> None:
    assert str(figures.ratio(numerator, denominator)) == expected


def test_without_a_base_there_is_no_ratio() -> None:
    assert figures.ratio(5, 0) is None
    assert figures.growth(5, 0) is None
    assert figures.growth(5, None) is None
    assert figures.mean_fen(500, 0) is None


def test_an_average_is_rounded_to_the_fen() -> None:
    assert figures.mean_fen(100_00, 3) == 33_33
    assert figures.mean_fen(5, 2) == 3


@given(amounts, st.integers(1, 10**12))
def test_a_ratio_lies_within_half_a_ten_thousandth(numerator: int, denominator: int) -> None:
    found = figures.ratio(numerator, denominator)

    assert found is not None
    assert abs(Fraction(found) - Fraction(numerator, denominator)) <= Fraction(1, 20000)
    assert found.as_tuple().exponent == -4


@given(some_figures, some_figures)
def test_old_and_delta_make_new(
    old: dict[tuple[str, str], int], new: dict[tuple[str, str], int]
) -> None:
    moved = {(d.indicator, d.part): d.delta for d in figures.differences(old, new)}

    for key in {*old, *new}:
        assert old.get(key, 0) + moved.get(key, 0) == new.get(key, 0)
    assert 0 not in moved.values()
