"""Reasons, marks of the reader's own, labels, taking back: with keys, in the real window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QInputMethodEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.window.conftest import CTRL, NONE, SHIFT, Sitting
from viewer.home import home
from viewer.panels.finding_rows import HEAD, FindingEntry
from viewer.reading.names import tag_of
from viewer.views.slice_view import SliceView
from viewer.window.keys import FINDINGS, SEGMENTS

Key = Qt.Key
ALT = Qt.KeyboardModifier.AltModifier
KEYPAD = Qt.KeyboardModifier.KeypadModifier


def row_of(at: Sitting, finding: str) -> FindingEntry:
    return next(e for e in at.window.findings.model.entries if e.id == finding)


def reasons(at: Sitting) -> dict[str, str]:
    assert at.desk.reading is not None
    return dict(at.desk.reading.reasons)


def later(at: Sitting, seconds: float) -> None:
    """As if so much time had passed since the last rejection."""
    at.window.toast._choosing.timeout.emit()
    finding, when = at.desk.own._rejected
    at.desk.own._rejected = finding, when - seconds


@pytest.fixture
def marked(read: Sitting) -> tuple[Sitting, str]:
    """The window with a mark that the reader added."""
    read.window.panes.go_to((0.0, 0.0, 0.0))
    read.key(Key.Key_M)
    assert read.desk.current is not None and read.state(read.desk.current) == "added"
    return read, read.desk.current


# Reasons


@pytest.mark.parametrize(
    ("key", "reason"),
    [(Key.Key_1, "vessel"), (Key.Key_2, "scar"), (Key.Key_3, "lymph-node"),
     (Key.Key_4, "atelectasis"), (Key.Key_5, "other")],
)  # fmt: skip
def test_x_rejects_at_once_and_alt_with_a_digit_adds_why(
    read: Sitting, key: Qt.Key, reason: str
) -> None:
    first = read.desk.current or ""
    read.key(Key.Key_X)
    assert read.state(first) == "rejected" and read.desk.current != first
    read.key(key, ALT)
    assert reasons(read) == {first: reason}
    assert read.window.panes.state.window.width == 1500


def test_the_keypads_digits_give_reasons_too(read: Sitting) -> None:
    first = read.desk.current or ""
    read.key(Key.Key_X)
    read.key(Key.Key_2, ALT | KEYPAD)
    assert reasons(read) == {first: "scar"}


def test_after_three_seconds_a_reason_needs_the_finding_to_be_current(read: Sitting) -> None:
    first = read.desk.current or ""
    read.key(Key.Key_X)
    later(read, 3.1)
    read.key(Key.Key_1, ALT)
    assert reasons(read) == {}
    assert "No finding was rejected just now" in read.said
    read.desk.select(first)
    read.key(Key.Key_1, ALT)
    assert reasons(read) == {first: "vessel"}


def test_the_reasons_stand_in_the_toast_and_a_click_gives_one(read: Sitting) -> None:
    first = read.desk.current or ""
    read.key(Key.Key_X)
    toast = read.window.toast
    assert [button.text() for button in toast.choices] == [
        "Vessel", "Scar", "Lymph node", "Atelectasis", "Other",
    ]  # fmt: skip
    assert toast.label.text() == f"{read.desk.name_of(first)} rejected. Reason?"
    read.click(toast.choices[3])
    assert reasons(read) == {first: "atelectasis"}
    assert toast.choices == [] and toast.button is not None


def test_a_reason_still_offered_can_be_given_whatever_the_clock_says(read: Sitting) -> None:
    first = read.desk.current or ""
    read.key(Key.Key_X)
    finding, when = read.desk.own._rejected
    read.desk.own._rejected = finding, when - 60
    read.click(read.window.toast.choices[0])
    assert reasons(read) == {first: "vessel"}


def test_the_offer_of_reasons_ends_and_the_way_back_stays(read: Sitting) -> None:
    read.key(Key.Key_X)
    toast = read.window.toast
    toast._choosing.timeout.emit()
    assert toast.choices == [] and toast.button is not None
    assert "Reason?" not in toast.label.text()


def test_in_a_narrow_window_the_reasons_fit_beside_each_other(read: Sitting) -> None:
    read.window.resize(1024, 640)
    read.key(Key.Key_X)
    toast = read.window.toast
    assert toast.x() >= 0 and toast.geometry().right() <= read.window.centre.width()
    for button in toast.choices:
        assert button.width() >= button.sizeHint().width()


def test_the_reason_stands_in_the_row_and_undo_takes_it_first(read: Sitting) -> None:
    first = read.desk.current or ""
    read.key(Key.Key_X)
    read.key(Key.Key_3, ALT)
    assert row_of(read, first).size == "rejected: lymph node"
    read.key(Key.Key_Z, CTRL)
    assert reasons(read) == {} and read.state(first) == "rejected"
    assert "lymph node" in read.said
    read.key(Key.Key_Z, CTRL)
    assert read.state(first) == "proposed"


def test_the_same_reason_twice_is_one_row_of_the_log(read: Sitting) -> None:
    read.key(Key.Key_X)
    read.key(Key.Key_1, ALT)
    assert read.desk.reading is not None
    before = len(read.desk.reading.history)
    read.key(Key.Key_1, ALT)
    assert len(read.desk.reading.history) == before


# Marks


def test_the_added_mark_is_current_and_in_sight(marked: tuple[Sitting, str]) -> None:
    at, own = marked
    view = at.window.findings.list
    n = next(n for n, e in enumerate(at.window.findings.model.entries) if e.id == own)
    assert view.viewport().rect().intersects(view.visualRect(view.model().index(n, 0)))
    assert "Added at the crosshair" in at.said


def test_a_mark_on_air_tells_no_type_and_says_why(read: Sitting) -> None:
    assert read.desk.scan is not None
    x, y, z = read.desk.scan.volume.geometry.lps_of((20, 50, 50))
    read.desk.add_at((float(x), float(y), float(z)))
    air = "Aerated lung there, mean \N{MINUS SIGN}850 HU: no type is told."
    assert read.notices[-1].remedy == air
    assert row_of(read, read.desk.current or "").size.endswith("type unknown")


def test_a_marks_number_is_the_number_of_its_name_also_of_held_ones(read: Sitting) -> None:
    read.desk.select("f")
    read.key(Key.Key_M)
    assert read.desk.reading is not None
    marks = read.window.panes.views["axial"]._marks
    for mark in marks:
        name = read.desk.name_of(mark.id)
        assert name.endswith(f" {mark.number}")
        assert tag_of(read.desk.reading, mark.id) == mark.number
    names = [read.desk.name_of(mark.id) for mark in marks]
    assert len(set(names)) == len(names)


def test_del_takes_ones_own_mark_back_and_undo_brings_it_again(marked: tuple[Sitting, str]) -> None:
    at, own = marked
    at.key(Key.Key_Delete)
    assert at.desk.reading is not None and own not in at.desk.reading.states
    assert "taken back" in at.said
    at.key(Key.Key_Z, CTRL)
    assert at.state(own) == "added" and at.desk.current == own


def test_del_leaves_what_the_agent_proposed_and_says_what_rejects_it(read: Sitting) -> None:
    read.key(Key.Key_Delete)
    assert read.state("a") == "proposed"
    assert "is not your own mark. X rejects it." in read.said


def test_after_a_mark_in_between_the_reading_goes_on_where_it_was(read: Sitting) -> None:
    read.key(Key.Key_N)
    second = read.desk.current
    read.key(Key.Key_M)
    read.key(Key.Key_Escape)
    read.key(Key.Key_P)
    assert read.desk.current == second
    read.key(Key.Key_M)
    read.key(Key.Key_Return)
    read.key(Key.Key_A)
    assert read.desk.current == second


def test_after_two_marks_in_a_row_the_reading_goes_on_where_it_was(read: Sitting) -> None:
    read.key(Key.Key_N)
    second = read.desk.current
    for _ in range(2):
        read.key(Key.Key_M)
        read.key(Key.Key_Escape)
    read.key(Key.Key_N)
    assert read.desk.current == second
    read.key(Key.Key_N)
    assert read.desk.current not in (second, None)


def test_a_mark_on_another_one_says_so(read: Sitting) -> None:
    read.key(Key.Key_M)
    assert read.notices[-1].remedy.startswith("LMZ 1 is there too.")
    read.key(Key.Key_Delete)
    read.key(Key.Key_X)
    read.key(Key.Key_P)
    assert read.desk.current == "a"
    read.key(Key.Key_M)
    assert "is there too" not in read.notices[-1].remedy


@pytest.mark.parametrize("over", ["measurements", "why", "segments"])
def test_m_brings_the_new_marks_card_and_asks_for_its_label_whatever_lies_over_the_list(
    read: Sitting, over: str
) -> None:
    window = read.window
    if over == "why":
        read.key(Key.Key_Y)
        assert window.side.page is window.pages.why
    else:
        window.side.open(SEGMENTS if over == "segments" else len(window.side.tabs) - 1)
    window.focus_panes()
    read.key(Key.Key_M)
    assert window.side.page is None and window.side.current == FINDINGS
    bar = window.findings.labelling
    assert bar.isVisible() and QApplication.focusWidget() is bar.field
    assert bar.name.text() == read.desk.name_of(read.desk.current or "")
    assert "label" not in read.notices[-1].remedy, "it would stand there longer than the field"
    for sign in "Azygos node":
        QTest.keyClick(bar.field, sign)  # each of them is a key of the window elsewhere
    read.key(Key.Key_Return)
    assert read.desk.own.label_of(read.desk.current or "") == "Azygos node"
    assert isinstance(QApplication.focusWidget(), SliceView), "letters are keys again"
    assert read.desk.reading is not None and len(read.desk.reading.added) == 1
    assert all(read.state(one) == "proposed" for one in "abd"), "no verdict by a letter"


@pytest.mark.parametrize("by", ["key", "click"])
def test_the_field_comes_when_it_takes_letters(marked: tuple[Sitting, str], by: str) -> None:
    at, own = marked
    bar = at.window.findings.labelling
    bar.rest()
    if by == "key":
        at.key(Key.Key_M, CTRL)
    else:
        at.click(bar.type)
    assert QApplication.focusWidget() is bar.field and not bar.type.isVisible()
    QTest.keyClicks(bar.field, "ms")
    at.key(Key.Key_Return)
    assert at.desk.own.label_of(own) == "ms" and len(at.desk.reading.added) == 1  # type: ignore[union-attr]


def test_the_offered_field_goes_with_its_mark(marked: tuple[Sitting, str]) -> None:
    at, own = marked
    bar = at.window.findings.labelling
    bar.rest()
    at.key(Key.Key_P)
    assert at.desk.current != own and not bar.isVisible(), "a name typed there would be another's"
    at.desk.select(own)
    at.key(Key.Key_M, CTRL)
    at.desk.select("b")
    assert not bar.isVisible() and isinstance(QApplication.focusWidget(), SliceView)


# Labels


def test_a_label_is_typed_afterwards_without_a_dialog(marked: tuple[Sitting, str]) -> None:
    at, own = marked
    at.key(Key.Key_M, CTRL)
    bar = at.window.findings.labelling
    assert bar.isVisible() and QApplication.focusWidget() is bar.field
    bar.field.clear()
    QTest.keyClicks(bar.field, "Lymph node")
    at.key(Key.Key_Return)
    assert at.desk.reading is not None
    assert at.desk.reading.finding(own).kind == "lymph-node"  # type: ignore[union-attr]
    assert row_of(at, own).size.endswith("lymph node")
    assert isinstance(QApplication.focusWidget(), SliceView)
    assert at.state(own) == "added"


def test_own_words_stay_in_the_private_library(marked: tuple[Sitting, str]) -> None:
    at, own = marked
    at.desk.own.label("  Azygos   lobe ")
    assert at.desk.own.label_of(own) == "Azygos lobe"
    assert at.desk.reading is not None
    row = at.desk.reading.history[-1].event
    assert "Azygos" not in str(row)
    assert b"Azygos" not in (home() / "readings.sqlite").read_bytes()


def test_escape_leaves_the_label_as_it_was(marked: tuple[Sitting, str]) -> None:
    at, own = marked
    at.key(Key.Key_M, CTRL)
    QTest.keyClicks(at.window.findings.labelling.field, "xa")
    at.key(Key.Key_Escape)
    assert not at.window.findings.labelling.isVisible()
    assert at.desk.own.label_of(own) == "nodule"
    assert at.state("a") == "proposed"


def test_a_click_on_a_kind_labels_the_mark(marked: tuple[Sitting, str]) -> None:
    at, own = marked
    at.key(Key.Key_M, CTRL)
    at.click(at.window.findings.labelling.chips["effusion"])
    assert at.desk.own.label_of(own) == "pleural effusion"


def test_the_copied_name_says_what_the_mark_is(marked: tuple[Sitting, str]) -> None:
    at, _ = marked
    at.desk.own.label("pleural effusion")
    at.key(Key.Key_C, CTRL)
    assert "mm pleural effusion, se 7 im" in QApplication.clipboard().text()


def test_a_name_of_the_field_that_m_offers_is_one_click_away(marked: tuple[Sitting, str]) -> None:
    at, own = marked
    at.click(at.window.findings.labelling.chips["cyst"])
    assert at.desk.own.label_of(own) == "cyst"
    assert not at.window.findings.labelling.isVisible()


def test_only_ones_own_marks_have_a_label(read: Sitting) -> None:
    read.key(Key.Key_M, CTRL)
    assert not read.window.findings.labelling.isVisible()
    assert "Only a mark of your own has a label" in read.said
    assert read.desk.reading is not None
    before = len(read.desk.reading.history)
    read.desk.own.label("effusion")
    assert len(read.desk.reading.history) == before


# Redo says what it did


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([(Key.Key_A, NONE)], "LMZ 1 accepted"),
        ([(Key.Key_X, NONE), (Key.Key_1, ALT)], "LMZ 1: vessel"),
        ([(Key.Key_M, NONE)], "added"),
        ([(Key.Key_M, NONE), (Key.Key_Delete, NONE)], "taken back"),
    ],
)
def test_undo_and_redo_say_what_came_and_went(
    read: Sitting, steps: list[tuple[Qt.Key, Qt.KeyboardModifier]], said: str
) -> None:
    for step in steps:
        read.key(*step)
    read.key(Key.Key_Z, CTRL)
    assert read.said.startswith("Undone: ")
    read.key(Key.Key_Z, CTRL | SHIFT)
    assert read.said.startswith("Done again: ") and said in read.said


# Why, finding a finding, saved


def test_y_explains_the_finding_and_goes_on_with_it(read: Sitting) -> None:
    read.key(Key.Key_Y)
    page = read.window.pages.why
    assert read.window.side.page is page
    assert page._name.text() == read.desk.name_of(read.desk.current or "")
    read.key(Key.Key_A)
    assert page._name.text() == read.desk.name_of(read.desk.current or "")
    read.key(Key.Key_Y)
    assert read.window.side.page is None
    assert not read.window.findings.rows.look.numbers


def texts(widget: QWidget) -> str:
    from PySide6.QtWidgets import QLabel

    return " | ".join(label.text() for label in widget.findChildren(QLabel))


def test_y_on_the_segments_tab_explains_the_lungs(read: Sitting) -> None:
    read.key(Key.Key_Tab, CTRL)
    read.key(Key.Key_Y)
    said = texts(read.window.pages.why)
    assert "1,990 ml" in said and "Model" in said and "test 1" in said
    read.key(Key.Key_Escape)
    assert read.window.side.current == 1 and read.window.side.page is None


def test_why_without_a_finding_says_how_to_get_one(sitting: Sitting) -> None:
    sitting.open()
    sitting.key(Key.Key_Y)
    assert "No finding is current. N goes to the next one." in texts(sitting.window.pages.why)


def test_ctrl_f_finds_a_finding_by_its_words(read: Sitting) -> None:
    read.key(Key.Key_F, CTRL)
    field = read.window.findings.search
    assert QApplication.focusWidget() is field
    QTest.keyClicks(field, "rmz")
    rows = [e.id for e in read.window.findings.model.entries if e.kind != HEAD]
    assert rows == ["d"]
    read.key(Key.Key_Return)
    assert read.desk.current == "d"
    assert isinstance(QApplication.focusWidget(), SliceView)
    assert len([e for e in read.window.findings.model.entries if e.kind != HEAD]) == 4


def test_ctrl_s_says_since_when_and_where(read: Sitting) -> None:
    read.key(Key.Key_A)
    read.key(Key.Key_S, CTRL)
    assert read.said.startswith("Saved, with your last step at ")
    assert str(home()) in read.notices[-1].remedy


def test_r_opens_the_reports_page_and_esc_leaves_it(read: Sitting) -> None:
    read.key(Key.Key_R)
    assert read.window.side.page is read.window.pages.report
    read.key(Key.Key_Escape)
    assert read.window.side.page is None


# The hand


def test_space_held_peeks_and_let_go_brings_the_marks_back(
    read: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    pane = QApplication.focusWidget()
    assert pane is not None
    panes, hands = read.window.panes, read.window.hands
    QTest.keyPress(pane, Key.Key_Space)
    assert not panes.state.show_marks
    hands._held_since -= 1.0  # type: ignore[operator]
    QTest.keyRelease(pane, Key.Key_Space)
    assert panes.state.show_marks
    QTest.keyClick(pane, Key.Key_Space)
    assert not panes.state.show_marks


def test_another_key_let_go_while_space_is_down_ends_no_peek(read: Sitting) -> None:
    pane = QApplication.focusWidget()
    assert pane is not None
    QTest.keyPress(pane, Key.Key_Space)
    read.window.hands._held_since -= 1.0  # type: ignore[operator]
    QTest.keyRelease(pane, Key.Key_Shift)
    assert not read.window.panes.state.show_marks


@pytest.mark.parametrize(
    ("button", "goes_to"),
    [(Qt.MouseButton.ForwardButton, 1), (Qt.MouseButton.BackButton, -1)],
)
def test_the_mouses_own_buttons_go_on_and_back(
    read: Sitting, button: Qt.MouseButton, goes_to: int
) -> None:
    QTest.mouseClick(read.window.panes.views["axial"], button, NONE, QPoint(50, 50))
    assert read.desk.current == read.desk.order[goes_to]


def test_those_buttons_work_beside_the_panes_too(read: Sitting) -> None:
    at = QPointF(200, 20)
    event = QMouseEvent(
        QEvent.Type.MouseButtonPress, at, at, Qt.MouseButton.ForwardButton,
        Qt.MouseButton.ForwardButton, NONE,
    )  # fmt: skip
    QApplication.sendEvent(read.window.topbar, event)
    assert read.desk.current == read.desk.order[1]


def test_an_input_method_swallows_no_key_on_a_pane(read: Sitting) -> None:
    pane = QApplication.focusWidget()
    assert isinstance(pane, SliceView)
    assert not pane.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
    assert not pane.inputMethodQuery(Qt.InputMethodQuery.ImEnabled)
    composing = QInputMethodEvent("a", [])
    QApplication.sendEvent(pane, composing)
    assert not composing.isAccepted()
    read.key(Key.Key_A)
    assert read.state("a") == "accepted"


def test_an_input_method_writes_into_a_field_and_judges_nothing(read: Sitting) -> None:
    read.key(Key.Key_F, CTRL)
    field = QApplication.focusWidget()
    event = QInputMethodEvent()
    event.setCommitString("\u80ba")
    QApplication.sendEvent(field, event)
    assert read.window.findings.search.text() == "\u80ba"
    assert read.state("a") == "proposed"


def test_y_shows_the_edge_of_the_mask_and_takes_it_away_again(read: Sitting) -> None:
    edge = read.window.hands.edge
    assert edge._shapes is None
    before = read.window.panes.views["axial"].grab().toImage()
    read.key(Key.Key_Y)
    assert edge._of is read.desk.current_finding and edge._shapes is not None
    assert read.window.panes.views["axial"].grab().toImage() != before
    read.key(Key.Key_N)
    assert edge._of is read.desk.current_finding
    read.key(Key.Key_Y)
    assert edge._of is None and edge._shapes is None
