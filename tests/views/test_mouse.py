"""What hand and wheel do on a pane."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from viewer.views import sight
from viewer.views.mouse import dragged_window
from viewer.views.panes import Panes
from viewer.views.planes import View
from viewer.views.slice_view import SliceView
from viewer.views.state import Mark, Window

LEFT, MIDDLE, RIGHT = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.MiddleButton,
    Qt.MouseButton.RightButton,
)
NONE = Qt.MouseButton.NoButton
PLAIN, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


def send(view: SliceView, kind: QEvent.Type, at: QPointF, button, buttons, keys=PLAIN) -> None:  # type: ignore[no-untyped-def]
    where = view.mapToGlobal(at.toPoint()).toPointF()
    QApplication.sendEvent(view, QMouseEvent(kind, at, where, button, buttons, keys))


def drag(view: SliceView, button: Qt.MouseButton, start: QPointF, *stops: QPointF) -> None:
    send(view, QEvent.Type.MouseButtonPress, start, button, button)
    for stop in stops:
        send(view, QEvent.Type.MouseMove, stop, NONE, button)
    send(view, QEvent.Type.MouseButtonRelease, stops[-1] if stops else start, button, NONE)


def turn(view: SliceView, eighths: int, keys=PLAIN, *, sideways: bool = False) -> None:  # type: ignore[no-untyped-def]
    at = view.rect().center().toPointF()
    angle = QPoint(eighths, 0) if sideways else QPoint(0, eighths)
    QApplication.sendEvent(
        view,
        QWheelEvent(at, view.mapToGlobal(at), QPoint(), angle, NONE, keys,
                    Qt.ScrollPhase.NoScrollPhase, False),
    )  # fmt: skip


@pytest.fixture
def axial(panes: Panes) -> SliceView:
    return panes.views["axial"]


def test_left_drag_down_raises_the_level_and_right_widens(panes: Panes, axial: SliceView) -> None:
    drag(axial, LEFT, QPointF(300, 300), QPointF(340, 300), QPointF(340, 380))
    window = panes.state.window
    assert window == dragged_window(Window(1500, -600), 40, 80)
    assert window.width == 1700 and window.level == -400


def test_a_drag_tells_the_window_once_a_step_and_every_pane_has_it(
    panes: Panes, axial: SliceView
) -> None:
    told: list[Window] = []
    panes.window_changed.connect(told.append)
    drag(axial, LEFT, QPointF(300, 300), QPointF(340, 300), QPointF(340, 300), QPointF(350, 300))
    assert [w.width for w in told] == [1700, 1750]
    assert all(view.state.window == told[-1] for view in panes.views.values())


def test_a_tremor_of_the_hand_changes_no_window(panes: Panes, axial: SliceView) -> None:
    drag(axial, LEFT, QPointF(300, 300), QPointF(301, 301))
    assert panes.state.window == Window(1500, -600)


def test_a_window_never_becomes_narrower_than_one_hu() -> None:
    assert dragged_window(Window(100, 40), -5000, 0).width == 1


def test_middle_drag_pans_and_the_picture_follows_the_hand(panes: Panes, axial: SliceView) -> None:
    before = axial.view().lps_of(300, 300)
    drag(axial, MIDDLE, QPointF(300, 300), QPointF(330, 280))
    assert axial.view().lps_of(330, 280) == pytest.approx(before)
    assert panes.state.window == Window(1500, -600)


def test_right_drag_up_enlarges_about_the_place_it_began(axial: SliceView) -> None:
    before, mm = axial.view().lps_of(200, 300), axial.camera.mm_per_px
    drag(axial, RIGHT, QPointF(200, 300), QPointF(200, 200))
    assert axial.camera.mm_per_px < mm
    assert axial.view().lps_of(200, 300) == pytest.approx(before)


def test_a_notch_towards_the_reader_goes_one_image_to_the_feet(
    panes: Panes, axial: SliceView
) -> None:
    z = axial.slice_lps()[2]
    turn(axial, -120)
    assert axial.slice_lps()[2] == pytest.approx(z - 2.0)
    turn(axial, 240)
    assert axial.slice_lps()[2] == pytest.approx(z + 2.0)


def test_a_fine_wheel_adds_up_to_whole_slices(axial: SliceView) -> None:
    z = axial.slice_lps()[2]
    for _ in range(3):
        turn(axial, -30)
    assert axial.slice_lps()[2] == z
    turn(axial, -30)
    assert axial.slice_lps()[2] == pytest.approx(z - 2.0)


@pytest.mark.parametrize("sideways", [False, True])
def test_alt_makes_the_wheel_five_times_as_fast(axial: SliceView, sideways: bool) -> None:
    z = axial.slice_lps()[2]
    turn(axial, -120, ALT, sideways=sideways)
    assert axial.slice_lps()[2] == pytest.approx(z - 10.0)


def test_the_wheel_moves_the_pane_under_it_and_makes_it_active(panes: Panes) -> None:
    y = panes.state.crosshair_lps[1]
    turn(panes.views["coronal"], -120)
    assert panes.state.crosshair_lps[1] == pytest.approx(y + 2.0, abs=1.01)
    assert panes.active == "coronal"


def test_ctrl_and_wheel_zoom_and_leave_the_slice(panes: Panes, axial: SliceView) -> None:
    place, mm = panes.state.crosshair_lps, axial.camera.mm_per_px
    turn(axial, 120, CTRL)
    assert axial.camera.mm_per_px < mm
    assert panes.state.crosshair_lps == place


def test_shift_and_moving_carries_the_crosshair_in_all_panes(
    panes: Panes, axial: SliceView, qtbot: QtBot
) -> None:
    at = QPointF(250, 350)
    expected = axial.view().lps_of(250, 350)
    with qtbot.waitSignal(panes.crosshair_moved) as told:
        send(axial, QEvent.Type.MouseMove, at, NONE, NONE, SHIFT)
    assert told.args[0] == pytest.approx(expected)
    assert panes.state.moving
    for view in panes.views.values():
        assert view.state.crosshair_lps == pytest.approx(expected)
    send(axial, QEvent.Type.MouseMove, at, NONE, NONE)
    assert not panes.state.moving


def test_the_crosshair_never_leaves_the_scan(panes: Panes, axial: SliceView) -> None:
    send(axial, QEvent.Type.MouseMove, QPointF(0, 0), NONE, NONE, SHIFT)
    assert panes.volume is not None
    assert panes.volume.hu_at(panes.state.crosshair_lps) is not None


def test_moving_without_keys_tells_the_hu_and_moves_nothing(
    panes: Panes, axial: SliceView, qtbot: QtBot
) -> None:
    place = panes.state.crosshair_lps
    with qtbot.waitSignal(panes.probe_moved) as told:
        send(axial, QEvent.Type.MouseMove, QPointF(300, 400), NONE, NONE)
    assert told.args[0].hu == 150  # slice 15
    assert told.args[0].plane == "axial"
    assert panes.state.crosshair_lps == place


def test_beyond_the_scan_there_is_no_hu(panes: Panes, axial: SliceView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panes.probe_moved) as told:
        send(axial, QEvent.Type.MouseMove, QPointF(300, 2), NONE, NONE)
    assert told.args[0].hu is None


def test_leaving_the_pane_ends_the_probe(panes: Panes, axial: SliceView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panes.probe_moved) as told:
        QApplication.sendEvent(axial, QEvent(QEvent.Type.Leave))
    assert told.args == [None]


def test_a_click_on_a_mark_tells_which_and_changes_no_window(
    panes: Panes, axial: SliceView, qtbot: QtBot
) -> None:
    lps = (10.0, 12.0, panes.state.crosshair_lps[2])
    panes.set_marks((Mark("seven", 7, lps, 4.0, "proposed"),))
    x, y = axial.view().pixels_of(lps)
    with qtbot.waitSignal(panes.mark_clicked) as told:
        drag(axial, LEFT, QPointF(x, y))
    assert told.args == ["seven"]
    assert panes.state.window == Window(1500, -600)


def test_a_click_beside_every_mark_tells_nothing(
    panes: Panes, axial: SliceView, qtbot: QtBot
) -> None:
    lps = (10.0, 12.0, panes.state.crosshair_lps[2])
    panes.set_marks((Mark("seven", 7, lps, 4.0, "proposed"),))
    with qtbot.assertNotEmitted(panes.mark_clicked):
        drag(axial, LEFT, QPointF(5, 400))


def test_hidden_marks_cannot_be_clicked(panes: Panes, axial: SliceView, qtbot: QtBot) -> None:
    lps = (10.0, 12.0, panes.state.crosshair_lps[2])
    panes.set_marks((Mark("seven", 7, lps, 4.0, "proposed"),))
    panes.set_show_marks(False)
    x, y = axial.view().pixels_of(lps)
    with qtbot.assertNotEmitted(panes.mark_clicked):
        drag(axial, LEFT, QPointF(x, y))


def test_a_right_click_asks_for_the_menu_and_a_right_drag_does_not(
    panes: Panes, axial: SliceView, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(panes.menu_asked):
        drag(axial, RIGHT, QPointF(300, 300))
    with qtbot.assertNotEmitted(panes.menu_asked):
        drag(axial, RIGHT, QPointF(300, 300), QPointF(300, 340))


def test_both_buttons_scroll(axial: SliceView) -> None:
    z = axial.slice_lps()[2]
    at = QPointF(300, 300)
    send(axial, QEvent.Type.MouseButtonPress, at, LEFT, LEFT)
    send(axial, QEvent.Type.MouseButtonPress, at, RIGHT, LEFT | RIGHT)
    send(axial, QEvent.Type.MouseMove, QPointF(300, 318), NONE, LEFT | RIGHT)
    send(axial, QEvent.Type.MouseButtonRelease, QPointF(300, 318), RIGHT, LEFT)
    send(axial, QEvent.Type.MouseButtonRelease, QPointF(300, 318), LEFT, NONE)
    assert axial.slice_lps()[2] == pytest.approx(z - 6.0)


def test_a_double_click_gives_one_pane_all_the_room_and_again_gives_it_back(
    panes: Panes, qtbot: QtBot
) -> None:
    coronal = panes.views["coronal"]
    with qtbot.waitSignal(panes.maximised_changed) as told:
        qtbot.mouseDClick(coronal, LEFT)
    assert told.args == ["coronal"]
    assert coronal.size() == panes.size()
    assert not panes.views["axial"].isVisible()
    qtbot.mouseDClick(coronal, LEFT)
    assert panes.views["axial"].isVisible() and coronal.width() == 344


def test_the_tool_decides_what_a_left_drag_does(panes: Panes, axial: SliceView) -> None:
    panes.set_tool("hand")
    before = axial.view().lps_of(300, 300)
    drag(axial, LEFT, QPointF(300, 300), QPointF(330, 280))
    assert axial.view().lps_of(330, 280) == pytest.approx(before)
    panes.set_tool("crosshair")
    expected = axial.view().lps_of(280, 300)
    drag(axial, LEFT, QPointF(280, 300))
    assert panes.state.crosshair_lps == pytest.approx(expected)
    with pytest.raises(ValueError, match="tool must be one of"):
        panes.set_tool("hammer")


def test_one_slice_onward_works_out_once_where_the_picture_lies(
    axial: SliceView, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was asked for nine times a picture: a tenth of the time of each turn of the wheel."""
    made: list[View] = []

    def counted(*seen: Any) -> View:
        made.append(View(*seen))
        return made[-1]

    monkeypatch.setattr(sight, "View", counted)
    sight._view.cache_clear()
    turn(axial, -120)
    axial.repaint()
    assert made and len(made) == len(set(made))
