"""Layouts, slabs, oblique cuts, a second series and cine, by the keys and hands of the window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, QRect, Qt
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication

from ai.scan.geometry import Geometry
from ai.worker.shared import SHM, Block
from tests.fakes import chest
from tests.window.conftest import CTRL, NONE, SHIFT, Sitting
from viewer.dicom.io_messages import Load
from viewer.dicom.series import Patient, Series
from viewer.panels.study_rows import SERIES
from viewer.views.layouts import AXIAL_2, COMPARE, READ, REVIEW
from viewer.views.slab import NO_SLAB
from viewer.views.slice_view import SERIES_MIME
from viewer.views.state import Window

Key = Qt.Key


def kernel(uid: str, name: str, *, frame: str = "3", number: int = 4) -> Series:
    """Another series of the same study."""
    return replace(chest(uid), kernel=name, number=number, frame_of_reference=frame)


SOFT, THIRD = kernel("1.2.4", "SOFT"), kernel("1.2.5", "BONE", number=5)


@pytest.fixture
def two(sitting: Sitting) -> Sitting:
    """A study with two series, the thin one on the desk."""
    sitting.open(chest(), SOFT)
    return sitting


@pytest.fixture
def beside(two: Sitting) -> Sitting:
    """Both beside each other, read to the last slice."""
    two.key(Key.Key_F3)
    two.children.load()
    return two


def lies_there(sitting: Sitting) -> bool:
    """Whether the newest block that a series was read into lies in shared memory."""
    name = sitting.jobs.asked(Load).block.name
    return (SHM / name).exists()


def test_the_next_patient_is_seen_without_slab_inversion_and_cine(two: Sitting) -> None:
    panes = two.window.panes

    def odd() -> tuple[bool, bool, bool]:
        slab = panes.state.slab.mode != NO_SLAB.mode
        return slab, panes.state.invert, two.window.cuts.cine.runs

    two.window.cuts.set_slab("mip")
    panes.set_invert(True)
    two.window.cuts.cine.toggle()
    two.open(replace(chest("2.2"), study_uid="2.9"))
    assert odd()[:2] == (True, True), "of the same patient they stay"
    two.window.cuts.cine.stop()
    two.window.cuts.cine.toggle()
    two.open(replace(chest("3.3"), study_uid="3.9", patient=Patient(name="Next", id="N1")))
    assert odd() == (False, False, False)


def test_f2_f3_and_f4_show_the_layouts(two: Sitting) -> None:
    panes = two.window.panes
    for key, name in ((Key.Key_F3, COMPARE), (Key.Key_F4, REVIEW), (Key.Key_F2, READ)):
        two.key(key)
        assert panes.layout_shown.name == name


def test_the_agents_layout_has_its_page_927_wide_beside_axial_over_coronal(two: Sitting) -> None:
    window = two.window
    narrow = window.side.width()
    two.key(Key.Key_F4)
    QApplication.processEvents()
    assert window.side.width() == 927 and window.side.current == 2
    assert window.side.geometry().right() < window.width(), "all of the page is in the window"
    assert window.panes.width() == 1440 - 61 - 927
    assert window.panes.views["axial"].isVisible() and window.panes.views["coronal"].isVisible()
    two.key(Key.Key_F2)
    assert window.side.width() == narrow and window.side.current == 0
    window.resize(1280, 720)
    two.key(Key.Key_F4)
    QApplication.processEvents()
    assert window.panes.width() >= 284


def test_compare_with_one_other_series_shows_it_at_once(two: Sitting) -> None:
    two.key(Key.Key_F3)
    request = two.jobs.asked(Load)
    assert request.series.key == "1.2.4"
    panes = two.window.panes
    assert panes.second is not None and panes.linked
    view = panes.views[AXIAL_2]
    assert view.hu_at(view.slice_lps()) is None, "nothing has come yet"
    two.children.load()
    assert view.hu_at(view.slice_lps()) == 40


def test_with_several_others_the_reader_chooses_in_the_pane(sitting: Sitting) -> None:
    sitting.open(chest(), SOFT, THIRD)
    sitting.key(Key.Key_F3)
    chooser = sitting.window.cuts.chooser
    assert sitting.window.panes.second is None and chooser.isVisible()
    assert [button.text() for button in chooser.buttons] == [
        "Se 4 · Thin · SOFT · 40 images", "Se 5 · Thin · BONE · 40 images",
    ]  # fmt: skip
    sitting.click(chooser.buttons[1], chooser.buttons[1].rect().center())
    assert sitting.jobs.asked(Load).series.key == "1.2.5"
    assert not chooser.isVisible()


def test_a_study_with_one_series_says_so_in_the_place_of_the_second(sitting: Sitting) -> None:
    sitting.open()
    sitting.key(Key.Key_F3)
    chooser = sitting.window.cuts.chooser
    assert chooser.isVisible() and not chooser.buttons
    assert "no other series" in chooser._head.text()


def test_memory_of_the_second_goes_when_it_is_closed(two: Sitting) -> None:
    two.key(Key.Key_F3)
    two.children.load()
    assert lies_there(two)
    two.window.actions_by_id["close-second"].trigger()
    assert not lies_there(two) and two.window.panes.second is None


def test_esc_while_the_second_is_read_gives_it_up(two: Sitting) -> None:
    two.key(Key.Key_F3)
    job = two.jobs.asked(Load).job
    two.key(Key.Key_Escape)
    assert job in two.jobs.io.cancelled and two.window.panes.second is None
    assert not lies_there(two)


def test_a_second_that_cannot_be_read_costs_a_sentence(two: Sitting) -> None:
    two.key(Key.Key_F3)
    two.children.fail(Load, "The file is broken.", "Copy it again.")
    assert two.said == "The file is broken." and two.window.panes.second is None
    assert two.window.panes.volume is not None


def test_l_links_and_unlinks_and_says_so(beside: Sitting) -> None:
    panes = beside.window.panes
    beside.key(Key.Key_L)
    assert not panes.linked and "scrolls alone" in beside.said
    beside.key(Key.Key_L)
    assert panes.linked and beside.said == "Linked."


def test_shift_l_links_two_series_as_they_stand(beside: Sitting) -> None:
    panes = beside.window.panes
    beside.key(Key.Key_L)
    panes.scroll(4, AXIAL_2)
    beside.key(Key.Key_L, SHIFT)
    assert panes.linked and beside.said == "Linked by hand at this place."
    gap = panes.views[AXIAL_2].state.crosshair_lps[2] - panes.state.crosshair_lps[2]
    assert gap == pytest.approx(-8.0)


def test_l_without_a_second_series_says_what_to_do(two: Sitting) -> None:
    two.key(Key.Key_L)
    assert "F3" in two.said


def test_series_of_other_frames_are_not_linked_until_the_reader_does(sitting: Sitting) -> None:
    sitting.open(chest(), kernel("1.2.4", "SOFT", frame="other"))
    sitting.key(Key.Key_F3)
    panes = sitting.window.panes
    assert not panes.linked
    sitting.key(Key.Key_L)
    assert panes.linked and "Linked by hand" in panes.views[AXIAL_2].corners.beside


def test_a_preset_is_for_the_series_of_the_active_pane(beside: Sitting) -> None:
    panes = beside.window.panes
    panes.activate(AXIAL_2)
    beside.key(Key.Key_2)
    assert panes.views[AXIAL_2].state.window == Window(400, 40)
    assert panes.state.window == Window(1500, -600)
    assert "400 / 40" in beside.window.topbar.preset._figures
    panes.activate("axial")
    assert "1500" in beside.window.topbar.preset._figures


def test_right_on_a_second_pane_brings_the_next_series_there(sitting: Sitting) -> None:
    sitting.open(chest(), SOFT, THIRD)
    sitting.window.cuts.comparing.choose(SOFT)
    sitting.key(Key.Key_F3)
    sitting.window.panes.activate(AXIAL_2)
    sitting.key(Key.Key_Right)
    assert sitting.jobs.asked(Load).series.key == "1.2.5"
    assert sitting.desk.scan is not None and sitting.desk.scan.series.key == "1.2.3"
    sitting.window.panes.activate("axial")
    sitting.key(Key.Key_Right)
    assert sitting.jobs.asked(Load).series.key == "1.2.4", "on a first pane it is the first"


def test_another_first_series_keeps_the_second_and_the_same_one_takes_its_place(
    sitting: Sitting,
) -> None:
    sitting.open(chest(), SOFT, THIRD)
    cuts, panes = sitting.window.cuts, sitting.window.panes
    cuts.comparing.choose(SOFT)
    sitting.children.load()
    sitting.desk.choose_series(THIRD)
    assert panes.second is not None and panes.second.series is SOFT
    assert SOFT.key in sitting.window.studies.pictures
    view = panes.views[AXIAL_2]
    assert view.hu_at(view.slice_lps()) is not None, "its slices are still there"
    sitting.desk.choose_series(SOFT)
    assert panes.second is None and cuts.comparing.series is None


def test_another_study_takes_the_second_away(beside: Sitting) -> None:
    beside.open(replace(chest("7.7"), study_uid="7"))
    assert beside.window.panes.second is None and beside.window.cuts.comparing.series is None


def test_a_series_dropped_on_a_pane_is_shown_by_that_pane(two: Sitting) -> None:
    panes = two.window.panes
    panes.series_dropped.emit("coronal", "1.2.4")
    assert two.jobs.asked(Load).series.key == "1.2.4"
    assert panes.views["coronal"].of_second and not panes.views["axial"].of_second
    panes.series_dropped.emit("coronal", "1.2.3")
    assert not panes.views["coronal"].of_second
    panes.series_dropped.emit("axial", "not there")
    assert not panes.views["axial"].of_second


def test_a_series_without_a_volume_is_refused_in_a_sentence(sitting: Sitting) -> None:
    flat = replace(SOFT, geometry=None, refusal="One image makes no volume.")
    sitting.open(chest(), flat)
    sitting.window.panes.series_dropped.emit("coronal", flat.key)
    assert sitting.said == "One image makes no volume."
    assert not sitting.window.panes.views["coronal"].of_second


def test_a_series_can_be_carried_from_the_list_and_from_the_rail(
    two: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried: list[bytes] = []

    def note(drag: QDrag, *_: object) -> Qt.DropAction:
        carried.append(bytes(drag.mimeData().data(SERIES_MIME).data()))
        return Qt.DropAction.CopyAction

    monkeypatch.setattr(QDrag, "exec", note)

    def pull(widget, at: QPointF) -> None:  # type: ignore[no-untyped-def]
        left, no = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        there = at + QPointF(0, 60)
        for kind, where, button in (
            (QEvent.Type.MouseButtonPress, at, left), (QEvent.Type.MouseMove, there, no),
            (QEvent.Type.MouseButtonRelease, there, left),
        ):  # fmt: skip
            QApplication.sendEvent(widget, QMouseEvent(kind, where, where, button, left, NONE))

    studies = two.window.studies
    pull(studies.rail, studies.rail.place(1).center())
    studies.fold(False)
    QApplication.processEvents()
    rows = [n for n, entry in enumerate(studies.model.entries) if entry.kind == SERIES]
    studies.list.doItemsLayout()
    rect = studies.list.visualRect(studies.model.index(rows[1], 0))
    pull(studies.list.viewport(), rect.center().toPointF())
    assert carried == [b"1.2.4", b"1.2.4"]
    assert two.desk.scan is not None and two.desk.scan.series.key == "1.2.3", "nothing was chosen"


# One pane


def test_a_pane_goes_into_its_own_window_and_comes_back_where_it_stood_next_time(
    two: Sitting,
) -> None:
    panes = two.window.panes
    two.key(Key.Key_F11, SHIFT)
    assert panes.detached == ("axial",)
    panes.views["axial"].window().setGeometry(QRect(40, 50, 600, 500))
    two.key(Key.Key_F11, SHIFT)
    assert panes.detached == ()
    two.key(Key.Key_F11, SHIFT)
    assert panes.place_of("axial") == QRect(40, 50, 600, 500)


def test_keys_go_on_in_the_window_of_a_pane(two: Sitting) -> None:
    panes = two.window.panes
    two.key(Key.Key_F11, SHIFT)
    window = panes.views["axial"].window()
    window.activateWindow()
    panes.views["axial"].setFocus()
    z = panes.state.crosshair_lps[2]
    two.key(Key.Key_Down)
    assert panes.state.crosshair_lps[2] == z - 2


def test_panes_that_had_windows_of_their_own_have_them_again(two: Sitting) -> None:
    library = two.desk.library
    two.key(Key.Key_F11, SHIFT)
    two.window.cuts.leave()
    assert library.setting("panes in windows of their own") == "axial"
    assert two.window.panes.detached == ()


def test_one_pane_alone_by_key(two: Sitting) -> None:
    panes = two.window.panes
    panes.activate("sagittal")
    two.key(Key.Key_F11, CTRL)
    assert panes.maximised == "sagittal"
    two.key(Key.Key_F11, CTRL)
    assert panes.maximised == ""


# Slabs, oblique, cine


def test_s_goes_round_the_slabs_and_the_top_bar_says_which(two: Sitting) -> None:
    bar = two.window.topbar.slab
    assert bar.text() == "Slab off"
    seen = []
    for _ in range(4):
        two.key(Key.Key_S)
        seen.append(two.window.panes.state.slab.mode)
    assert seen == ["mip", "minip", "average", ""]
    two.key(Key.Key_S)
    two.key(Key.Key_Up, CTRL)
    assert (bar.text(), bar._figures) == ("MIP", "9 mm")
    two.key(Key.Key_Down, CTRL)
    two.key(Key.Key_Down)
    assert bar._figures == "8 mm" and two.window.panes.state.slab.on
    two.window.actions_by_id["slab-off"].trigger()
    assert bar.text() == "Slab off"


def test_planes_turn_by_keys_and_come_back(two: Sitting) -> None:
    panes = two.window.panes
    two.key(Key.Key_Right, SHIFT)
    two.key(Key.Key_Right, SHIFT)
    assert panes.state.planes.tilt_deg("coronal") == pytest.approx(10)
    two.key(Key.Key_Left, SHIFT)
    assert panes.state.planes.tilt_deg("coronal") == pytest.approx(5)
    two.key(Key.Key_C, SHIFT)
    assert panes.state.planes.straight


def test_the_dot_runs_a_cine_and_esc_stops_it(two: Sitting) -> None:
    cine = two.window.cuts.cine
    two.key(Key.Key_Period)
    assert cine.runs
    two.key(Key.Key_Escape)
    assert not cine.runs


def test_corner_texts_go_round(two: Sitting) -> None:
    levels = []
    for _ in range(3):
        two.key(Key.Key_T, CTRL)
        levels.append(two.window.panes.state.text_level)
    assert levels == ["few", "none", "all"]


def test_a_grid_of_its_own_is_kept_for_the_second(two: Sitting) -> None:
    other = Geometry.axial((10, 32, 32), spacing_kji_mm=(8.0, 4.0, 4.0), origin_lps=(-62, -62, -36))
    thick = replace(SOFT, uid="1.2.9", geometry=other, slices=SOFT.slices[:10])
    two.window.cuts.comparing.choose(thick)
    request = two.jobs.asked(Load)
    assert request.block.shape == (10, 32, 32)
    with Block.attach(request.block) as block:
        assert not np.any(block.array)
