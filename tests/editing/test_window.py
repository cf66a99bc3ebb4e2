"""Editing in the window: keys, hands on the panes, the strip, the card, and what the panes show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from ai.nodules.added import GROWING
from ai.scan.labelmap import MadeBy
from tests.views.test_mouse import LEFT, drag, send, turn
from tests.window.conftest import CTRL, NONE, SHIFT, Sitting
from viewer.editing.field import Target
from viewer.editing.hold import TOOLS
from viewer.editing.lane import change, count
from viewer.editing.messages import ChangeMask, CountMask
from viewer.editing.operations import SPLITTING
from viewer.panels.entries import ENTRY
from viewer.panels.finding_rows import FindingEntry
from viewer.reading.edits import LUNGS_MASK
from viewer.reading.events import FindingAdded
from viewer.views.slice_view import SliceView
from viewer.window.keys import FINDINGS, SEGMENTS

SHAPE = (40, 64, 64)
NOTHING = Qt.MouseButton.NoButton


@pytest.fixture
def edit(read: Sitting) -> Iterator[Sitting]:
    """The first finding is being edited."""
    read.desk.select("a")
    read.key(Qt.Key.Key_E)
    yield read


def axial(sitting: Sitting) -> SliceView:
    return sitting.window.panes.views["axial"]


def pixel(view: SliceView, *kji: float) -> QPointF:
    """Where a voxel lies on a pane, which is moved to its slice."""
    assert view.volume is not None
    lps = view.volume.geometry.lps_of(kji)
    x, y = view.view().pixels_of(lps)
    return QPointF(float(x), float(y))


def mask(sitting: Sitting, finding: str = "a") -> np.ndarray:
    assert sitting.desk.reading is not None
    found = sitting.desk.reading.finding(finding)
    assert found is not None and found.mask is not None
    return found.mask.on(SHAPE)


def stroke(sitting: Sitting, *at: tuple[int, int], mods: Qt.KeyboardModifier = NONE) -> None:
    """The left hand drags over places (row, column) of the slice that the axial pane shows."""
    view = axial(sitting)
    points = [pixel(view, 20, *place) for place in at]
    send(view, QEvent.Type.MouseButtonPress, points[0], LEFT, LEFT, mods)
    for point in points[1:]:
        send(view, QEvent.Type.MouseMove, point, NOTHING, LEFT, mods)
    send(view, QEvent.Type.MouseButtonRelease, points[-1], LEFT, NOTHING, mods)


def picture(view: SliceView) -> np.ndarray:
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.array(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[..., :3]


def card(sitting: Sitting) -> FindingEntry:
    return next(entry for entry in sitting.window.findings.model.entries if entry.current)


def test_the_figures_of_the_last_finding_in_the_list_are_in_sight_while_it_is_edited(
    read: Sitting,
) -> None:
    panel = read.window.findings
    read.desk.select(read.desk.order[-1])
    last = panel.model.index(panel.model.rowCount() - 1)
    while not last.data(ENTRY).current:
        last = panel.model.index(last.row() - 1)
    panel.list.doItemsLayout()
    panel.list.setFixedHeight(panel.list.visualRect(last).bottom() + 5)  # its card just fits
    QApplication.processEvents()
    read.key(Qt.Key.Key_E)
    assert card(read).edit is not None
    figures = panel.list.visualRect(last)
    assert figures.height() > 0 and figures.bottom() < panel.list.viewport().height()


def test_whatever_tab_was_open_the_figures_of_the_edited_finding_are_seen(read: Sitting) -> None:
    side = read.window.side
    side.open(len(side.tabs) - 1)  # the measurements
    read.key(Qt.Key.Key_E)
    assert side.current == FINDINGS and card(read).edit is not None


def test_e_opens_the_strip_and_the_left_hand_paints(edit: Sitting) -> None:
    assert edit.window.editing.strip.isVisible() and edit.window.panes.state.tool == "edit"
    before = mask(edit)
    stroke(edit, (20, 20), (20, 30))
    after = mask(edit)
    assert after[20, 20, 26] and after.sum() > before.sum()
    assert edit.state("a") == "edited"


def test_enter_ends_it_and_the_tool_before_it_is_back(edit: Sitting) -> None:
    stroke(edit, (20, 26))
    edit.key(Qt.Key.Key_Return)
    assert not edit.window.editing.strip.isVisible()
    assert edit.window.panes.state.tool == "window" and edit.state("a") == "edited"


def test_esc_leaves_all_as_it_was(edit: Sitting) -> None:
    before = mask(edit)
    stroke(edit, (20, 26))
    edit.key(Qt.Key.Key_Escape)
    assert not edit.window.editing.strip.isVisible()
    assert np.array_equal(mask(edit), before) and edit.state("a") == "proposed"


def test_cancel_and_done_are_buttons_too(edit: Sitting) -> None:
    strip = edit.window.editing.strip
    stroke(edit, (20, 26))
    edit.click(strip.done, strip.done.rect().center())
    assert edit.desk.editing.field is None and edit.state("a") == "edited"
    edit.key(Qt.Key.Key_E)
    stroke(edit, (26, 20))
    painted = mask(edit)
    edit.click(strip.cancel, strip.cancel.rect().center())
    assert edit.desk.editing.field is None and not np.array_equal(mask(edit), painted)


def test_shift_and_a_digit_choose_the_tools_in_their_order(edit: Sitting) -> None:
    digits = [getattr(Qt.Key, f"Key_{n}") for n in range(1, 7)]
    for tool, key in zip(TOOLS, digits, strict=False):
        edit.key(key, SHIFT)
        assert edit.desk.editing.hold.tool == tool
        assert edit.window.editing.strip.chips[tool].isChecked()
    edit.key(Qt.Key.Key_7, SHIFT)
    assert edit.jobs.asked(ChangeMask).operation.name == "smooth"
    assert edit.desk.editing.hold.tool == "islands", "the tool before it stays in the hand"


def test_a_chip_is_its_key(edit: Sitting) -> None:
    chip = edit.window.editing.strip.chips["erase"]
    edit.click(chip, chip.rect().center())
    assert edit.desk.editing.hold.tool == "erase"
    stroke(edit, (20, 20))
    assert not mask(edit)[20, 20, 20]


def test_brackets_and_shift_wheel_change_the_size(edit: Sitting) -> None:
    edit.key(Qt.Key.Key_BracketRight)
    assert edit.desk.editing.hold.diameter_mm == 7.0
    edit.key(Qt.Key.Key_BracketLeft)
    edit.key(Qt.Key.Key_BracketLeft)
    assert edit.desk.editing.hold.diameter_mm == 5.0
    view, slice_before = axial(edit), axial(edit).slice_k()
    turn(view, 120, SHIFT)
    assert edit.desk.editing.hold.diameter_mm == 6.0 and view.slice_k() == slice_before
    turn(view, -120)
    assert view.slice_k() != slice_before, "the plain wheel scrolls as ever"


def test_ctrl_erases_instead_of_drawing_a_window(edit: Sitting) -> None:
    window = edit.window.panes.state.window
    stroke(edit, (20, 20), (20, 22), mods=CTRL)
    assert not mask(edit)[20, 20, 20] and edit.window.panes.state.window == window


def test_painting_works_on_every_plane(edit: Sitting) -> None:
    for name, at in (("coronal", (24, 20, 24)), ("sagittal", (24, 24, 20))):
        view = edit.window.panes.views[name]
        point = pixel(view, *at)
        drag(view, LEFT, point, point + QPointF(1, 0))
        assert mask(edit)[at]


def test_a_disc_paints_the_shown_slice_alone(edit: Sitting) -> None:
    edit.desk.editing.set_hold(replace(edit.desk.editing.hold, sphere=False, diameter_mm=12.0))
    before = mask(edit)
    stroke(edit, (20, 30))
    assert np.flatnonzero((mask(edit) & ~before).any(axis=(1, 2))).tolist() == [20]


def test_the_contour_and_the_brush_are_drawn(edit: Sitting) -> None:
    view, overlay = axial(edit), edit.window.editing.overlay
    with_contour = picture(view)
    send(view, QEvent.Type.MouseMove, pixel(view, 20, 30, 30), NOTHING, NOTHING)
    with_brush = picture(view)
    changed = np.argwhere((with_brush != with_contour).any(axis=-1))
    at, radius = pixel(view, 20, 30, 30), 3.0 / view.view().mm_per_px
    away = np.hypot(changed[:, 1] - at.x(), changed[:, 0] - at.y())
    brush = away < 2 * radius  # the corner of the pane tells the HU under it
    assert brush.sum() > 20 and abs(away[brush].max() - radius) < 4
    overlay._shapes = None
    bare = picture(view)
    rows, columns = np.nonzero((bare != with_contour).any(axis=-1))
    centre = pixel(view, 20, 20, 20)
    near = np.hypot(columns - centre.x(), rows - centre.y()) < 8 / view.view().mm_per_px
    assert near.sum() > 20


def test_a_stroke_is_seen_before_the_hand_is_up(edit: Sitting) -> None:
    view, rows = axial(edit), edit.desk.reading.last_row  # type: ignore[union-attr]
    before = picture(view)
    point = pixel(view, 20, 30, 30)
    send(view, QEvent.Type.MouseButtonPress, point, LEFT, LEFT)
    send(view, QEvent.Type.MouseMove, point + QPointF(60, 0), NOTHING, LEFT)
    assert not np.array_equal(picture(view), before)
    assert edit.desk.reading.last_row is rows  # type: ignore[union-attr]
    edit.key(Qt.Key.Key_Escape)
    assert edit.desk.editing.field is not None, "Esc gives up the stroke, not the edit"
    send(view, QEvent.Type.MouseButtonRelease, point, LEFT, NOTHING)
    assert edit.desk.reading.last_row is rows  # type: ignore[union-attr]


def test_the_lasso_closes_when_the_hand_is_up(edit: Sitting) -> None:
    edit.key(Qt.Key.Key_5, SHIFT)
    stroke(edit, (16, 16), (16, 25), (25, 25), (25, 16), (17, 15))
    assert not mask(edit).any()


def test_corners_make_a_polygon_that_enter_closes_and_esc_drops(edit: Sitting) -> None:
    edit.key(Qt.Key.Key_5, SHIFT)
    for place in ((16, 16), (16, 25), (25, 25)):
        stroke(edit, place)
    assert edit.window.editing.tool.drawing and mask(edit).any()
    edit.key(Qt.Key.Key_Escape)
    assert not edit.window.editing.tool.drawing and edit.desk.editing.field is not None
    for place in ((16, 16), (16, 25), (25, 25), (25, 16)):
        stroke(edit, place)
    edit.key(Qt.Key.Key_Return)
    assert not mask(edit).any() and edit.desk.editing.field is not None


def test_a_click_on_the_first_corner_closes_the_polygon(edit: Sitting) -> None:
    edit.key(Qt.Key.Key_5, SHIFT)
    for place in ((16, 16), (16, 25), (25, 25), (25, 16), (16, 16)):
        stroke(edit, place)
    assert not mask(edit).any() and not edit.window.editing.tool.drawing


def test_islands_are_clicked_away_and_regrow_grows_where_it_is_clicked(edit: Sitting) -> None:
    stroke(edit, (20, 32))
    edit.key(Qt.Key.Key_6, SHIFT)
    stroke(edit, (20, 32), mods=CTRL)
    edit.jobs.say(change(edit.jobs.asked(ChangeMask), None))  # type: ignore[arg-type]
    assert not mask(edit)[20, 20, 32] and mask(edit)[20, 20, 20]
    edit.key(Qt.Key.Key_3, SHIFT)
    stroke(edit, (31, 31))
    assert mask(edit)[20, 31, 31] and not mask(edit)[20, 20, 20]


def test_ctrl_z_takes_one_stroke_back_and_the_edit_goes_on(edit: Sitting) -> None:
    stroke(edit, (20, 26))
    one = mask(edit)
    stroke(edit, (26, 20))
    edit.key(Qt.Key.Key_Z, CTRL)
    assert np.array_equal(mask(edit), one) and edit.window.editing.strip.isVisible()
    edit.key(Qt.Key.Key_Y, CTRL)
    assert mask(edit)[20, 26, 20] and edit.desk.current == "a"


def test_another_tool_of_the_panes_works_meanwhile_and_shift_1_brings_the_brush_back(
    edit: Sitting,
) -> None:
    before = mask(edit)
    edit.key(Qt.Key.Key_H)
    stroke(edit, (20, 26), (20, 30))
    assert np.array_equal(mask(edit), before) and edit.desk.editing.field is not None
    edit.key(Qt.Key.Key_1, SHIFT)
    stroke(edit, (20, 26))
    assert not np.array_equal(mask(edit), before)


def test_the_card_shows_the_agents_figures_beside_the_readers(edit: Sitting) -> None:
    shown = card(edit)
    assert shown.edit is not None and "contour by the model" in shown.edit.caption
    assert shown.edit.before == "Agent's"
    stroke(edit, (20, 26))
    shown = card(edit)
    assert shown.stale and shown.edit is not None and "export waits" in shown.edit.note
    assert shown.edit.rows[0][1:] == ("15.0", "\u2026") and "contour by you" in shown.edit.caption
    edit.desk.editing.counting.when_counted(lambda: None, "")
    edit.jobs.say(count(edit.jobs.asked(CountMask), None))  # type: ignore[arg-type]
    shown = card(edit)
    assert not shown.stale and shown.edit is not None
    assert shown.edit.rows[0][1] == "15.0" and shown.edit.rows[0][2] not in ("15.0", "\u2026")
    edit.key(Qt.Key.Key_Return)
    assert card(edit).edit is None


@pytest.mark.parametrize(
    ("made_by", "words", "head"),
    [
        (GROWING, "grown from your mark", "As marked"),
        (SPLITTING, "split off by you", "As split"),
        (MadeBy("contours from RTSTRUCT", ""), "contour from a file", "From the file"),
    ],
)
def test_the_card_of_what_no_agent_proposed_names_no_agent_and_no_model(
    read: Sitting, made_by: MadeBy, words: str, head: str
) -> None:
    assert read.desk.reading is not None
    found = read.desk.reading.finding("a")
    assert found is not None
    assert read.desk.record(FindingAdded(replace(found, id="own", made_by=made_by)))
    read.desk.select("own")
    read.key(Qt.Key.Key_E)
    shown = card(read).edit
    assert shown is not None and words in shown.caption and shown.before == head
    stroke(read, (20, 26))
    shown = card(read).edit
    assert shown is not None and "contour by you" in shown.caption and shown.before == head


def test_the_mark_of_an_edited_finding_is_not_drawn_over_it(edit: Sitting) -> None:
    marks = {mark.id: mark.state for mark in axial(edit)._marks}
    assert marks["a"] == "editing" and marks["b"] == "proposed"
    edit.key(Qt.Key.Key_Escape)
    assert {mark.id: mark.state for mark in axial(edit)._marks}["a"] == "proposed"


def test_edit_stands_on_the_card(read: Sitting) -> None:
    read.desk.select("a")
    rows = read.window.findings.rows
    n = next(n for n, entry in enumerate(read.window.findings.model.entries) if entry.current)
    view = read.window.findings.list
    box = rows.buttons(view.viewport().width())["edit"]
    read.click_entry(view, n, box.center())
    assert read.desk.editing.target == Target("a")


def test_on_the_segments_tab_e_edits_the_chosen_lung(read: Sitting) -> None:
    window = read.window
    window.side.open(SEGMENTS)
    read.click(window.segments.segment_rows[1], window.segments.segment_rows[1].rect().center())
    read.key(Qt.Key.Key_E)
    assert read.desk.editing.target == Target(LUNGS_MASK, 2)
    assert window.panes.state.hidden == {2}, "its own edge is drawn instead"
    stroke(read, (30, 30))
    assert read.desk.reading is not None and read.desk.reading.lungs is not None
    assert read.desk.reading.lungs.labels[20, 30, 30] == 2
    row = window.segments.segment_rows[1]
    assert not row.before.isHidden() and row.before.text() == "model: 1,762 ml"
    assert window.segments.segment_rows[0].before.isHidden()
    read.key(Qt.Key.Key_Return)
    assert window.panes.state.hidden == frozenset()


def test_while_a_finding_is_edited_no_other_edge_crosses_its_own(read: Sitting) -> None:
    panes = read.window.panes
    read.desk.select("a")
    read.key(Qt.Key.Key_E)
    assert read.desk.editing.target == Target("a")
    assert panes.state.hidden == {1, 2}
    read.key(Qt.Key.Key_Escape)
    assert panes.state.hidden == frozenset()


def test_the_brush_beside_a_lung_edits_it_and_another_row_the_other_one(read: Sitting) -> None:
    window = read.window
    window.side.open(SEGMENTS)
    right, left = (row for row in window.segments.segment_rows if not row.isHidden())
    read.click(left.edit, left.edit.rect().center())
    assert read.desk.editing.target == Target(LUNGS_MASK, 2)
    read.click(right, right.rect().center())
    assert read.desk.editing.target == Target(LUNGS_MASK, 1)


def test_after_strokes_the_panes_show_the_lungs_as_fresh_panes_would(read: Sitting) -> None:
    window = read.window
    window.side.open(SEGMENTS)
    read.key(Qt.Key.Key_E)
    read.desk.editing.set_hold(replace(read.desk.editing.hold, diameter_mm=16.0))
    stroke(read, (30, 30), (40, 30))
    stroke(read, (4, 12), (4, 16))
    read.desk.undo()
    read.key(Qt.Key.Key_Return)
    window.panes.set_show_crosshair(False)
    for view in window.panes.views.values():
        view.camera.touched = True  # or fresh lungs would be fitted to
    QTest.qWait(10)
    kept = {name: picture(view) for name, view in window.panes.views.items()}
    lungs = read.desk.reading.lungs  # type: ignore[union-attr]
    window.panes.set_labels(None)
    window.panes.set_labels(lungs)
    for name, view in window.panes.views.items():
        assert np.array_equal(picture(view), kept[name]), name


def test_a_stroke_elsewhere_draws_no_pane_anew(read: Sitting) -> None:
    window = read.window
    window.side.open(SEGMENTS)
    read.key(Qt.Key.Key_E)
    stroke(read, (30, 30))
    view = window.panes.views["sagittal"]
    layer, volume = view._layer, view.volume
    assert volume is not None and read.desk.reading is not None
    view.grab()
    far = volume.geometry.lps_of([(20, 30, 2), (21, 31, 4)])
    key = layer._key
    window.panes.labels_changed(read.desk.reading.lungs, far)  # type: ignore[arg-type]
    assert layer._key is key, "its plane is not met"
    near = volume.geometry.lps_of([(20, 30, 0), (21, 31, 63)])
    window.panes.labels_changed(read.desk.reading.lungs, near)  # type: ignore[arg-type]
    assert layer._key is None


def test_the_range_is_typed_and_letters_edit_nothing_meanwhile(edit: Sitting) -> None:
    edit.key(Qt.Key.Key_4, SHIFT)
    strip = edit.window.editing.strip
    edit.click(strip.low, strip.low.rect().center())
    assert QApplication.focusWidget() is strip.low
    strip.low.selectAll()
    QTest.keyClicks(strip.low, "-700")
    QTest.keyClick(strip.low, Qt.Key.Key_Return)
    assert edit.desk.editing.hold.low_hu == -700 and edit.desk.editing.field is not None
    assert QApplication.focusWidget() is not strip.low
    edit.click(strip.high, strip.high.rect().center())
    strip.high.selectAll()
    QTest.keyClicks(strip.high, "soft")
    QTest.keyClick(strip.high, Qt.Key.Key_Return)
    assert strip.high.text() == "3071" and edit.state("a") == "proposed"


def test_threshold_painting_shows_what_it_would_take(edit: Sitting) -> None:
    view = axial(edit)
    edit.key(Qt.Key.Key_4, SHIFT)
    hold = replace(edit.desk.editing.hold, diameter_mm=24.0, low_hu=0, high_hu=100)
    edit.desk.editing.set_hold(hold)
    edit.window.editing.overlay._whole.stop()  # for a while all of the pane shows the range
    send(view, QEvent.Type.MouseMove, pixel(view, 20, 31, 31), NOTHING, NOTHING)
    inside = picture(view)
    edit.desk.editing.set_hold(replace(hold, low_hu=200, high_hu=300))
    edit.window.editing.overlay._whole.stop()
    send(view, QEvent.Type.MouseMove, pixel(view, 20, 31, 31), NOTHING, NOTHING)
    assert not np.array_equal(picture(view), inside)


def test_the_strip_fits_every_window(edit: Sitting) -> None:
    strip = edit.window.editing.strip
    for wide in (1024, 1280, 1440, 1920):
        edit.window.resize(wide, 720)
        for tool in TOOLS[:6]:
            edit.window.editing.choose(tool)
            assert strip._wide() <= strip.width(), (wide, tool)
            assert strip.done.geometry().right() <= strip.width()
            assert strip.done.width() >= strip.done.sizeHint().width()


def test_without_an_edit_its_keys_say_what_is_missing(read: Sitting) -> None:
    read.key(Qt.Key.Key_2, SHIFT)
    assert "E edits" in read.said
    read.key(Qt.Key.Key_BracketRight)
    assert "E edits" in read.said


def test_a_3d_picture_follows_when_the_edit_is_done(read: Sitting) -> None:
    told: list[object] = []

    class Pane:
        def set_labels(self, lungs: object) -> None:
            told.append(lungs)

        def set_masks(self, masks: object) -> None: ...

        def set_marks(self, marks: object) -> None: ...

        def set_view_state(self, state: object) -> None: ...

        def close(self) -> None: ...

    read.window.volume.pane = Pane()  # type: ignore[assignment]
    read.window.side.open(SEGMENTS)
    read.key(Qt.Key.Key_E)
    told.clear()
    stroke(read, (30, 30))
    assert not told
    read.key(Qt.Key.Key_Return)
    assert told and read.desk.reading is not None and told[-1] is read.desk.reading.lungs


def looks(sitting: Sitting) -> dict[str, tuple[float, float, float, bool]]:
    """How every pane looks at the scan: its middle on the plane, its zoom, whether by hand."""
    cameras = {name: view.camera for name, view in sitting.window.panes.views.items()}
    return {
        name: (one.right_mm, one.down_mm, one.mm_per_px, one.touched)
        for name, one in cameras.items()
    }


def test_panes_come_close_to_the_finding_and_go_back_on_leaving(read: Sitting) -> None:
    read.desk.select("a")
    QApplication.processEvents()
    before, finding = looks(read), read.desk.current_finding
    assert finding is not None
    read.key(Qt.Key.Key_E)
    QApplication.processEvents()
    view = axial(read)
    x, y = view.view().pixels_of(finding.centre_lps)
    strip = read.window.editing.strip.height()
    assert abs(x - view.width() / 2) <= 1 and abs(y - view.height() / 2) <= strip
    field = min(view.width(), view.height()) * view.camera.mm_per_px
    assert 40 <= field + 1e-6 and view.camera.mm_per_px < before["axial"][2]
    read.key(Qt.Key.Key_Escape)
    QApplication.processEvents()
    for name, look in looks(read).items():
        assert look == pytest.approx(before[name], abs=0.6), name


def test_who_is_closer_already_stays_as_close(read: Sitting) -> None:
    read.desk.select("a")
    read.window.panes.zoom(30.0, "axial")
    near = axial(read).camera.mm_per_px
    read.key(Qt.Key.Key_E)
    assert axial(read).camera.mm_per_px == near


def test_a_lung_is_edited_at_the_zoom_that_was_there(read: Sitting) -> None:
    read.window.side.open(SEGMENTS)
    read.window.panes.zoom(0.5, "axial")
    before = axial(read).camera.mm_per_px
    read.key(Qt.Key.Key_E)
    assert read.desk.editing.target == Target(LUNGS_MASK, 1)
    assert axial(read).camera.mm_per_px == before


def test_enter_right_after_a_stroke_brings_the_panes_back_as_they_were(
    read: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viewer.views.panes.FRESH_S", 0.0)  # the scan came long ago
    read.desk.select("a")
    QApplication.processEvents()
    read.window.panes.fit()
    before = looks(read)
    read.key(Qt.Key.Key_E)
    QApplication.processEvents()
    stroke(read, (20, 20), (20, 22))
    read.key(Qt.Key.Key_Return)
    QApplication.processEvents()
    for name, look in looks(read).items():
        assert look == pytest.approx(before[name], abs=0.01), name
