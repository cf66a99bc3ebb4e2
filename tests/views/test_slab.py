"""Thick slices: what lies within so many millimetres along the normal, and nothing else."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ai.scan.geometry import Geometry
from tests.views import scans
from tests.views.test_mouse import SHIFT, turn
from viewer.views.panes import Panes
from viewer.views.planes import PLANES, View
from viewer.views.slab import AVERAGE, MINIP, MIP, MODES, NO_SLAB, OFF, STEPS_MM, Slab, project
from viewer.views.slice_render import OUTSIDE_HU, Cutter, missing_of
from viewer.views.thick import coarse, fine_bands, samples_of, thick_cut, value_at
from viewer.views.turning import STRAIGHT

AXES = {"axial": 0, "coronal": 1, "sagittal": 2}
SPACINGS = [(2.5, 0.7, 0.7), (0.6, 0.9, 0.5), (1.0, 1.0, 1.0), (5.0, 0.8, 1.3)]


def noise(
    spacing: tuple[float, float, float], shape: tuple[int, int, int] = (24, 30, 28)
) -> Cutter:
    size = np.array(shape) * spacing
    geometry = Geometry.axial(shape, spacing_kji_mm=spacing, origin_lps=tuple(-size[[2, 1, 0]] / 2))
    hu = np.random.default_rng(1).integers(-1000, 1000, shape).astype(np.int16)
    return Cutter(hu, geometry, outside=OUTSIDE_HU)


def by_sampling(scan: Cutter, axis: int, middle: float, half: float, mode: str) -> np.ndarray:
    """The slab from a thousand mixtures of slices: slow, and another way than the program's."""
    last = scan.voxels.shape[axis] - 1
    ends = np.clip((middle - half, middle + half), 0, last)
    places = np.linspace(*ends, 4001)
    if mode != AVERAGE:  # the corners of a line that runs straight between slices
        inside = np.arange(math.ceil(ends[0]), math.floor(ends[1]) + 1)
        places = np.union1d(places, inside)
    low = np.minimum(np.floor(places).astype(int), last - 1)
    part = (places - low).reshape(-1, 1, 1)
    voxels = np.moveaxis(scan.voxels, axis, 0).astype(float)
    mixed = voxels[low] * (1 - part) + voxels[low + 1] * part
    if mode == AVERAGE:
        weights = np.ones(len(places))
        weights[[0, -1]] = 0.5
        return np.tensordot(weights / weights.sum(), mixed, 1)
    return mixed.max(axis=0) if mode == MIP else mixed.min(axis=0)


@pytest.mark.parametrize("mode", [MIP, MINIP, AVERAGE])
@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize(("middle", "half"), [(10, 1.6), (10, 0.3), (11.5, 3), (0, 4), (23, 2.2)])
def test_a_slab_is_what_fine_sampling_finds_in_it(
    mode: str, axis: int, middle: float, half: float
) -> None:
    scan = noise((2.0, 1.0, 1.0))
    found = project(scan.voxels, axis, middle, half, mode)
    assert found == pytest.approx(by_sampling(scan, axis, middle, half, mode), abs=1.0)


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("mm", [1.0, 8.0, 20.0])
def test_a_bright_voxel_shows_in_a_mip_within_half_its_thickness_and_no_further(
    spacing: tuple[float, float, float], plane: str, mm: float
) -> None:
    axis = AXES[plane]
    shape = (40, 44, 42)
    geometry = Geometry.axial(shape, spacing_kji_mm=spacing)
    hu = np.full(shape, -800, np.int16)
    at = [20, 22, 21]
    hu[tuple(at)] = 1000
    scan = Cutter(hu, geometry, outside=OUTSIDE_HU)
    step = spacing[axis]
    for n in range(-12, 13):
        place = list(at)
        place[axis] += n
        x, y, z = geometry.lps_of(place)
        view = View(PLANES[plane], (float(x), float(y), float(z)), 0.5, 21, 21)
        bright = int(thick_cut(scan, view, Slab(MIP, mm)).max())
        off = abs(n) * step
        if off <= mm / 2 + 1e-6:
            assert bright == 1000
        elif off >= mm / 2 + step - 1e-6:
            assert bright == -800, "one slice beyond the slab has no part in it"


@pytest.mark.parametrize("mode", [MIP, MINIP, AVERAGE])
def test_a_slab_across_the_voxels_agrees_with_one_along_them(mode: str) -> None:
    shape = (60, 60, 60)
    geometry = Geometry.axial(shape, origin_lps=(-29.5, -29.5, -29.5))
    x, y, z = np.moveaxis(scans.places(geometry), -1, 0)
    # round about the patient's long axis: a coronal slab looks the same however it is turned
    hu = np.where(np.hypot(x, y) < 12, 300 + 4 * z, -700).astype(np.int16)
    scan = Cutter(hu, geometry, outside=OUTSIDE_HU)
    straight = View(PLANES["coronal"], (0.0, 0.0, 0.0), 1.0, 40, 40)
    turned = View(STRAIGHT.turned("axial", 0.5).coronal, (0.0, 0.0, 0.0), 1.0, 40, 40)
    slab = Slab(mode, 9.0)
    near = np.abs(
        thick_cut(scan, straight, slab).astype(int) - thick_cut(scan, turned, slab).astype(int)
    )
    assert np.median(near) <= 1 and np.mean(near > 120) < 0.1


def test_a_coarse_slab_becomes_the_same_as_one_cut_at_once() -> None:
    scan = noise((1.0, 1.0, 1.0), (80, 80, 80))
    plane = STRAIGHT.turned("axial", 0.3).turned("sagittal", 0.2).coronal
    view, slab = View(plane, (0.0, 0.0, 0.0), 0.2, 300, 260), Slab(MIP, 30.0)
    assert coarse(scan, view, slab)
    strips = list(fine_bands(scan, view, slab))
    assert len(strips) > 1
    whole = np.concatenate(strips)
    at_once = scan.cut_thick(view, slab, samples_of(scan, view, slab))
    assert whole.shape == (260, 300)
    assert np.abs(whole.astype(int) - at_once).max() <= 1
    rough = thick_cut(scan, view, slab)
    assert rough.shape == whole.shape and abs(float(rough.mean()) - float(whole.mean())) < 60


def test_a_coarse_slab_mixes_nothing_with_what_lies_outside() -> None:
    geometry = Geometry.axial((60, 60, 60), origin_lps=(-29.5, -29.5, -29.5))
    scan = Cutter(np.full((60, 60, 60), -800, np.int16), geometry, outside=OUTSIDE_HU)
    plane = STRAIGHT.turned("axial", 0.3).coronal
    view, slab = View(plane, (0.0, 0.0, 0.0), 0.25, 420, 420), Slab(MIP, 30.0)
    assert coarse(scan, view, slab)
    assert set(np.unique(thick_cut(scan, view, slab))) == {OUTSIDE_HU, -800}
    beside = View(plane, (0.0, 0.0, 300.0), 0.25, 420, 420)
    assert np.all(thick_cut(scan, beside, slab) == OUTSIDE_HU)


def test_a_slab_beyond_the_scan_is_black_and_one_at_its_end_holds_what_is_there() -> None:
    scan = noise((2.0, 1.0, 1.0))
    geometry = scan.geometry
    x, y, z = geometry.lps_of((0, 15, 14))
    at_end = View(PLANES["axial"], (float(x), float(y), float(z)), 1.0, 9, 9)
    low = thick_cut(scan, at_end, Slab(MINIP, 8.0))
    assert low.min() > OUTSIDE_HU
    beyond = View(PLANES["axial"], (float(x), float(y), float(z) - 6.0), 1.0, 9, 9)
    assert np.all(thick_cut(scan, beyond, Slab(MIP, 8.0)) == OUTSIDE_HU)
    aside = View(PLANES["axial"], (float(x) + 300, float(y), float(z)), 1.0, 9, 9)
    assert np.all(thick_cut(scan, aside, Slab(MIP, 8.0)) == OUTSIDE_HU)


def test_a_slab_with_a_slice_that_has_not_come_is_black_there() -> None:
    scan = noise((2.0, 1.0, 1.0))
    loaded = np.ones(24, bool)
    loaded[10] = False
    for k, slab, black in [(12, Slab(MIP, 8.0), True), (13, Slab(MIP, 4.0), False)]:
        x, y, z = scan.geometry.lps_of((k, 15, 14))
        view = View(PLANES["axial"], (float(x), float(y), float(z)), 1.0, 5, 5)
        missing = missing_of(view, scan, loaded, slab)
        assert (missing is not None and bool(missing.all())) is black
    assert missing_of(view, scan, np.ones(24, bool), Slab(MIP, 8.0)) is None


def test_a_cut_outlives_the_next_one() -> None:
    scan = noise((1.0, 1.0, 1.0))
    view = View(PLANES["axial"], (0.0, 0.0, 0.0), 0.5, 40, 40)
    cut = scan.cut(view, smooth=True)
    kept = cut.copy()
    scan.cut_thick(view, Slab(MIP, 9.0), 12)
    thick_cut(scan, View(PLANES["axial"], (0.0, 0.0, 5.0), 0.5, 40, 40), Slab(MIP, 5.0))
    assert np.array_equal(cut, kept)


def test_the_value_of_a_slab_at_a_point_is_that_of_its_picture() -> None:
    scan = noise((2.0, 1.0, 1.0))
    view = View(PLANES["axial"], (0.0, 0.0, 1.0), 1.0, 9, 9)
    slab = Slab(MIP, 8.0)
    assert value_at(scan, view, view.lps_of(4.5, 4.5), slab) == thick_cut(scan, view, slab)[4, 4]
    assert value_at(scan, view, (500.0, 0.0, 0.0), slab) is None


# In the panes


def test_the_key_goes_round_and_the_thickness_stays(panes: Panes) -> None:
    panes.set_slab(Slab(OFF, 12.0))
    seen = []
    for _ in MODES:
        panes.next_slab()
        seen.append(panes.state.slab.mode)
    assert seen == [MIP, MINIP, AVERAGE, OFF]
    assert panes.state.slab.thickness_mm == 12.0


def test_shift_and_wheel_change_the_thickness_from_1_to_50_mm(panes: Panes) -> None:
    axial = panes.views["axial"]
    z = axial.slice_lps()[2]
    turn(axial, 120, SHIFT)
    assert panes.state.slab == Slab(MIP, 8.0), "from off, the first notch begins a MIP"
    turn(axial, 120, SHIFT)
    assert panes.state.slab.thickness_mm == 9.0
    turn(axial, -120 * 30, SHIFT)
    assert panes.state.slab.thickness_mm == STEPS_MM[0] == 1
    turn(axial, 120 * 60, SHIFT)
    assert panes.state.slab.thickness_mm == STEPS_MM[-1] == 50
    assert axial.slice_lps()[2] == z


def test_a_slab_stays_on_while_scrolling_and_every_pane_says_so(panes: Panes) -> None:
    panes.set_slab(Slab(MIP, 8.0))
    for view in panes.views.values():
        assert "MIP 8 mm" in view.corners.state_lines()
    turn(panes.views["axial"], -240)
    assert panes.state.slab == Slab(MIP, 8.0)
    panes.set_slab(NO_SLAB)
    assert not any("MIP" in line for line in panes.views["coronal"].corners.state_lines())


def test_the_axial_mip_of_a_ramp_is_as_bright_as_its_upper_edge(panes: Panes) -> None:
    axial = panes.views["axial"]
    plain = axial.grab() and axial.hu_shown
    assert plain is not None
    middle = int(plain[400, 340])
    panes.set_slab(Slab(MIP, 8.0))  # ten HU for 2 mm: 4 mm above the middle are 20 HU more
    shown = axial.grab() and axial.hu_shown
    assert shown is not None and int(shown[400, 340]) == middle + 20
    panes.set_slab(Slab(MINIP, 8.0))
    shown = axial.grab() and axial.hu_shown
    assert shown is not None and int(shown[400, 340]) == middle - 20
    panes.set_slab(Slab(AVERAGE, 8.0))
    shown = axial.grab() and axial.hu_shown
    assert shown is not None and int(shown[400, 340]) == middle


@pytest.mark.parametrize("wrong", [("thick", 8.0), (MIP, 0.5), (MIP, 51.0)])
def test_no_other_slab_is_taken(wrong: tuple[str, float]) -> None:
    with pytest.raises(ValueError, match="a slab is"):
        Slab(*wrong)


def test_a_picture_whose_own_slices_are_there_is_not_gone_through_for_missing_ones() -> None:
    loaded = np.arange(24) < 12
    geometry = Geometry.axial((24, 8, 8), spacing_kji_mm=(1, 1, 1))
    scan = Cutter(np.zeros(geometry.shape_kji, np.int16), geometry, outside=OUTSIDE_HU)
    x, y, z = (float(mm) for mm in geometry.lps_of((5, 4, 4)))
    axial = View(PLANES["axial"], (x, y, z), 1.0, 8, 8)
    coronal = View(PLANES["coronal"], (x, y, z), 1.0, 8, 24)
    assert missing_of(axial, scan, loaded) is None
    assert missing_of(coronal, scan, loaded) is not None
