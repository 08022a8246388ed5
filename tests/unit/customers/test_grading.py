"""Grades, RFM, activity and value at risk: the worked examples, and what always holds."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.customers.rules import activity, grading, profile
from shared.domain.customers.rules.activity import Activity, Limits, Traces
from shared.domain.customers.rules.grading import Grade, Move
from shared.forms.texts import ratio_text
from tests import golden

TODAY = date(2025, 6, 30)
SPENDS = st.dictionaries(st.integers(1, 10**6), st.integers(0, 10**9), max_size=40)


def test_the_worked_example_of_grades_holds() -> None:
    example = golden.example("G-ABC-1")
    spend = {name: int(yuan) * 100 for name, yuan in example["input"]["spend"].items()}
    ids = {int(name[1:]): name for name in spend}

    places = grading.places({one: spend[name] for one, name in ids.items()})

    graded: dict[str, list[str]] = {"A": [], "B": [], "C": []}
    for one, place in sorted(places.items()):
        graded[place.grade].append(ids[one])
    expected = {grade: example["expected"][grade] for grade in "ABCP"}
    assert {**graded, "P": example["input"]["prospects"]} == expected
    total = sum(spend.values())
    shares = {
        grade: ratio_text(Fraction(sum(spend[name] for name in names), total))
        for grade, names in graded.items()
    }
    assert shares == example["expected"]["share"]


def test_the_worked_example_of_rfm_holds() -> None:
    example = golden.example("G-RFM-1")
    as_of = date.fromisoformat(example["as_of"])
    for one in example["input"]:
        digits = grading.rfm(
            days_since=(as_of - date.fromisoformat(one["last"])).days,
            visits_180=one["visits_180"],
            spend_365_fen=int(one["spend_365"]) * 100,
        )
        named = grading.SEGMENTS[grading.segment(digits)][0]
        assert [digits, named] == example["expected"][one["id"]]


@given(SPENDS)
def test_more_spend_never_means_a_worse_grade_and_equal_spend_the_same(
    spend: dict[int, int],
) -> None:
    places = grading.places(spend)
    order = list(Grade)

    assert places.keys() == spend.keys()
    for one, fen in spend.items():
        for other, less in spend.items():
            mine, theirs = (order.index(places[who].grade) for who in (one, other))
            assert mine == theirs if fen == less else (mine <= theirs or fen < less)


@given(SPENDS)
def test_shares_add_up_and_decide_the_grade(spend: dict[int, int]) -> None:
    places = grading.places(spend)
    total = sum(spend.values())

    for one, place in places.items():
        assert place.total_fen == total
        assert place.before_fen == sum(fen for fen in spend.values() if fen > spend[one])
        if total == 0:
            assert place.grade == Grade.C
        elif place.grade == Grade.A:
            assert place.before_fen * 10 < total * 7
        else:
            assert place.before_fen * 10 >= total * (7 if place.grade == Grade.B else 9)
    if total:
        assert Grade.A in {place.grade for place in places.values()}


def test_a_tie_across_a_bound_takes_the_better_grade() -> None:
    assert {
        one: str(place.grade) for one, place in grading.places({1: 50, 2: 20, 3: 20, 4: 10}).items()
    } == {1: "A", 2: "A", 3: "A", 4: "C"}


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [(None, "A", None), ("B", "B", None), ("C", "A", Move.UP), ("A", "P", Move.DOWN)],
)
def test_a_grade_moves_up_or_down(old: str | None, new: str, where: Move | None) -> None:
    assert grading.moved(old, new) == where


def test_a_grade_is_explained_in_words() -> None:
    zh, en = grading.explained("A", before=Fraction(62, 100), own=Fraction(1, 8))
    assert zh == "前面顾客累计占比 62 %(低于 70 %),本人占比 12.5 % → A"
    assert en == "those before hold 62 % of sales (below 70 %), own share 12.5 % → A"
    assert "90 % or more" in grading.explained("C", before=Fraction(1), own=Fraction(0))[1]
    assert grading.explained("C", before=None, own=None)[1].endswith("→ C")
    assert grading.explained("P", before=None, own=None)[0] == "没有付费到店 → P"


def test_the_next_contact_is_a_cycle_on_and_never_before_tomorrow() -> None:
    tomorrow = TODAY + timedelta(days=1)
    assert grading.next_contact(None, 7, on=TODAY) == tomorrow
    assert grading.next_contact(TODAY - timedelta(days=40), 7, on=TODAY) == tomorrow
    assert grading.next_contact(TODAY, 14, on=TODAY) == TODAY + timedelta(days=14)


@pytest.mark.parametrize(
    ("day", "until"),
    [
        (date(2025, 6, 30), date(2025, 12, 30)),
        (date(2025, 8, 31), date(2026, 2, 28)),
        (date(2027, 8, 31), date(2028, 2, 29)),
        (date(2025, 12, 1), date(2026, 6, 1)),
    ],
)
def test_six_months_ahead_end_on_a_day_that_is_there(day: date, until: date) -> None:
    assert grading.last_until(day) == until


def test_twelve_months_begin_the_day_after_a_year_ago() -> None:
    assert grading.year_before(date(2025, 6, 30)) == date(2024, 7, 1)
    assert grading.year_before(date(2024, 2, 29)) == date(2023, 3, 1)
    assert grading.year_before(date(2025, 2, 28)) == date(2024, 3, 1)


def away(days: int, **more: object) -> Activity:
    """Judge a guest who came so many days ago."""
    traces = Traces(last_visit=TODAY - timedelta(days=days), **more)  # type: ignore[arg-type]
    return activity.activity(traces, Limits(), on=TODAY)


@pytest.mark.parametrize(
    ("days", "state"),
    [
        (0, "ACTIVE"), (30, "ACTIVE"), (31, "COLD"), (60, "COLD"), (61, "HANDOVER"),
        (90, "HANDOVER"), (91, "DORMANT"), (180, "DORMANT"), (181, "LOST"), (5000, "LOST"),
    ],
)  # fmt: skip
def test_days_away_decide_the_activity(days: int, state: str) -> None:
    assert away(days) == state


def test_a_plan_a_call_and_a_debt_count_as_well() -> None:
    assert away(20, planned_on=TODAY - timedelta(days=7)) == Activity.ACTIVE
    assert away(20, planned_on=TODAY - timedelta(days=8)) == Activity.WATCH
    assert away(70, last_contact=TODAY - timedelta(days=60)) == Activity.COLD
    assert away(70, last_contact=TODAY - timedelta(days=61)) == Activity.HANDOVER
    assert away(70, has_debt=True) == Activity.COLD
    assert away(100, has_debt=True) == Activity.DORMANT


@given(st.integers(0, 400), st.integers(0, 60), st.integers(-30, 60), st.booleans())
def test_a_state_began_on_the_first_day_on_which_it_was_judged(
    days: int, called: int, plan: int, has_debt: bool
) -> None:
    traces = Traces(
        last_visit=TODAY - timedelta(days=days),
        planned_on=TODAY - timedelta(days=plan),
        last_contact=TODAY - timedelta(days=called),
        has_debt=has_debt,
    )
    state = activity.activity(traces, Limits(), on=TODAY)
    first = activity.since(state, traces, Limits())
    assert first <= TODAY
    assert activity.activity(traces, Limits(), on=first) == state


def test_a_setting_says_its_own_days_and_keeps_the_others() -> None:
    limits = activity.limits_of({"cold": 20, "lost": "soon", "strange": 1})
    assert limits == Limits(cold=20)
    traces = Traces(last_visit=TODAY - timedelta(days=21))
    assert activity.activity(traces, limits, on=TODAY) == Activity.COLD


@given(st.integers(0, 10**10), st.integers(0, 400), st.integers(0, 400))
def test_value_at_risk_grows_with_the_days_away_up_to_all_of_it(
    fen: int, less: int, more: int
) -> None:
    near, far = (
        activity.at_risk_fen(fen, away_days=days, limits=Limits()) for days in sorted((less, more))
    )
    assert 0 <= near <= far <= fen
    assert activity.at_risk_fen(fen, away_days=180, limits=Limits()) == fen


def test_a_birthday_of_a_leap_day_is_kept_on_the_first_of_march() -> None:
    assert profile.birth_days(date(2025, 3, 1)) == ["03-01", "02-29"]
    assert profile.birth_days(date(2024, 3, 1)) == ["03-01"]
    assert profile.birth_days(date(2024, 2, 29)) == ["02-29"]
