"""The heat map gives the specification's answers (C4)."""

from collections import Counter
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.reporting.rules.figures import rounded
from shared.domain.traffic.rules import heat as traffic
from shared.domain.traffic.rules.heat import Mark
from tests import golden

WEEKDAYS = {"Wed": 3, "Sat": 6, "Sun": 7}
HOURS = st.tuples(st.integers(1, 7), st.integers(9, 20))


def cell(name: str) -> traffic.Hour:
    return WEEKDAYS[name[:3]], int(name[3:])


def test_the_worked_range_has_its_cells_marks_and_people() -> None:
    case, rows = golden.example("G-HEAT-1"), golden.table("G-HEAT-1")
    expected = case["expected"]
    arrivals = Counter(
        {cell(r["weekday"] + r["hour"]): int(r["week1"]) + int(r["week2"]) for r in rows}
    )

    found = traffic.heat(
        arrivals,
        open_days=dict.fromkeys(WEEKDAYS.values(), 2),
        open_cells=[cell(name) for name in case["input"]["open_cells"]],
        average_minutes=case["input"]["average_minutes"],
    )

    assert found.base is not None
    assert str(rounded(found.base)) == expected["base"]
    for name, average in expected["cells"].items():
        assert str(rounded(found.cells[cell(name)].average)) == average
        assert found.cells[cell(name)].suggested == expected["suggested"][name]
    for mark, names in ((Mark.PEAK, expected["peak"]), (Mark.SLACK, expected["slack"])):
        assert [h for h, c in found.cells.items() if c.mark is mark] == [cell(n) for n in names]


def test_slack_hours_in_a_row_are_a_window_for_a_promotion() -> None:
    arrivals = {(3, 10): 8, (3, 11): 8, (3, 15): 8, (5, 10): 8, (5, 11): 8, (5, 12): 8}
    opened = [(3, hour) for hour in (10, 11, 12, 13, 15, 16)] + [(5, hour) for hour in (10, 11, 12)]

    found = traffic.heat(arrivals, open_days={3: 4, 5: 4}, open_cells=opened, average_minutes=60)
    (window,) = traffic.windows(found, average_minutes=60)

    assert (window.weekday, window.first, window.until) == (3, 12, 14)  # 16 stands alone
    assert window.free_minutes == round(2 * Fraction(48, 4) / 9 * 60)


def test_arrivals_outside_the_hours_are_shown_and_leave_the_base_alone() -> None:
    found = traffic.heat(
        {(1, 10): 4, (1, 22): 400}, open_days={1: 4}, open_cells=[(1, 10)], average_minutes=60
    )

    assert found.base == 1
    outside = found.cells[1, 22]
    assert (outside.average, outside.mark, outside.suggested) == (100, None, None)


def test_a_store_that_is_never_open_has_no_base() -> None:
    found = traffic.heat({(1, 10): 1}, open_days={}, open_cells=[], average_minutes=60)
    assert found.base is None
    assert traffic.windows(found, average_minutes=60) == []


@given(st.dictionaries(HOURS, st.integers(0, 99)), st.sets(HOURS), st.integers(1, 53))
def test_no_arrival_is_lost_and_nothing_is_both_peak_and_slack(
    arrivals: dict[traffic.Hour, int], opened: set[traffic.Hour], weeks: int
) -> None:
    days = dict.fromkeys(range(1, 8), weeks)
    found = traffic.heat(arrivals, open_days=days, open_cells=opened, average_minutes=45)

    assert sum(one.arrivals for one in found.cells.values()) == sum(arrivals.values())
    for one in found.cells.values():
        if one.mark is not None and found.base is not None:
            assert one.is_open
            assert (one.average > found.base) == (one.mark is Mark.PEAK)
