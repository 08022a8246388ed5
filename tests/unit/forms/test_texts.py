"""Amounts, days and names as people type them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.forms import texts


@given(st.integers(-(10**13), 10**13))
def test_yuan_read_back_are_the_same_fen(fen: int) -> None:
    assert texts.fen_of(texts.yuan_text(fen)) == fen


@pytest.mark.parametrize(
    ("text", "fen"),
    [("12", 1200), ("1,234.5", 123450), ("￥１２.５０", 1250), ("-3.10元", -310), ("0.29", 29)],
)
def test_amounts_are_read_as_written(text: str, fen: int) -> None:
    assert texts.fen_of(text) == fen


@pytest.mark.parametrize(
    "text", ["", "1.234", "1.234,56", "12,34", "1e3", "abc", "1 000", "٣", "--1", "1" * 20]
)
def test_amounts_that_could_mean_something_else_are_refused(text: str) -> None:
    """X-13."""
    with pytest.raises(ValueError, match=".*"):
        texts.fen_of(text)


@pytest.mark.parametrize(
    "text",
    ["2025-06-01", "2025/6/1", "2025.6.1", "2025年6月1日", "20250601", "2025-06-01 00:00:00"],
)
def test_days_written_year_first_are_read(text: str) -> None:
    assert texts.day_of(text) == date(2025, 6, 1)


@pytest.mark.parametrize("text", ["03/04/05", "1/6/2025", "2025-02-30", "2025-6", "45810", ""])
def test_days_that_could_mean_another_are_refused(text: str) -> None:
    """X-13."""
    with pytest.raises(ValueError, match=".*"):
        texts.day_of(text)


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "a\x1bb", "a\nb"])
def test_names_hold_no_control_characters(text: str) -> None:
    with pytest.raises(ValueError, match="control"):
        texts.clean(text)


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    try:
        once = texts.clean(text, multiline=True)
    except ValueError:
        return
    assert texts.clean(once, multiline=True) == once
