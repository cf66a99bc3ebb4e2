"""The three panes and the state they share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ai.scan.volume import Volume
from tests.views import scans
from viewer.dicom.series import Patient, StoredWindow
from viewer.views.pane_text import age_text, date_text, signed, text_of
from viewer.views.panes import Panes, cut_width
from viewer.views.presets import presets, window_from_lung, window_of
from viewer.views.slice_render import Cutter
from viewer.views.state import Mark, PaneText, Window


@pytest.mark.parametrize(
    ("body", "right"),
    [((1031, 830), 344), ((1279 - 312, 650), 284), ((1919 - 440 - 380, 1010), 419),
     ((500, 400), 200)],
)  # fmt: skip
def test_the_right_column_follows_the_rule_of_the_layout(body: tuple[int, int], right: int) -> None:
    assert cut_width(*body) == right


def test_panes_fill_the_body_with_gaps_of_one_pixel(panes: Panes) -> None:
    axial, coronal, sagittal = (panes.views[n].geometry() for n in ("axial", "coronal", "sagittal"))
    assert (axial.width(), axial.height()) == (686, 830)
    assert coronal.left() - axial.right() == 2 and sagittal.top() - coronal.bottom() == 2
    assert sagittal.bottom() == 829 and coronal.right() == 1030


def test_a_scan_opens_at_its_middle(panes: Panes) -> None:
    assert panes.volume is not None
    index = panes.volume.geometry.index_of(panes.state.crosshair_lps)
    assert index == pytest.approx((15, 31.5, 31.5))


def test_a_scan_still_loading_opens_at_the_slice_that_is_there(panes: Panes) -> None:
    volume = scans.ramp()
    loaded = np.zeros(30, dtype=bool)
    loaded[[3, 20]] = True
    panes.set_scan(volume, loaded=loaded)
    assert volume.geometry.index_of(panes.state.crosshair_lps)[0] == pytest.approx(20)


def test_slices_show_as_they_come(panes: Panes) -> None:
    memory = np.full((30, 64, 64), 3000, dtype=np.int16)
    volume = Volume(scans.ramp().geometry, memory)
    panes.set_scan(volume, loaded=np.zeros(30, dtype=bool))
    panes.set_text_level("none")

    def bright() -> int:
        picture = panes.views["coronal"].grab().toImage()
        return sum(picture.pixelColor(60, y).lightness() > 200 for y in range(picture.height()))

    assert bright() == 0
    panes.slices_ready(range(10, 20))
    some = bright()
    panes.slices_ready(range(30))
    assert 0 < some < bright()


def test_before_the_first_slice_no_voxel_is_looked_at(
    panes: Panes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory that nobody has written yet would be fetched page by page, on the window's thread."""
    monkeypatch.setattr(Cutter, "cut", lambda *_, **__: pytest.fail("looked"))
    panes.set_scan(scans.ramp(), loaded=np.zeros(30, dtype=bool))
    for view in panes.views.values():
        picture = view._layer.picture(view.view(), view.state, 1.0)
        assert picture.pixelColor(picture.width() // 2, picture.height() // 2) == QColor("black")


def test_the_callers_record_of_slices_is_not_shared(panes: Panes) -> None:
    mine = np.zeros(30, dtype=bool)
    panes.set_scan(scans.ramp(), loaded=mine)
    panes.slices_ready([4])
    assert not mine.any()


def test_going_to_a_point_moves_every_plane_there(panes: Panes, qtbot: QtBot) -> None:
    point = (20.0, -11.0, 9.0)
    with qtbot.waitSignal(panes.crosshair_moved) as told:
        panes.go_to(point)
    assert told.args == [point]
    for view in panes.views.values():
        assert view.view().off_plane_mm(point) == pytest.approx(0, abs=1.0)


def test_going_to_a_point_in_sight_moves_no_picture(panes: Panes) -> None:
    axial = panes.views["axial"]
    before = (axial.camera.right_mm, axial.camera.down_mm, axial.camera.mm_per_px)
    panes.go_to((5.0, 5.0, 9.0))
    assert (axial.camera.right_mm, axial.camera.down_mm, axial.camera.mm_per_px) == before


def test_going_to_a_point_out_of_sight_brings_it_in_sight_at_the_same_zoom(panes: Panes) -> None:
    axial = panes.views["axial"]
    panes.zoom(8.0, "axial")
    mm = axial.camera.mm_per_px
    panes.go_to((55.0, 55.0, 9.0))
    x, y = axial.view().pixels_of((55.0, 55.0, 9.0))
    assert 0 < x < axial.width() and 0 < y < axial.height()
    assert axial.camera.mm_per_px == mm


@pytest.mark.parametrize(
    ("plane", "axis", "sign"), [("axial", 2, -1), ("coronal", 1, 1), ("sagittal", 0, 1)]
)
def test_scrolling_goes_onward_slice_by_slice(
    panes: Panes, plane: str, axis: int, sign: int
) -> None:
    view = panes.views[plane]
    before = view.slice_lps()
    panes.scroll(3, plane)
    after = view.slice_lps()
    moved = [b - a for a, b in zip(before, after, strict=True)]
    assert moved[axis] == pytest.approx(sign * 6.0)
    assert [m for n, m in enumerate(moved) if n != axis] == pytest.approx([0, 0])


def test_scrolling_stops_at_the_ends(panes: Panes) -> None:
    assert panes.volume is not None
    panes.scroll(500, "axial")
    assert panes.volume.geometry.index_of(panes.state.crosshair_lps)[0] == pytest.approx(0)
    panes.to_end(last=False)
    assert panes.volume.geometry.index_of(panes.state.crosshair_lps)[0] == pytest.approx(29)


def test_without_a_plane_scrolling_means_the_active_pane(panes: Panes) -> None:
    panes.activate("sagittal")
    x = panes.state.crosshair_lps[0]
    panes.scroll(2)
    assert panes.state.crosshair_lps[0] > x


def test_an_empty_desk_takes_every_call_and_shows_black(panes: Panes) -> None:
    panes.set_scan(None)
    panes.go_to((0, 0, 0))
    panes.scroll(1)
    panes.fit()
    panes.slices_ready([1])
    panes.set_labels(None)
    picture = panes.grab_pictures()["axial"]
    assert picture.pixelColor(200, 200).name() == "#000000"


def test_lungs_are_fitted_until_a_hand_has_zoomed(panes: Panes) -> None:
    assert panes.volume is not None
    axial = panes.views["axial"]
    whole = axial.camera.mm_per_px
    lungs = scans.two_balls(panes.volume.geometry)
    panes.set_labels(lungs)
    assert axial.camera.mm_per_px < whole
    panes.set_labels(None)
    panes.zoom(1.5, "axial")
    chosen = axial.camera.mm_per_px
    panes.set_labels(lungs)
    assert axial.camera.mm_per_px == chosen
    panes.fit()
    assert axial.camera.mm_per_px != chosen


def test_resizing_keeps_a_zoom_that_a_hand_chose(panes: Panes) -> None:
    axial = panes.views["axial"]
    panes.resize(800, 700)
    fitted = axial.camera.mm_per_px
    panes.zoom(2.0, "axial")
    panes.resize(1031, 830)
    assert axial.camera.mm_per_px == pytest.approx(fitted / 2)


def test_labels_colour_the_picture_by_side(panes: Panes) -> None:
    assert panes.volume is not None
    panes.set_labels(scans.two_balls(panes.volume.geometry))
    panes.set_fill(0.3)
    axial = panes.views["axial"]
    picture = axial.grab().toImage()

    def colour(x_mm: float) -> tuple[int, int, int]:
        x, y = axial.view().pixels_of((x_mm, 5.0, 1.0))
        found = picture.pixelColor(round(x), round(y))
        return found.red(), found.green(), found.blue()

    red, _, blue = colour(-30)
    assert blue > red + 20, "the right lung is blue and lies at the left of the screen"
    red, _, blue = colour(30)
    assert red > blue + 20, "the left lung is yellow"


def test_labels_with_nothing_in_them_are_no_trouble(panes: Panes) -> None:
    assert panes.volume is not None
    full = scans.two_balls(panes.volume.geometry)
    empty = type(full)(full.geometry, np.zeros_like(full.labels), full.segments, full.made_by)
    panes.set_labels(empty)
    assert len(panes.grab_pictures()) == 3


def test_labels_stop_the_numbers_only_in_their_own_range(panes: Panes) -> None:
    for wrong in (-0.1, 1.1):
        with pytest.raises(ValueError, match="between 0 and 1"):
            panes.set_fill(wrong)
    with pytest.raises(ValueError, match="level must be one of"):
        panes.set_text_level("most")


def test_a_mark_shows_on_its_slices_and_on_no_other(panes: Panes) -> None:
    assert panes.volume is not None
    axial = panes.views["axial"]
    z = axial.slice_lps()[2]
    panes.set_marks((Mark("a", 1, (10.0, 10.0, z), 3.0, "proposed", True),))
    panes.set_show_crosshair(False)

    def ring() -> bool:
        picture = axial.grab().toImage()
        place = axial._placed()
        if not place:
            return False
        x, y = round(place[0].x - place[0].radius), round(place[0].y)
        found = picture.pixelColor(x, y)
        return found.red() > 150 and found.blue() < 60

    assert ring()
    panes.scroll(1, "axial")
    assert ring(), "2 mm away is within its 3 mm"
    panes.scroll(1, "axial")
    assert not ring()
    panes.scroll(-2, "axial")
    panes.set_show_marks(False)
    assert not ring()


def test_keys_are_left_to_the_window(panes: Panes, qtbot: QtBot) -> None:
    heard: list[int] = []

    class Frame(QWidget):
        def keyPressEvent(self, event: QKeyEvent) -> None:
            heard.append(event.key())

    frame = Frame()
    qtbot.addWidget(frame)
    panes.setParent(frame)
    frame.show()
    panes.show()
    panes.setFocus()
    for key in (Qt.Key.Key_A, Qt.Key.Key_Space, Qt.Key.Key_Down):
        qtbot.keyClick(panes.views["axial"], key)
    panes.setParent(None)
    assert heard == [Qt.Key.Key_A, Qt.Key.Key_Space, Qt.Key.Key_Down]


def test_panes_take_the_focus_and_no_input_method(panes: Panes, qtbot: QtBot) -> None:
    panes.activateWindow()
    panes.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is panes.views["axial"])
    assert not panes.views["axial"].testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
    panes.activate_next()
    assert QApplication.focusWidget() is panes.views["coronal"]


def test_pictures_come_by_plane_and_in_the_size_of_the_pane(panes: Panes) -> None:
    pictures = panes.grab_pictures()
    assert set(pictures) == {"axial", "coronal", "sagittal"}
    assert pictures["coronal"].width() == 344


def test_corners_tell_patient_study_and_series() -> None:
    volume = scans.ramp()
    assert text_of(scans.series_of(volume)) == PaneText(
        ("Doe, Jane", "64 y · F"), ("2000-01-02", "Chest CT · Se 7", "STANDARD · 2 mm")
    )
    nobody = text_of(scans.series_of(volume, patient=Patient(id="LIDC-1")))
    assert nobody.patient == ("LIDC-1", "De-identified")


def test_hiding_the_patient_changes_the_picture_and_only_the_upper_left(panes: Panes) -> None:
    axial = panes.views["axial"]
    before = axial.grab().toImage()
    panes.set_patient_hidden(True)
    after = axial.grab().toImage()
    same = [
        before.copy(x, y, 200, 100) == after.copy(x, y, 200, 100)
        for x, y in ((0, 0), (480, 0), (0, 700), (480, 700))
    ]
    assert same == [False, True, True, True]


def test_words_of_headers_are_made_readable() -> None:
    assert date_text("20240131") == "2024-01-31" and date_text("") == ""
    assert age_text("018M") == "18 months" and age_text("odd") == "odd"
    assert signed(-600) == "\u2212600"


def test_the_image_number_is_the_headers_own(panes: Panes) -> None:
    axial = panes.views["axial"]
    assert (
        "Image 15 / 30" in axial.corners.probe_lines()
    )  # slice 15 from the feet, numbered from the head
    assert "150 HU" in axial.corners.probe_lines()


def test_presets_lie_on_the_digits() -> None:
    table = {preset.key: preset for preset in presets()}
    assert sorted(table) == list("0123456789")
    assert table["1"].window == Window(1500, -600) and table["8"].window == Window(800, -700)
    assert table["9"].computed == "lung" and table["0"].computed == "stored"


def test_the_scans_own_window_lies_on_0_where_it_has_one() -> None:
    volume = scans.ramp()
    assert window_of("0", volume, None, StoredWindow(350, 40)) == Window(350, 40)
    assert window_of("0", volume) is None and window_of("0", None) is None
    assert window_of("1", volume, None, StoredWindow(350, 40)) == Window(1500, -600)


def test_the_automatic_window_spans_this_scans_own_lung() -> None:
    volume = scans.ramp()
    assert window_from_lung(volume) is None, "no air, no window"
    hu = np.where(np.arange(64) % 8 < 4, -900, -700).astype(np.int16)
    airy = Volume(volume.geometry, np.broadcast_to(hu, volume.hu.shape).copy())
    assert window_from_lung(airy) == Window(200, -800)


def test_the_same_lungs_again_cost_nothing_until_another_scan_comes(
    panes: Panes, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[object] = []
    monkeypatch.setattr(
        "viewer.views.shown_scans.extent_of", lambda labels: looked.append(labels) or None
    )
    volume = scans.ramp()
    lungs = scans.two_balls(volume.geometry)
    panes.set_labels(lungs)
    panes.set_labels(lungs)
    assert looked == [lungs]
    panes.set_scan(volume, scans.series_of(volume))
    panes.set_labels(lungs)
    assert looked == [lungs, lungs]


def test_values_that_are_no_hu_are_not_called_so(panes: Panes) -> None:
    volume = scans.ramp()
    panes.set_scan(volume, replace(scans.series_of(volume), in_hu=False, thickness_mm=3.98734))
    axial = panes.views["axial"]
    lines = axial.corners.lines
    assert lines.hu(150) == "150" and lines.hu(None) == "–"
    assert lines.text.study[-1].endswith("3.99 mm")
