"""Ranks, quartiles and ratios of many stores give the specification's answers (C13)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.franchise.rules import benchmark
from tests import golden

values = st.integers(-(10**12), 10**12)


def test_a_ratio_of_many_stores_is_the_ratio_of_their_sums() -> None:
    case = golden.example("G-AGG-1")
    parts = [(int(store["revenue"]), store["visits"]) for store in case["input"]]

    found = benchmark.ratio_of_sums(parts)

    assert found == Decimal(case["expected"]["spend_per_customer"])
    assert found != Decimal(case["expected"]["wrong_mean_of_ratios"])


def test_the_worked_quartiles() -> None:
    case = golden.example("G-BENCH-1")
    expected = case["expected"]

    found = benchmark.quartiles(case["input"]["values"])

    assert found is not None
    assert expected["hidden"] is False
    assert (found.q1, found.median, found.q3) == (
        Decimal(expected["q1"]),
        Decimal(expected["median"]),
        Decimal(expected["q3"]),
    )
    assert benchmark.own_quartile(case["input"]["own"], found) == expected["own_quartile"]


@pytest.mark.parametrize(
    ("own", "quartile"), [(100, 1), (120, 1), (121, 2), (140, 2), (160, 3), (161, 4), (180, 4)]
)
def test_a_limit_belongs_to_the_lower_quarter(own: int, quartile: int) -> None:
    among = benchmark.quartiles([180, 100, 140, 120, 160])

    assert among is not None
    assert benchmark.own_quartile(own, among) == quartile


def test_quartiles_of_fewer_than_five_stay_hidden() -> None:
    assert benchmark.quartiles([1, 2, 3, 4]) is None
    assert benchmark.quartiles([1, 2, 3, 4, 5]) is not None


def test_positions_between_two_stores_are_interpolated() -> None:
    among = benchmark.quartiles([0, 10, 20, 30, 40, 50])

    assert among == benchmark.Quartiles(Decimal("12.5"), Decimal(25), Decimal("37.5"))


def test_tied_stores_share_a_rank_and_the_next_one_skips() -> None:
    found = benchmark.ranks({"a": 920000, "b": 850000, "c": 920000, "d": 670000})

    assert found == {"a": 1, "c": 1, "b": 3, "d": 4}


@given(st.lists(values, min_size=5, max_size=60))
def test_quartiles_are_ordered_and_lie_inside(drawn: list[int]) -> None:
    among = benchmark.quartiles(drawn)

    assert among is not None
    assert min(drawn) <= among.q1 <= among.median <= among.q3 <= max(drawn)
    assert benchmark.own_quartile(min(drawn), among) == 1


@given(st.dictionaries(st.text(max_size=3), values, max_size=30))
def test_a_rank_is_one_more_than_the_number_of_better_stores(drawn: dict[str, int]) -> None:
    for name, rank in benchmark.ranks(drawn).items():
        assert rank == 1 + sum(1 for value in drawn.values() if value > drawn[name])


@given(
    st.dictionaries(st.sampled_from("abcdef"), values),
    st.dictionaries(st.sampled_from("abcdef"), values),
)
def test_growth_compares_only_stores_of_both_months(
    now: dict[str, int], before: dict[str, int]
) -> None:
    found = benchmark.like_for_like(now, before)

    both = set(now) & set(before)
    assert found.stores == len(both)
    assert found.now == sum(now[name] for name in both)
    assert found.before == sum(before[name] for name in both)


def test_coverage_is_said_in_the_words_of_the_form() -> None:
    assert benchmark.coverage_text(counted=11, expected=12) == "含 11/12 家"
