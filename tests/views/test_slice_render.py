"""Planes of a volume as pixels."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from dataclasses import replace

import numpy as np
import pytest

from ai.scan.volume import Volume
from tests.views import scans
from viewer.views.planes import PLANES, View, nearest_slice, on_a_slice, stack_of
from viewer.views.slice_render import BLACK, OUTSIDE_HU, Cutter, Look, Table, render, table_of
from viewer.views.state import Window
from viewer.views.turning import STRAIGHT

AXIAL, CORONAL = PLANES["axial"], PLANES["coronal"]


@pytest.fixture
def noise() -> Volume:
    rng = np.random.default_rng(5)
    hu = rng.integers(-1000, 1000, (20, 30, 40)).astype(np.int16)
    return Volume(scans.Geometry.axial((20, 30, 40)), hu)


def cutter(volume: Volume) -> Cutter:
    return Cutter(volume.hu, volume.geometry, outside=OUTSIDE_HU)


def test_a_cut_through_voxel_centres_gives_the_stored_hu(noise: Volume) -> None:
    axial = View(AXIAL, (19.5, 14.5, 7.0), 1.0, 40, 30)
    assert np.array_equal(cutter(noise).cut(axial, smooth=True), noise.hu[7])
    coronal = View(CORONAL, (19.5, 11.0, 9.5), 1.0, 40, 20)
    assert np.array_equal(cutter(noise).cut(coronal, smooth=True), noise.hu[::-1, 11])
    sagittal = View(PLANES["sagittal"], (25.0, 14.5, 9.5), 1.0, 30, 20)
    assert np.array_equal(cutter(noise).cut(sagittal, smooth=True), noise.hu[::-1, :, 25])


def test_beyond_the_scan_is_black_in_any_window_and_when_inverted(noise: Volume) -> None:
    far = View(AXIAL, (19.5, 14.5, 400.0), 1.0, 40, 30)
    for look in (Look(Window(1500, -600)), Look(Window(1500, -600), invert=True)):
        assert np.all(render(far, cutter(noise), Table(look)) == BLACK)


def test_greys_follow_the_dicom_window_function() -> None:
    table = Table(Look(Window(400, 40)))
    hu = np.array([[-200, -161, 39, 40, 240, 3000]], dtype=np.int16)
    grey = table.colours(hu) & 0xFF
    exact = np.clip((hu - 39.5) / 399 + 0.5, 0, 1) * 255
    assert np.array_equal(grey, np.round(exact))


def test_inverting_swaps_light_and_dark() -> None:
    hu = np.array([[-1000, 0, 1000]], dtype=np.int16)
    plain = Table(Look(Window(400, 40))).colours(hu) & 0xFF
    turned = Table(Look(Window(400, 40), invert=True)).colours(hu) & 0xFF
    assert turned[0, 0] == 255 and turned[0, 2] == 0
    assert abs(int(plain[0, 1]) + int(turned[0, 1]) - 255) <= 1


def test_grey_and_label_are_mixed_by_one_table() -> None:
    look = Look(Window(400, 40), fill=0.3, label_colours=((76, 155, 232), (217, 180, 74)))
    hu = np.full((1, 3), 3000, dtype=np.int16)
    pixels = Table(look).colours(hu, np.array([[0, 1, 2]], dtype=np.uint8))
    assert [hex(p) for p in pixels[0]] == [
        "0xffffffff",
        hex(
            0xFF000000 | round(178.5 + 22.8) << 16 | round(178.5 + 46.5) << 8 | round(178.5 + 69.6)
        ),
        hex(
            0xFF000000 | round(178.5 + 65.1) << 16 | round(178.5 + 54.0) << 8 | round(178.5 + 22.2)
        ),
    ]


def test_panes_that_look_alike_share_one_table() -> None:
    look = Look(Window(400, 40))
    assert table_of(look) is table_of(Look(Window(400, 40)))
    assert table_of(replace(look, invert=True)) is not table_of(look)


def test_no_fill_leaves_the_picture_grey() -> None:
    hu = np.zeros((2, 2), dtype=np.int16)
    labels = np.ones((2, 2), dtype=np.uint8)
    look = Look(Window(400, 40), fill=0.0, label_colours=((255, 0, 0),))
    pixels = Table(look).colours(hu, labels)
    assert np.all((pixels >> 16 & 0xFF) == (pixels & 0xFF))


def test_labels_are_cut_by_the_nearest_voxel_never_between_two(noise: Volume) -> None:
    labels = (np.arange(20 * 30 * 40).reshape(20, 30, 40) % 2 * 7).astype(np.uint8)
    cut = Cutter(labels, noise.geometry, outside=0).cut(
        View(AXIAL, (19.3, 14.2, 7.3), 0.37, 90, 70), smooth=False
    )
    assert set(np.unique(cut)) == {0, 7}


def test_slices_that_come_in_later_show_in_the_next_cut() -> None:
    ramp = scans.ramp()
    memory = np.zeros(ramp.hu.shape, dtype=np.int16)
    cut = Cutter(memory, ramp.geometry, outside=OUTSIDE_HU)
    view = View(AXIAL, (0.0, 0.0, 1.0), 2.0, 20, 20)
    assert np.all(cut.cut(view, smooth=True) == 0)
    memory[15] = 321
    assert np.all(cut.cut(view, smooth=True) == 321)


def test_slices_not_yet_there_are_black_and_those_there_are_not() -> None:
    volume = scans.ramp()
    loaded = np.zeros(30, dtype=bool)
    loaded[15] = True
    table = Table(Look(Window(100, -500)))  # whatever is there is white
    axial = View(AXIAL, (0.0, 0.0, 1.0), 2.0, 20, 20)
    there = render(axial, cutter(volume), table, loaded=loaded)
    assert np.all(there == 0xFFFFFFFF)
    above = View(AXIAL, (0.0, 0.0, 3.0), 2.0, 20, 20)
    assert np.all(render(above, cutter(volume), table, loaded=loaded) == BLACK)
    coronal = render(
        View(CORONAL, (0.0, 1.0, 0.0), 2.0, 20, 30), cutter(volume), table, loaded=loaded
    )
    rows = np.flatnonzero((coronal == 0xFFFFFFFF).all(axis=1))
    assert list(rows) == [14]  # slice 15 of 30, counted from the head
    assert np.count_nonzero(coronal != BLACK) == 20


def test_a_plane_lies_on_the_nearest_stored_slice() -> None:
    geometry = scans.ramp().geometry
    assert on_a_slice(geometry, AXIAL, (3.3, 4.4, 1.7)) == pytest.approx((3.3, 4.4, 1.0))
    assert nearest_slice(geometry, AXIAL, (0, 0, 1.7)) == 15
    assert nearest_slice(geometry, AXIAL, (0, 0, 9999)) == 29
    assert stack_of(geometry, AXIAL).step_mm == pytest.approx(2.0)


def test_a_window_narrower_than_one_hu_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1 HU"):
        Window(0.5, 0)


def test_a_narrow_window_still_paints() -> None:
    hu = np.array([[39, 41]], dtype=np.int16)
    assert [int(p & 0xFF) for p in Table(Look(Window(1, 40))).colours(hu)[0]] == [0, 255]


def test_panes_load_no_opengl_no_torch_and_vtk_only_with_the_first_picture() -> None:
    journey = textwrap.dedent(
        """
        import sys
        from PySide6.QtWidgets import QApplication
        from tests.views import scans
        from viewer import theme
        from viewer.views.panes import Panes
        app = QApplication([])
        theme.apply_theme(app)
        panes = Panes()
        panes.resize(900, 700)
        early = [name for name in sys.modules if name.startswith(("vtk", "qtawesome", "torch"))]
        assert not early, early
        volume = scans.ramp()
        panes.set_scan(volume)
        panes.set_labels(scans.two_balls(volume.geometry))
        panes.set_fill(0.3)
        assert len(panes.grab_pictures()) == 3
        banned = [n for n in sys.modules if "OpenGL" in n or "vtkRendering" in n or n == "vtk"
                  or n.split(".")[0] in ("torch", "highdicom", "SimpleITK", "scipy")]
        assert not banned, banned
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", journey], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("position", scans.POSITIONS)
@pytest.mark.parametrize("plane", PLANES)
def test_nearest_voxels_picked_along_the_axes_are_those_that_vtk_finds(
    position: str, plane: str
) -> None:
    geometry = scans.lying(position, shape_kji=(20, 24, 26), mm=1.7)
    labels = np.random.default_rng(5).integers(0, 200, geometry.shape_kji).astype(np.uint8)
    cutter = Cutter(labels, geometry, outside=0)
    for centre, mm in (
        ((0.2, 0.3, -0.4), 0.53),
        ((11.0, -9.0, 14.0), 1.1),
        ((90.0, 0.0, 0.0), 1.0),
    ):
        view = View(PLANES[plane], centre, mm, 71, 63)
        picked = cutter._nearest_along(view)
        assert picked is not None
        found = cutter._run(cutter._image, cutter.to_index, view, smooth=False)
        assert np.mean(picked != found) < 0.002, "but for voxels halfway between two"
    turned = View(STRAIGHT.turned("axial", 0.2).coronal, (0.0, 0.0, 0.0), 1.0, 20, 20)
    assert cutter._nearest_along(turned) is None
