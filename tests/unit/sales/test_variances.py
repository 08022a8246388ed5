"""What is striking in a history of variances, and what is not."""

from datetime import date, timedelta
from uuid import UUID

from shared.domain.sales.queries.variances import Variance, patterns

ANNA, BERTA = UUID(int=1), UUID(int=2)
FIRST = date(2025, 6, 2)  # a Monday


def _day(number: int, fen: int = 0, *, by: UUID = ANNA, late_fen: int = 0) -> Variance:
    return Variance(
        day=FIRST + timedelta(days=number),
        closing_fen=1000_00,
        counted_fen=1000_00 + fen,
        late_fen=late_fen,
        counted_by=by,
        closed_by=None,
        closed_at=None,
        variance_reason=None,
        manager_reason=None,
    )


def _kinds(listed: list[Variance]) -> list[str]:
    return [found.kind for found in patterns(listed)]


def test_nothing_is_striking_in_a_few_scattered_days() -> None:
    assert patterns([]) == []
    assert _kinds([_day(n, -5_10 if n in (1, 9) else 0) for n in range(14)]) == []


def test_one_persons_shifts_stand_out() -> None:
    listed = [
        _day(n, -17_20 if n % 4 == 0 else 0, by=BERTA if n % 4 == 0 else ANNA) for n in range(20)
    ]

    (found, *_others) = patterns(listed)

    assert (found.kind, found.who, found.days, found.of, found.fen) == (
        "PERSON", BERTA, 5, 5, -86_00,
    )  # fmt: skip


def test_everybody_being_off_is_nobodys_pattern() -> None:
    listed = [_day(n, -1_10 if n % 2 else 0, by=ANNA if n % 3 else BERTA) for n in range(20)]
    assert "PERSON" not in _kinds(listed)


def test_a_weekday_stands_out() -> None:
    listed = [_day(n, 3_30 if n % 7 == 4 else 0, by=ANNA) for n in range(28)]
    found = [one for one in patterns(listed) if one.kind == "WEEKDAY"]
    assert [(one.weekday, one.days, one.of) for one in found] == [(5, 4, 4)]


def test_round_sums_stand_out_and_late_slips_explain() -> None:
    sums = (-50_00, -100_00, -30_00, 1_20)
    listed = [_day(3 * n, fen) for n, fen in enumerate(sums)]
    assert "ROUND" in _kinds(listed)
    explained = [_day(3 * n, fen, late_fen=-fen) for n, fen in enumerate(sums)]
    assert _kinds(explained) == []


def test_days_in_a_row_stand_out() -> None:
    listed = [_day(n, 7 if n in (3, 4, 5, 8, 9) else 0) for n in range(12)]
    (row,) = [found for found in patterns(listed) if found.kind == "ROW"]
    assert (row.days, row.last) == (3, FIRST + timedelta(days=5))
