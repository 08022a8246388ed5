"""A snapshot says what was meant, and anything else is refused."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.franchise.rules import snapshots
from shared.domain.franchise.rules.snapshots import Decision, MonthDecision, Snapshot

MONTH = date(2025, 6, 1)
amounts = st.integers(-snapshots.MAX_AMOUNT, snapshots.MAX_AMOUNT)


def snapshot(**changes: Any) -> Snapshot:
    known: dict[str, Any] = {
        "month": MONTH,
        "revision": 2,
        "state": "REVIEWED",
        "is_stale": False,
        "answered": 0,
        "refusal": None,
        "shut": (date(2025, 6, 2),),
        "figures": (("turnover", "", 500), ("turnover", "BODY", 500), ("visits", "", 2)),
        "cells": ((date(2025, 6, 3), "BODY", 500, 2),),
    }
    return Snapshot(**{**known, **changes})


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["turnover", "visits"]), st.sampled_from(["", "BODY"])), amounts
    ),
    st.dictionaries(
        st.tuples(st.integers(1, 30), st.sampled_from(["BODY", "FACIAL"])),
        st.tuples(amounts, st.integers(-1000, 1000)),
    ),
    st.sampled_from(snapshots.STATES),
)
def test_what_is_written_is_read_back(
    figures: dict[tuple[str, str], int],
    cells: dict[tuple[int, str], tuple[int, int]],
    state: str,
) -> None:
    sent = snapshot(
        state=state,
        figures=tuple(sorted((*key, amount) for key, amount in figures.items())),
        cells=tuple(
            sorted((date(2025, 6, day), name, *pair) for (day, name), pair in cells.items())
        ),
    )
    travelled = json.loads(json.dumps(snapshots.snapshot_payload(sent)))

    assert snapshots.read_snapshot(travelled, version=1) == sent


def test_the_order_of_rows_does_not_change_the_hash() -> None:
    one = snapshot()
    other = snapshot(figures=tuple(reversed(one.figures)))

    assert snapshots.content_hash(one) == snapshots.content_hash(other)


@pytest.mark.parametrize("state", snapshots.STATES)
def test_only_a_closed_month_is_final(state: str) -> None:
    payload = snapshots.snapshot_payload(snapshot(state=state))

    assert payload["status"] == ("CLOSED" if state == "CLOSED" else "PROVISIONAL")


@pytest.mark.parametrize(
    "changes",
    [
        {"month": "2025-06-02"},
        {"month": None},
        {"revision": -1},
        {"revision": True},
        {"state": "PAID"},
        {"figures": [["turnover", "", 1.5]]},
        {"figures": [["turnover", ""]]},
        {"figures": [["turnover", "", 10**16]]},
        {"figures": [["turnover'; DROP", "", 1]]},
        {"figures": [["turnover", "", 1], ["turnover", "", 1]]},
        {"cells": [["2025-07-01", "BODY", 500, 2]]},
        {"cells": [["yesterday", "BODY", 500, 2]]},
        {"cells": [["2025-06-03", "BODY", 500, 2**31]]},
        {"cells": 7},
        {"shut": ["2025-07-01"]},
        {"refusal": "<b>"},
        {"answered": "1"},
        {"figures": [["turnover", "", 501]]},  # an altered amount: the hash does not fit
        {"hash": "0" * 64},
    ],
)
def test_a_letter_that_is_not_a_snapshot_is_refused(changes: dict[str, Any]) -> None:
    payload = {**snapshots.snapshot_payload(snapshot()), **changes}

    with pytest.raises(snapshots.LetterUnreadable):
        snapshots.read_snapshot(payload, version=1)


def test_a_field_that_is_missing_or_a_version_from_the_future_is_refused() -> None:
    payload = snapshots.snapshot_payload(snapshot())

    with pytest.raises(snapshots.LetterUnreadable):
        snapshots.read_snapshot(payload, version=2)
    del payload["cells"]
    with pytest.raises(snapshots.LetterUnreadable):
        snapshots.read_snapshot(payload, version=1)


def test_a_decision_is_read_back_and_an_unknown_one_refused() -> None:
    sent = MonthDecision(
        month=MONTH, revision=2, decision=Decision.BACK, by_name="王总", reason="成本漏填"
    )
    payload = snapshots.decision_payload(sent)

    assert snapshots.read_decision(payload, version=1) == sent
    with pytest.raises(snapshots.LetterUnreadable):
        snapshots.read_decision({**payload, "decision": "delete"}, version=1)
