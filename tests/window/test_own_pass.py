"""Second reader: what the AI proposed waits for the reader's own pass."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from tests.fakes import CANDIDATES
from tests.window.conftest import Sitting
from viewer.panels.steps import JUDGE, OWN_PASS
from viewer.reading.events import CONCURRENT, SECOND, FindingAdded, ModeChosen, OwnPassDone


@pytest.fixture
def second(sitting: Sitting) -> Sitting:
    """The window as a new user has it: second reader; lungs and candidates are there."""
    sitting.desk.own_pass.start_in(SECOND)
    sitting.read()
    return sitting


def events(at: Sitting, kind: type) -> list[object]:
    assert at.desk.reading is not None
    return [row.event for row in at.desk.reading.history if isinstance(row.event, kind)]


def marks(at: Sitting) -> int:
    return len(at.window.panes.views["axial"]._marks)


def test_a_new_reader_begins_as_second_reader(sitting: Sitting) -> None:
    sitting.desk.own_pass._chosen = ""
    assert sitting.desk.own_pass.mode == SECOND


def test_no_mark_no_row_and_no_count_shows_before_the_own_pass_is_done(second: Sitting) -> None:
    assert second.desk.order == () and second.desk.held == ()
    assert marks(second) == 0
    assert second.desk.current is None
    assert second.window.side.tabs[0].count in ("", "0")
    assert not second.window.findings.model.entries
    assert second.window.status.held.isHidden()
    assert not second.window.findings.pass_row.isHidden()
    assert second.window.findings._steps.next == OWN_PASS
    assert any("own pass" in notice.sentence for notice in second.notices)


def test_enter_ends_the_own_pass_and_shows_the_marks(second: Sitting) -> None:
    second.key(Qt.Key.Key_Return)
    assert len(second.desk.order) == marks(second) > 0
    assert second.desk.current == second.desk.order[0]
    assert second.window.findings.pass_row.isHidden()
    assert second.window.findings._steps.next == JUDGE
    done = events(second, OwnPassDone)
    assert len(done) == 1 and not done[0].asked_early  # type: ignore[attr-defined]


def test_after_an_empty_search_the_end_of_the_pass_says_what_was_searched(
    sitting: Sitting,
) -> None:
    sitting.desk.own_pass.start_in(SECOND)
    sitting.open()
    sitting.nodules()
    sitting.key(Qt.Key.Key_Return)
    told = sitting.notices[-1]
    assert told.sentence == "Own pass done. 0 marks show."
    assert told.remedy.startswith("0 candidates in ") and " ml of lung, by " in told.remedy
    assert told.remedy.endswith("Small nodules can be missed.")


def test_one_click_shows_them_at_once_and_the_log_says_so(second: Sitting) -> None:
    second.click(second.window.findings.pass_row.now)
    assert marks(second) > 0
    assert events(second, OwnPassDone)[0].asked_early  # type: ignore[attr-defined]


def test_what_the_reader_adds_in_the_own_pass_shows_and_can_be_judged(second: Sitting) -> None:
    second.key(Qt.Key.Key_M)
    added = events(second, FindingAdded)
    assert len(added) == 1
    assert second.desk.order == (added[0].finding.id,)  # type: ignore[attr-defined]
    assert marks(second) == 1


def test_the_end_of_the_pass_counts_what_begins_to_show_not_the_readers_own(
    second: Sitting,
) -> None:
    second.key(Qt.Key.Key_M)
    assert second.desk.own_pass.finish()
    came = len(second.desk.order) - 1
    assert came > 1
    assert second.notices[-1].sentence == f"Own pass done. {came} marks show."


def test_a_verdict_key_in_the_own_pass_judges_nothing(second: Sitting) -> None:
    second.key(Qt.Key.Key_A)
    second.key(Qt.Key.Key_N)
    assert second.desk.reading is not None and not second.desk.reading.verdicts
    second.desk.select(CANDIDATES[0].finding.id)
    assert second.desk.current is None


def test_an_own_pass_before_the_search_lets_marks_show_as_they_come(sitting: Sitting) -> None:
    sitting.desk.own_pass.start_in(SECOND)
    sitting.open()
    sitting.key(Qt.Key.Key_Return)
    sitting.nodules(*CANDIDATES)
    assert marks(sitting) > 0


def test_the_mode_stands_in_the_log_before_anything_else(second: Sitting) -> None:
    assert second.desk.reading is not None
    kinds = [type(row.event).__name__ for row in second.desk.reading.history]
    assert kinds.index("ModeChosen") < kinds.index("SegmentsAdded")
    assert events(second, ModeChosen) == [ModeChosen(SECOND)]


def test_switching_to_concurrent_shows_the_marks_and_is_logged(second: Sitting) -> None:
    second.click(second.window.status.mode)
    assert marks(second) > 0
    assert events(second, ModeChosen)[-1] == ModeChosen(CONCURRENT)
    assert "Concurrent" in second.window.status.mode.label.text()
    assert second.desk.library.setting("mode", "") == CONCURRENT


def test_a_switch_while_marks_show_moves_nothing_and_says_what_is_true(second: Sitting) -> None:
    second.key(Qt.Key.Key_Return)
    shown, panes = marks(second), second.window.panes
    panes.scroll(2, "axial")
    there = panes.state.crosshair_lps, second.desk.current
    second.click(second.window.status.mode)
    assert second.notices[-1].sentence == "Concurrent reader: marks show as they come."
    assert (panes.state.crosshair_lps, second.desk.current) == there
    second.click(second.window.status.mode)
    told = second.notices[-1].sentence
    assert told.startswith("Second reader: marks stay here;")
    assert (panes.state.crosshair_lps, second.desk.current) == there
    assert marks(second) == shown > 0


def test_a_switch_to_second_reader_before_a_pass_hides_the_marks_and_says_so(
    second: Sitting,
) -> None:
    second.click(second.window.status.mode)
    second.click(second.window.status.mode)
    assert marks(second) == 0
    assert second.notices[-1].sentence == "Second reader: marks show after your own pass."


def test_a_reading_left_in_the_own_pass_waits_when_it_is_opened_again(second: Sitting) -> None:
    second.open()
    assert second.desk.own_pass.blind
    assert marks(second) == 0
    second.key(Qt.Key.Key_Return)
    assert marks(second) > 0


def test_a_reading_from_before_modes_were_known_goes_on_as_it_was(read: Sitting) -> None:
    reading = read.desk.reading
    assert reading is not None
    object.__setattr__(reading, "mode", "")
    read.desk.own_pass.start_in(SECOND)
    assert read.desk.own_pass.mode == CONCURRENT and not read.desk.own_pass.blind


def test_a_mode_that_nobody_knows_is_refused(sitting: Sitting) -> None:
    with pytest.raises(ValueError, match="third"):
        sitting.desk.own_pass.start_in("third")


def test_the_pass_ends_by_a_click_beside_the_measurements_too(second: Sitting) -> None:
    panel = second.window.measuring.panel
    assert not panel.pass_row.isHidden()
    second.click(panel.pass_row.done)
    assert not second.desk.own_pass.blind and panel.pass_row.isHidden()
