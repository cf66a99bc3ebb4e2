"""What is drawn can be pulled, named, taken away, undone, and is there again after a new start."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QLineEdit

from tests.fakes import chest
from tests.measuring.conftest import Artist, Key
from tests.views.test_mouse import LEFT, NONE, send
from viewer.measuring.hits import Box
from viewer.measuring.shapes import Kind
from viewer.measuring.tools import Pencil
from viewer.reading.events import MeasurementChanged
from viewer.views.slice_view import SliceView

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def text_box(artist: Artist) -> Box:
    box = artist.at.window.measuring.hand.laid(artist.pane)[0].traced.text
    assert box is not None
    return box


def drag_px(artist: Artist, start: QPointF, *stops: QPointF) -> None:
    send(artist.pane, QEvent.Type.MouseButtonPress, start, LEFT, LEFT)
    for stop in stops:
        send(artist.pane, QEvent.Type.MouseMove, stop, NONE, LEFT)
    send(artist.pane, QEvent.Type.MouseButtonRelease, stops[-1], LEFT, NONE)


@pytest.mark.parametrize("tool", ["length", "window", "hand"])
def test_a_handle_is_pulled_with_any_tool_and_the_figure_follows(artist: Artist, tool: str) -> None:
    was = artist.length(-20, 20)
    window = artist.at.window.panes.state.window
    artist.at.window.panes.set_tool(tool)
    artist.drag(was.shape.points_lps[1], (25.0, 0, artist.z), (30.0, 0, artist.z))
    assert artist.last.figures.length_mm == pytest.approx(50)
    assert artist.last.id == was.id and len(artist.drawn) == 1
    assert artist.at.window.panes.state.window == window


def test_pulling_the_line_moves_all_of_it_and_a_click_changes_nothing(artist: Artist) -> None:
    was = artist.length()
    rows = len(artist.at.desk.reading.history)
    artist.drag((0.0, 0, artist.z))
    assert len(artist.at.desk.reading.history) == rows
    artist.drag((0.0, 0, artist.z), (5.0, 9, artist.z), (6.0, 12, artist.z))
    assert artist.last.figures.length_mm == pytest.approx(was.figures.length_mm)
    assert artist.last.shape.middle_lps == pytest.approx((6, 12, artist.z))


def test_a_press_beside_everything_takes_the_handles_away(artist: Artist) -> None:
    artist.length()
    board = artist.at.desk.measuring
    assert board.selected is not None
    artist.at.window.panes.set_tool("window")
    artist.drag((50.0, 50, artist.z))
    assert board.selected is None


def test_a_region_that_is_pulled_onto_other_tissue_is_counted_there(artist: Artist) -> None:
    artist.choose(Kind.ELLIPSE)
    z = artist.z
    artist.drag((20.0, 20, z), (25.0, 25, z), (28.0, 28, z))
    assert artist.last.figures.mean_hu == -850
    artist.drag((28.0, 24.0, z), (20.0, 20.0, z), (4.0, 0.0, z))  # by the end of an axis: it grows
    artist.key(Key.Key_Z, CTRL)
    assert artist.last.figures.mean_hu == -850
    edge = artist.last.shape.middle_lps
    artist.drag(
        (edge[0] + 4 * 0.7071, edge[1] + 4 * 0.7071, z), (10.0, 10.0, z), (2.8284, 2.8284, z)
    )
    assert artist.last.shape.middle_lps == pytest.approx((0, 0, z), abs=0.01)
    assert artist.last.figures.mean_hu == 40


def test_its_words_are_moved_and_never_onto_it(artist: Artist) -> None:
    was = artist.length()
    box = text_box(artist)
    start = QPointF(*box.middle)
    drag_px(artist, start, start + QPointF(40, 60), start + QPointF(60, 110))
    moved = text_box(artist)
    assert moved.middle == pytest.approx((start.x() + 60, start.y() + 110), abs=0.6)
    assert artist.last.figures == was.figures
    onto = artist.px((0.0, 0.0, artist.z))
    drag_px(artist, QPointF(*moved.middle), onto - QPointF(0, 5), onto)
    trace = artist.at.window.measuring.hand.laid(artist.pane)[0].traced
    assert trace.text is not None and not trace.text.meets(trace.box)


def test_its_words_stay_beside_it_when_the_picture_is_zoomed(artist: Artist) -> None:
    artist.length()
    box = text_box(artist)
    start = QPointF(*box.middle)
    drag_px(artist, start, start + QPointF(0, 40), start + QPointF(0, 80))
    off = artist.last.shape.text_off_lps
    artist.pane.zoom(1.5, about=artist.px((0.0, 0, artist.z)))
    middle = artist.px(tuple(a + b for a, b in zip(artist.last.shape.middle_lps, off, strict=True)))
    assert text_box(artist).middle == pytest.approx((middle.x(), middle.y()), abs=0.01)


def test_words_for_a_drawing_are_typed_on_the_image(artist: Artist) -> None:
    artist.length()
    artist.key(Key.Key_T, SHIFT)
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit)
    field.setText("node")
    artist.key(Key.Key_Return)
    assert artist.at.desk.measuring.title_of(artist.last.shape) == "node"
    lines = artist.at.window.measuring.hand.laid(artist.pane)[0].lines
    assert lines == ("node", "40.0 mm")
    assert artist.pane.hasFocus()


def test_letters_in_the_field_are_letters_and_no_tools(artist: Artist) -> None:
    artist.length()
    artist.key(Key.Key_T, SHIFT)
    for key in (Key.Key_W, Key.Key_X, Key.Key_Space, Key.Key_1):
        artist.key(key)
    assert artist.at.window.panes.state.tool == "length"
    assert QApplication.focusWidget().text() == "wx 1"  # type: ignore[union-attr]


def test_the_readers_own_words_stand_in_quotes_where_they_are_told(artist: Artist) -> None:
    was = artist.length()
    artist.at.desk.measuring.set_label(was.id, "look")
    artist.at.desk.measuring.remove(was.id)
    assert artist.at.said == "\u201clook\u201d removed"
    artist.key(Key.Key_Z, CTRL)
    assert artist.at.said == "Undone: \u201clook\u201d is back"


def test_undo_and_redo_say_what_they_did(artist: Artist) -> None:
    was = artist.length()
    artist.drag(was.shape.points_lps[1], (28.0, 0, artist.z), (30.0, 0, artist.z))
    board = artist.at.desk.measuring
    board.remove_selected()
    assert artist.at.said == "Length 1 removed" and not artist.drawn
    artist.key(Key.Key_Z, CTRL)
    assert artist.at.said == "Undone: Length 1 is back"
    artist.key(Key.Key_Z, CTRL)
    assert artist.at.said == "Undone: Length 1 is 40.0 mm again"
    assert artist.drawn == (was,)
    artist.key(Key.Key_Z, CTRL)
    assert artist.at.said == "Undone: Length 1 is gone" and not artist.drawn
    current = artist.at.desk.current
    artist.key(Key.Key_Y, CTRL)
    assert artist.drawn == (was,) and artist.at.desk.current == current


def test_undo_goes_to_what_it_brought_back(artist: Artist) -> None:
    artist.length()
    z = artist.z
    artist.at.desk.measuring.remove_selected()
    artist.at.window.panes.scroll(9, "axial")
    artist.key(Key.Key_Z, CTRL)
    assert artist.z == pytest.approx(z)


def test_del_takes_the_selected_drawing_and_nothing_else(artist: Artist) -> None:
    artist.length()
    second = artist.length(y=20.0)
    artist.at.desk.measuring.select(artist.drawn[0].id)
    artist.key(Key.Key_Delete)
    assert artist.drawn == (second,)


def test_del_leaves_a_drawing_that_no_pane_shows(artist: Artist) -> None:
    was = artist.length()
    z = artist.z
    artist.at.desk.measuring.select(was.id)
    artist.at.window.panes.go_to((0.0, 60.0, z + 15.0))
    artist.key(Key.Key_Delete)
    assert artist.drawn == (was,)
    artist.at.desk.measuring.go_to(was.id)
    artist.key(Key.Key_Delete)
    assert artist.drawn == ()


def test_going_to_a_finding_drops_the_drawing_that_was_selected(artist: Artist) -> None:
    was = artist.length()
    board = artist.at.desk.measuring
    board.select(was.id)
    artist.key(Key.Key_M)
    assert board.selected is None and artist.at.desk.current is not None
    artist.key(Key.Key_Delete)
    assert artist.drawn == (was,) and artist.at.desk.current is None


def test_numbers_go_on_and_are_not_given_to_two(artist: Artist) -> None:
    first, second = artist.length(), artist.length(y=10)
    artist.at.desk.measuring.remove(first.id)
    third = artist.length(y=20)
    assert (second.shape.number, third.shape.number) == (2, 3)


def test_a_stale_change_is_not_kept(artist: Artist) -> None:
    was = artist.length()
    rows = len(artist.at.desk.reading.history)
    board = artist.at.desk.measuring
    board.change(was.shape)
    board.set_label(was.id, "  ")
    board.change(replace(was.shape, id="gone"))
    assert board.remove("gone") is False
    assert len(artist.at.desk.reading.history) == rows


def test_all_of_it_is_there_after_the_series_was_left_and_opened_again(artist: Artist) -> None:
    was = artist.length()
    artist.at.desk.measuring.set_label(was.id, "aorta")
    kept = artist.drawn
    assert isinstance(artist.at.desk.reading.history[-1].event, MeasurementChanged)
    artist.at.open(chest("5.5"))
    assert artist.drawn == () and artist.at.window.measuring.tab.count == ""
    artist.at.open()
    assert artist.drawn == kept
    assert artist.at.desk.measuring.title_of(artist.last.shape) == "aorta"
    assert artist.at.window.measuring.tab.count == "1"


def test_the_list_tells_all_and_a_click_goes_there(artist: Artist) -> None:
    artist.length()
    artist.choose(Kind.ELLIPSE)
    z = artist.z
    artist.drag((-5.0, 25, z), (0.0, 30, z), (5.0, 35, z))
    panel = artist.at.window.measuring.panel
    artist.at.window.side.open(3)
    entries = panel.model.entries
    assert [(e.title, e.where) for e in entries] == [("Length 1", "im 20"), ("Oval 1", "im 20")]
    assert entries[1].selected and not entries[0].selected
    assert entries[1].lines == (
        "78.5 mm\u00b2",
        "mean \u2212850 HU, SD 0",
        "\u2212850 to \u2212850 HU, median \u2212850",
    )
    artist.at.window.panes.scroll(6, "axial")
    artist.at.click_entry(panel.list, 0)
    assert artist.z == pytest.approx(z)
    assert artist.at.desk.measuring.selected == artist.drawn[0]


def test_the_card_removes_and_asks_for_words(artist: Artist) -> None:
    artist.length()
    panel = artist.at.window.measuring.panel
    artist.at.window.side.open(3)
    wide = panel.list.viewport().width()
    places = panel.rows.buttons(panel.model.entries[0], wide)
    artist.at.click_entry(panel.list, 0, places["name-measurement"].center())
    assert isinstance(QApplication.focusWidget(), QLineEdit)
    artist.key(Key.Key_Escape)
    artist.at.click_entry(panel.list, 0, places["delete"].center())
    assert artist.drawn == ()


def test_drawings_hide_with_the_marks(artist: Artist) -> None:
    artist.length()
    hand = artist.at.window.measuring.hand
    artist.key(Key.Key_Space)
    assert hand.laid(artist.pane) == []
    artist.key(Key.Key_Space)
    assert len(hand.laid(artist.pane)) == 1


def test_a_brush_is_not_robbed_of_its_press(artist: Artist) -> None:
    was = artist.length()

    class Brush(Pencil):
        name = "brush"

        def __init__(self) -> None:
            self.presses = 0

        def press(self, view: SliceView, event: QMouseEvent) -> bool:
            self.presses += 1
            return True

        def move(self, view: SliceView, event: QMouseEvent) -> None: ...

        def release(self, view: SliceView, event: QMouseEvent) -> None: ...

        def leave(self, view: SliceView) -> None: ...

    brush, panes = Brush(), artist.at.window.panes
    panes.add_tool(brush)
    panes.set_tool("brush")
    artist.drag(was.shape.points_lps[1], (28.0, 0, artist.z), (30.0, 0, artist.z))
    assert brush.presses == 1 and artist.drawn == (was,)


def test_with_ctrl_the_pane_draws_its_box_and_no_line(artist: Artist) -> None:
    artist.choose(Kind.LENGTH)
    artist.drag((0.0, 0, artist.z), (10.0, 10, artist.z), (20.0, 20, artist.z), keys=CTRL)
    assert artist.drawn == () and not artist.at.window.measuring.hand.drawing
