"""Keys reach their actions from the first moment, and nothing swallows them."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFontMetricsF, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QPlainTextEdit, QWidget

from ai.worker.messages import FindNodules, SegmentLungs
from tests.fakes import CANDIDATES
from tests.window.conftest import CTRL, SHIFT, Sitting
from viewer import theme
from viewer.actions import ROWS, fixed_actions, key_lines, key_table
from viewer.keymaps import Keys, native
from viewer.language.catalogue import LANGUAGES
from viewer.language.spoken import speak
from viewer.panels.key_columns import KeyColumns
from viewer.views.slice_view import SliceView

Key = Qt.Key


def test_no_two_actions_share_a_key() -> None:
    keys = [QKeySequence(key).toString() for row in ROWS for key in row.keys]
    assert sorted(keys) == sorted(set(keys))
    assert all(keys)


def test_no_two_actions_share_an_id() -> None:
    ids = [row.id for row in ROWS]
    assert len(ids) == len(set(ids))


def test_the_key_sheet_lists_every_action_that_has_a_key() -> None:
    lines = key_lines(Keys(key_table()))
    caps = {cap for line in lines for cap in line.keys}
    for row in ROWS:
        assert all(native(key) in caps for key in row.keys)
    assert {action for line in lines for action in line.actions} == {row.id for row in ROWS}


def test_the_focus_is_never_in_a_text_field_at_the_start(sitting: Sitting) -> None:
    assert not isinstance(QApplication.focusWidget(), QLineEdit)


def test_the_focus_is_on_a_pane_once_a_study_is_open(sitting: Sitting) -> None:
    sitting.open()
    assert isinstance(QApplication.focusWidget(), SliceView)


def test_a_key_given_while_the_study_loads_is_carried_out_when_it_stands(sitting: Sitting) -> None:
    sitting.desk.open(Path("study"))
    sitting.key(Key.Key_F5)
    sitting.children.find()
    sitting.key(Key.Key_F6)
    sitting.children.load(whole=False)
    assert not sitting.jobs.ai.asked
    sitting.children.load()
    sitting.children.lungs()
    sitting.children.nodules(*CANDIDATES)
    assert sitting.desk.reading is not None
    assert sitting.desk.reading.has_lungs and sitting.desk.reading.searched


def test_a_key_that_cannot_be_carried_out_says_why(sitting: Sitting) -> None:
    sitting.key(Key.Key_F5)
    assert "No study is open" in sitting.said
    assert not sitting.window.toast.isHidden()


@pytest.mark.parametrize("key", [Key.Key_A, Key.Key_X, Key.Key_U])
def test_a_verdict_without_a_current_finding_says_so_and_changes_nothing(
    sitting: Sitting, key: Qt.Key
) -> None:
    sitting.open()
    sitting.key(key)
    assert "No finding is current" in sitting.said
    assert sitting.desk.reading is not None and not sitting.desk.reading.history


def test_tab_goes_to_the_next_pane_and_no_button_gets_the_focus(sitting: Sitting) -> None:
    sitting.open()
    seen = []
    for _ in range(3):
        sitting.key(Key.Key_Tab)
        seen.append(sitting.window.panes.active)
        assert isinstance(QApplication.focusWidget(), SliceView)
    assert seen == ["coronal", "sagittal", "axial"]


def test_no_button_takes_the_focus_from_the_mouse(read: Sitting) -> None:
    for button in read.window.findChildren(QAbstractButton):
        assert not button.focusPolicy() & Qt.FocusPolicy.ClickFocus, button.text()
    read.click(read.window.topbar.tools["hand"])
    assert isinstance(QApplication.focusWidget(), SliceView)
    assert read.window.panes.state.tool == "hand"


def test_only_panes_and_fields_can_have_the_focus(read: Sitting) -> None:
    allowed = (SliceView, QLineEdit, QPlainTextEdit, type(read.window), type(read.window.panes))
    for widget in read.window.findChildren(QWidget):
        if not isinstance(widget, allowed):
            assert not widget.focusPolicy() & Qt.FocusPolicy.ClickFocus, widget


def test_space_hides_the_marks_and_presses_no_button(read: Sitting) -> None:
    read.click(read.window.topbar.tools["zoom"])
    read.key(Key.Key_Space)
    assert not read.window.panes.state.show_marks
    assert read.window.panes.state.tool == "zoom"
    assert all(read.state(i) in ("proposed", "held") for i in "abcdef")
    read.key(Key.Key_Space)
    assert read.window.panes.state.show_marks


def test_letters_type_in_the_readers_field_and_judge_nothing(read: Sitting) -> None:
    read.click(read.window.status.reader)
    field = read.window.status.field
    assert QApplication.focusWidget() is field
    field.clear()
    for key in (Key.Key_A, Key.Key_X, Key.Key_Space, Key.Key_1):
        read.key(key)
    assert field.text() == "ax 1"
    assert read.state("a") == "proposed"
    assert read.window.panes.state.show_marks
    read.key(Key.Key_Return)
    assert read.desk.reader == "ax 1"
    assert isinstance(QApplication.focusWidget(), SliceView)


def test_escape_leaves_the_readers_field_as_it_was(read: Sitting) -> None:
    read.click(read.window.status.reader)
    read.key(Key.Key_B)
    read.key(Key.Key_Escape)
    assert read.desk.reader == "Reader A"
    assert read.window.status.field.isHidden()
    assert isinstance(QApplication.focusWidget(), SliceView)


def test_f1_shows_the_keys_over_the_panes_and_escape_brings_them_back(read: Sitting) -> None:
    read.key(Key.Key_F1)
    assert read.window.keysheet.isVisible() and not read.window.panes.isVisible()
    for letter in (Key.Key_L, Key.Key_U, Key.Key_N, Key.Key_G, Key.Key_S):
        read.key(letter)
    found = [line.text for line in read.window.keysheet.columns.lines]
    assert "Segment lungs" in found and all("lungs" in text for text in found)
    read.key(Key.Key_Escape)
    assert read.window.panes.isVisible()
    assert isinstance(QApplication.focusWidget(), SliceView)
    read.key(Key.Key_A)
    assert read.state("a") == "accepted"


@pytest.mark.parametrize("verdict", ["accept", "reject", "undecided", "delete", "reason-scar"])
def test_no_verdict_falls_from_the_sheet_unless_it_was_typed(read: Sitting, verdict: str) -> None:
    read.key(Key.Key_F1)
    sheet = read.window.keysheet
    asked: list[str] = []
    sheet.asked.connect(asked.append)
    for _ in sheet.columns.lines:
        read.key(Key.Key_Down)
        found = sheet.columns.current_line
        if found is not None and verdict in found.actions:
            break
    else:
        pytest.fail("the sheet has no such line")
    read.key(Key.Key_Return)
    assert asked == [] and sheet.isVisible(), "the pictures are covered"
    assert "pictures are covered" in sheet.said.text()
    assert read.state("a") == "proposed"


def test_a_verdict_that_was_typed_is_carried_out(read: Sitting) -> None:
    read.key(Key.Key_F1)
    read.window.keysheet.field.setText("accept")
    read.key(Key.Key_Return)
    assert read.window.panes.isVisible() and read.state("a") == "accepted"


def cut_lines(columns: KeyColumns) -> list[str]:
    """The lines of the sheet whose words have no room beside their caps."""
    advance = QFontMetricsF(theme.font("body")).horizontalAdvance
    cut = []
    for line in columns.lines:
        box = columns.line_box(line)
        firsts = [p.box.left() for p in columns.caps() if box.contains(p.box.center())]
        room = min([*firsts, box.right()]) - box.left() - 8
        if advance(line.text) > room + 0.5:
            cut.append(line.text)
    return cut


def test_the_keys_stand_in_three_columns_also_where_the_browser_was_open(read: Sitting) -> None:
    window = read.window
    window.browser_pinned = True
    for wide, count in ((1280, 2), (1440, 3), (1920, 3)):
        window.resize(wide, 900)
        assert not window.studies.folded
        read.key(Key.Key_F1)
        QApplication.processEvents()
        columns = window.keysheet.columns
        lefts = {columns.line_box(line).left() for line in columns.lines}
        assert len(lefts) == count, wide
        assert cut_lines(columns) == [], wide
        assert window.studies.folded == (wide < 1920), "where there is room for both, both stand"
        read.key(Key.Key_F1)
        assert not window.studies.folded, "it comes back with the panes"


def test_f1_closes_the_keys_too(read: Sitting) -> None:
    read.key(Key.Key_F1)
    read.key(Key.Key_F1)
    assert read.window.panes.isVisible()


def test_digits_set_the_grey_window_also_on_the_keypad(read: Sitting) -> None:
    read.key(Key.Key_2)
    assert (read.window.panes.state.window.width, read.window.panes.state.window.level) == (400, 40)
    read.key(Key.Key_1, Qt.KeyboardModifier.KeypadModifier)
    assert read.window.panes.state.window.width == 1500
    assert read.window.topbar.preset.text() == "Lung"


def test_ctrl_tab_turns_the_pages_and_fill_shows_only_with_the_segments(read: Sitting) -> None:
    assert read.window.panes.state.fill == 0
    read.key(Key.Key_Tab, CTRL)
    assert read.window.side.current == 1
    assert read.window.panes.state.fill == pytest.approx(0.3)
    read.key(Key.Key_Tab, CTRL)
    assert read.window.panes.state.fill == 0


def test_escape_cancels_the_job_that_runs(sitting: Sitting) -> None:
    sitting.open()
    sitting.key(Key.Key_F5)
    job = sitting.jobs.asked(SegmentLungs).job
    sitting.key(Key.Key_Escape)
    assert sitting.jobs.ai.cancelled == [job]
    sitting.children.fail(SegmentLungs, "Cancelled.", cancelled=True)
    assert sitting.said == "Cancelled. Nothing was changed."
    assert sitting.window.strip.isHidden()


def test_f6_alone_runs_the_lungs_first_and_shows_what_waits(sitting: Sitting) -> None:
    sitting.open()
    sitting.key(Key.Key_F6)
    assert set(sitting.window.strip.job_rows) == {sitting.jobs.asked(SegmentLungs).job, "waiting"}
    sitting.children.lungs()
    assert sitting.jobs.asked(FindNodules)
    assert "waiting" not in sitting.window.strip.job_rows


def test_ctrl_q_leaves_without_a_question(read: Sitting) -> None:
    read.key(Key.Key_Q, CTRL)
    assert not read.window.isVisible()
    assert read.jobs.ai.closed and read.jobs.io.closed
    assert read.desk.reading is not None and read.desk.reading.closed


def test_keys_work_without_a_window_that_was_ever_clicked(sitting: Sitting) -> None:
    sitting.open()
    for view in sitting.window.panes.views.values():
        QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    sitting.key(Key.Key_I)
    assert sitting.window.panes.state.invert


def test_undo_and_redo_answer_to_every_of_their_keys(read: Sitting) -> None:
    read.key(Key.Key_A)
    read.key(Key.Key_Z, CTRL)
    assert read.state("a") == "proposed"
    read.key(Key.Key_Z, CTRL | SHIFT)
    assert read.state("a") == "accepted"
    read.key(Key.Key_Z, CTRL)
    read.key(Key.Key_Y, CTRL)
    assert read.state("a") == "accepted"


def test_no_message_box_and_no_modal_dialog_but_the_systems_own() -> None:
    """Nothing may stand between a reader and the scan."""
    banned = ("QMessageBox", "QDialog", "QInputDialog", "QProgressDialog", ".exec(", ".exec_(",
              "setModal", "setWindowModality")  # fmt: skip
    root = Path(__file__).parent.parent.parent / "viewer"
    rooms = ("window", "desk", "beside", "panels", "views", "editing", "measuring", "coverage")
    files = [root / "actions.py", *(file for room in rooms for file in (root / room).glob("*.py"))]
    assert len(files) > 150
    files.remove(root / "window" / "dialogs.py")  # the system's own
    for file in files:
        text = file.read_text(encoding="utf-8").replace("drag.exec(", "")  # carrying asks nothing
        assert not [word for word in banned if word in text], file


def test_a_window_that_the_scan_does_not_tell_is_said_and_changes_nothing(read: Sitting) -> None:
    before = read.window.panes.state.window
    read.key(Key.Key_0)
    assert read.window.panes.state.window == before
    assert "no window of its own" in read.said


@pytest.mark.xvfb
def test_on_a_bare_screen_keys_work_from_the_start_without_a_window_manager(
    sitting: Sitting,
) -> None:
    """The window asks the X server for the focus itself; nobody else would give it."""
    assert sitting.window.isActiveWindow()
    sitting.open()
    sitting.key(Key.Key_F5)
    assert sitting.jobs.asked(SegmentLungs)
    menu = sitting.window.topbar.preset.choices
    sitting.click(sitting.window.topbar.preset)
    assert menu.isVisible()
    menu.close()
    sitting.key(Key.Key_2)
    assert sitting.window.panes.state.window.width == 400


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_of_the_key_sheet_shows_one_cap_twice(
    language: str, themed: QApplication, english: None
) -> None:
    """In Chinese the two Enter keys of a keyboard have one name."""
    speak(language)
    for line in key_lines(Keys(key_table(), fixed=fixed_actions())):
        assert len(set(line.keys)) == len(line.keys), line.text
        assert line.keys or not any(cap.key for cap in line.caps)
