"""Running figures of the agent's marks, from readings judged to the last."""

from __future__ import annotations

import pytest

from viewer.reading.judged import (
    Judged,
    accepted_share,
    at_fixed_threshold,
    beginnings,
    false_marks,
)


def one(policy: str = "v1", shown: int = 4, accepted: int = 1, above: int = 6) -> Judged:
    return Judged(policy, shown, accepted, shown - accepted, above, accepted)


def test_false_marks_per_scan_look_back_on_twenty_readings() -> None:
    run = false_marks([one()] * 20 + [one(accepted=4)] * 20)
    assert len(run.values) == 40
    assert run.values[0] == run.values[19] == 3
    assert run.values[29] == 1.5
    assert run.values[39] == 0


def test_the_band_holds_the_figure_and_narrows_with_more_readings() -> None:
    run = false_marks([one()] * 20)
    assert all(
        low <= value <= high for low, value, high in zip(run.low, run.values, run.high, strict=True)
    )
    assert run.high[19] - run.low[19] < run.high[0] - run.low[0]
    assert run.low[19] == pytest.approx(2.33, abs=0.01)  # score interval of 60 events in 20 scans
    assert run.high[19] == pytest.approx(3.86, abs=0.01)


def test_no_mark_at_all_has_an_interval_from_nought() -> None:
    run = false_marks([one(shown=0, accepted=0)] * 5)
    assert run.values[-1] == run.low[-1] == 0
    assert run.high[-1] == pytest.approx(3.8416 / 5, abs=0.001)


def test_accepted_of_shown_counts_marks_not_readings() -> None:
    run = accepted_share([one(shown=1, accepted=1), one(shown=9, accepted=0)])
    assert run.values == (100.0, 10.0)
    assert accepted_share([one(shown=0, accepted=0)]).values == (0.0,)


def test_a_fixed_threshold_is_counted_by_what_it_would_have_shown() -> None:
    assert at_fixed_threshold([one(above=6), one(above=2)]).values == (6.0, 4.0)


def test_a_policy_begins_where_another_served_before() -> None:
    assert beginnings([one("v1"), one("v1"), one("v2"), one("v3")]) == ((3, "v2"), (4, "v3"))
    assert beginnings([]) == ()
