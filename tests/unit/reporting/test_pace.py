"""Where a running month will end."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.reporting.rules.pace import FEWEST_DAYS, pace

MONDAY = date(2025, 6, 2)


def weeks(count: int, *fen: int) -> dict[date, int]:
    """Give the same week time and again."""
    return {
        MONDAY + timedelta(days=7 * week + day): amount
        for week in range(count)
        for day, amount in enumerate(fen)
    }


def test_days_that_always_go_alike_leave_no_doubt() -> None:
    past = weeks(4, 100, 100, 100, 100, 300, 900, 900)
    to_come = [date(2025, 6, 30), date(2025, 7, 4), date(2025, 7, 5)]  # Monday, Friday, Saturday

    found = pace(5_000, past, to_come)

    assert found is not None
    assert (found.low_fen, found.likely_fen, found.high_fen) == (6_300, 6_300, 6_300)
    assert found.days_to_come == 3


def test_a_few_days_say_nothing() -> None:
    past = dict(list(weeks(2, *range(7)).items())[: FEWEST_DAYS - 1])
    assert pace(100, past, [MONDAY]) is None


def test_a_weekday_seldom_seen_is_judged_by_all_days() -> None:
    past = weeks(3, 100, 100, 100, 100, 100) | {date(2025, 6, 8): 9_900}  # one open Sunday

    found = pace(0, past, [date(2025, 6, 29)])

    assert found is not None
    assert found.likely_fen == round((15 * 100 + 9_900) / 16)
    assert found.low_fen == 0 < found.likely_fen < found.high_fen


@given(
    st.lists(st.integers(-10_000, 1_000_000), min_size=14, max_size=56),
    st.integers(0, 10**9),
    st.integers(0, 31),
)
def test_the_estimate_lies_in_its_range_and_nothing_is_lost(
    past: list[int], so_far: int, to_come: int
) -> None:
    days = {MONDAY + timedelta(days=n): fen for n, fen in enumerate(past)}
    coming = [MONDAY + timedelta(days=100 + n) for n in range(to_come)]

    found = pace(so_far, days, coming)

    assert found is not None
    assert found.low_fen >= so_far
    assert found.likely_fen <= found.high_fen
    if not to_come:
        assert found.low_fen == found.likely_fen == found.high_fen == so_far
