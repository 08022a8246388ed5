"""The monthly detail gives the specification's answers (C3)."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.reporting.rules import detail, figures
from tests import golden

COLUMNS = ("FACIAL", "BODY", "SLIMMING", "PRODUCT")


def fen(yuan: str) -> int:
    return int(Decimal(yuan) * 100)


def june(day: int | str) -> date:
    return date(2025, 6, int(day))


def test_the_worked_month_has_its_marks_and_shares() -> None:
    case, rows = golden.example("G-MONTH-1"), golden.table("G-MONTH-1")
    given_, expected = case["input"], case["expected"]
    cells = {(june(row["day"]), name): fen(row[name]) for row in rows for name in COLUMNS}
    open_days = [june(row["day"]) for row in rows if row["open"] == "1"]

    totals = detail.day_totals(cells)
    whole = sum(totals.values())
    marks = detail.day_marks(totals, open_days=open_days)

    assert whole == fen(expected["month_total"])
    for day, total in expected["day_totals"].items():
        assert totals[june(day)] == fen(total)
    assert marks.peak_days[0] == june(expected["peak_day"])
    assert marks.peak_share == Decimal(expected["peak_share"])
    assert marks.slack_days[0] == june(expected["slack_day"])
    assert marks.slack_share == Decimal(expected["slack_share"])
    assert len(open_days) == expected["open_days"]
    assert figures.mean_fen(whole, len(open_days)) == fen(expected["average_per_open_day"])
    cell = figures.share(cells[june(4), "FACIAL"], whole)
    assert cell == Decimal(expected["cell_share_day4_FACIAL"])
    assert figures.growth(given_["new_this"], given_["new_last"]) == Decimal(expected["new_growth"])
    assert figures.ratio(fen(given_["costs"]), whole) == Decimal(expected["cost_ratio"])
    assert whole - fen(given_["costs"]) == fen(expected["result"])


def test_the_worked_month_names_its_items() -> None:
    expected = golden.example("G-MONTH-1")["expected"]
    rows = golden.table("G-MONTH-1")
    amounts = {name: sum(fen(row[name]) for row in rows) for name in COLUMNS}

    items = detail.item_rows(
        COLUMNS,
        detail.ItemFigures(turnover_fen=amounts, on_sale=COLUMNS),
    )

    assert {row.category: str(row.share) for row in items} == expected["item_share"]
    assert [row.category for row in items if row.is_main_push] == [expected["main_push"]]
    assert [row.category for row in items if row.is_weak] == [expected["weak"]]
    assert [row.rank for row in items] == [1, 2, 3, 4]


def test_ties_are_all_listed_and_a_zero_base_is_empty() -> None:
    case = golden.example("G-MONTH-2")
    expected = case["expected"]
    totals = {june(day): fen(total) for day, total in case["input"]["day_totals"].items()}

    marks = detail.day_marks(totals, open_days=list(totals))

    assert marks.peak_days[0] == june(expected["peak_day"])
    assert [day.day for day in marks.peak_days] == expected["peak_ties"]
    assert marks.slack_days[0] == june(expected["slack_day"])
    assert [day.day for day in marks.slack_days] == expected["slack_ties"]
    grown = figures.growth(case["input"]["new_this"], case["input"]["new_last"])
    assert grown is expected["new_growth"]


def test_an_open_day_without_a_sale_is_the_slack_day_and_a_closed_one_never() -> None:
    totals = {june(1): 500, june(2): 300}

    marks = detail.day_marks(totals, open_days=[june(1), june(2), june(3)])

    assert marks.slack_days == (june(3),)
    assert marks.slack_share == Decimal("0.0000")


def test_a_month_without_turnover_has_no_shares_and_no_marks() -> None:
    marks = detail.day_marks({june(1): 0}, open_days=[june(1)])
    items = detail.item_rows(
        COLUMNS,
        detail.ItemFigures(turnover_fen={}, on_sale=COLUMNS, previous={}),
    )

    assert marks == detail.DayMarks()
    assert {(row.share, row.rank, row.is_main_push, row.is_weak) for row in items} == {
        (None, None, False, False)
    }


def test_an_item_that_was_not_on_sale_all_month_is_never_weak() -> None:
    items = detail.item_rows(
        COLUMNS,
        detail.ItemFigures(
            turnover_fen={"FACIAL": 10, "BODY": 5, "SLIMMING": 1},
            on_sale=("FACIAL", "BODY"),
        ),
    )

    assert [row.category for row in items if row.is_weak] == ["BODY"]


def test_tied_items_share_a_rank_and_the_next_one_skips() -> None:
    amounts = [7, 7, 3]
    assert [detail.rank_of(amount, amounts) for amount in amounts] == [1, 1, 3]


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 29), st.sampled_from(COLUMNS)), st.integers(-(10**9), 10**9)
    )
)
def test_days_and_items_sum_to_the_same_whole(drawn: dict[tuple[int, str], int]) -> None:
    cells = {(june(1) + timedelta(days=n), name): amount for (n, name), amount in drawn.items()}

    per_item: dict[str, int] = {}
    for (_, name), amount in cells.items():
        per_item[name] = per_item.get(name, 0) + amount
    items = detail.item_rows(
        COLUMNS,
        detail.ItemFigures(turnover_fen=per_item, on_sale=()),
    )

    whole = sum(cells.values())
    assert sum(detail.day_totals(cells).values()) == whole
    assert sum(row.turnover_fen for row in items) == whole
    shares = [row.share for row in items if row.share is not None]
    if shares:
        assert abs(sum(shares) - 1) <= Decimal("0.0002")
