"""Del and the selected drawing: from its tab, in a pane's own window, and after undo and redo."""

from __future__ import annotations

from tests.measuring.conftest import Artist, Key
from tests.window.conftest import CTRL, SHIFT


def open_tab(artist: Artist) -> None:
    window = artist.at.window
    window.side.open(window.side.tabs.index(window.measuring.tab))


def test_in_its_tab_the_selected_row_goes_though_no_pane_shows_the_drawing(artist: Artist) -> None:
    artist.key(Key.Key_M)
    mark = artist.at.desk.current
    was = artist.length()
    artist.at.window.panes.go_to((0.0, 60.0, artist.z + 15.0))
    open_tab(artist)
    assert artist.at.window.measuring.panel.model.entries[0].selected
    artist.key(Key.Key_Delete)
    assert artist.drawn == () and artist.at.desk.current == mark, "the row that stands out went"
    artist.key(Key.Key_Z, CTRL)
    assert artist.drawn == (was,)


def test_in_its_tab_the_selected_row_goes_though_marks_are_hidden(artist: Artist) -> None:
    artist.length()
    artist.at.window.panes.set_show_marks(False)
    open_tab(artist)
    artist.key(Key.Key_Delete)
    assert artist.drawn == ()


def test_a_row_below_another_page_is_not_seen_and_stays(artist: Artist) -> None:
    was = artist.length()
    open_tab(artist)
    artist.at.window.panes.go_to((0.0, 60.0, artist.z + 15.0))
    artist.at.window.side.show_page(artist.at.window.pages.why)
    artist.key(Key.Key_Delete)
    assert artist.drawn == (was,)


def test_del_works_in_the_window_of_a_pane(artist: Artist) -> None:
    artist.length()
    artist.key(Key.Key_F11, SHIFT)
    assert artist.at.window.panes.detached == ("axial",)
    artist.pane.window().activateWindow()
    artist.pane.setFocus()
    artist.key(Key.Key_Delete)
    assert artist.drawn == ()


def test_del_in_the_main_window_takes_what_the_window_of_a_pane_shows(artist: Artist) -> None:
    artist.length()
    artist.key(Key.Key_F11, SHIFT)
    artist.at.window.activateWindow()
    artist.at.window.panes.views["coronal"].setFocus()
    artist.key(Key.Key_Delete)
    assert artist.drawn == ()


def test_undo_and_redo_of_a_drawing_keep_it_selected(artist: Artist) -> None:
    artist.key(Key.Key_M)
    was = artist.length()
    board = artist.at.desk.measuring
    artist.key(Key.Key_Delete)
    artist.key(Key.Key_Z, CTRL)
    assert board.selected == was
    artist.key(Key.Key_Delete)
    assert artist.drawn == (), "the drawing, and not the mark"
    artist.key(Key.Key_Z, CTRL)
    artist.key(Key.Key_Z, CTRL)
    assert artist.drawn == () and board.selected is None
    artist.key(Key.Key_Y, CTRL)
    assert board.selected == was


def test_undo_of_one_drawing_leaves_another_one_selected(artist: Artist) -> None:
    first = artist.length()
    artist.length(y=20.0)
    artist.at.desk.measuring.go_to(first.id)
    artist.key(Key.Key_Z, CTRL)
    assert artist.drawn == (first,) and artist.at.desk.measuring.selected == first
