"""The report says how a reading was done."""

from __future__ import annotations

from viewer.reading.events import CONCURRENT, SECOND, CoverageNoted, ModeChosen, OwnPassDone
from viewer.reading.reading import Row, fold
from viewer.reading.report.how_read import how_read

AT = "2026-02-10T08:09:00.000+00:00"


def told(*events: object) -> str:
    rows = [Row(n, AT, event) for n, event in enumerate(events, 1)]  # type: ignore[arg-type]
    return " ".join(how_read(fold("one", rows)))


def test_a_reading_that_noted_no_mode_says_nothing():
    assert told() == ""


def test_a_second_reader_is_told_with_the_time_of_the_own_pass():
    text = told(ModeChosen(SECOND), OwnPassDone(200.0))
    assert "own pass took 3 min 20 s" in text and ":09 on" in text


def test_marks_asked_for_early_are_told():
    assert "before an own pass was ended" in told(ModeChosen(SECOND), OwnPassDone(2.0, True))


def test_an_own_pass_never_ended_is_told():
    assert "no mark of the AI was shown" in told(ModeChosen(SECOND))


def test_a_concurrent_reading_is_told():
    assert "concurrent" in told(ModeChosen(CONCURRENT))


def test_how_much_lung_was_shown_is_told_rounded_down():
    text = told(ModeChosen(SECOND), CoverageNoted(0.999, 0.5, ""))
    assert "99 % of the right lung, 50 % of the left" in text


def test_without_lungs_no_share_is_told():
    assert "%" not in told(ModeChosen(SECOND), CoverageNoted(-1.0, -1.0, ""))
