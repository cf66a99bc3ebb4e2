"""A brush of r mm covers the voxels whose centres lie within r mm, on whatever grid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai.scan.geometry import Geometry
from tests.editing.grids import GRIDS, middle, places
from viewer.editing.brush import Dab, slab_through, swept
from viewer.views.planes import PLANES, on_a_slice

R_MM = 5.3


def whole(geometry: Geometry, dab: Dab | None) -> np.ndarray:
    made = np.zeros(geometry.shape_kji, bool)
    if dab is not None:
        made[dab.box] = dab.voxels
    return made


def to_segment_mm(points: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    run = b - a
    share = np.clip((points - a) @ run / max(run @ run, 1e-12), 0, 1)
    return np.linalg.norm(points - a - share[..., None] * run, axis=-1)


@pytest.mark.parametrize("name", GRIDS)
def test_a_sphere_covers_the_voxels_within_its_radius_and_no_other(name: str) -> None:
    geometry = GRIDS[name]
    centre = np.add(middle(geometry), (0.3, -0.2, 0.4))
    covered = whole(geometry, swept(geometry, tuple(centre), tuple(centre), R_MM))
    away = np.linalg.norm(places(geometry) - centre, axis=-1)
    assert np.array_equal(covered, away <= R_MM)
    assert covered.sum() > 50


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("name", GRIDS)
def test_a_disc_covers_one_layer_of_voxels_within_its_radius_in_the_plane(
    name: str, plane: str
) -> None:
    geometry, shown = GRIDS[name], PLANES[plane]
    centre = np.array(on_a_slice(geometry, shown, middle(geometry)))
    slab = slab_through(geometry, tuple(centre), shown.onward)
    covered = whole(geometry, swept(geometry, tuple(centre), tuple(centre), R_MM, slab=slab))
    offset = places(geometry) - centre
    off = offset @ np.array(shown.onward)
    flat = np.sqrt(np.maximum((offset**2).sum(axis=-1) - off**2, 0))
    near = (off > -slab.half_mm + 1e-4) & (off <= slab.half_mm + 1e-4)
    expected = near & (flat <= R_MM)
    assert np.array_equal(covered, expected)


@pytest.mark.parametrize("name", ["cubes", "thick slices", "feet first"])
def test_a_disc_on_a_plane_of_voxels_paints_that_slice_alone(name: str) -> None:
    geometry, shown = GRIDS[name], PLANES["axial"]
    centre = on_a_slice(geometry, shown, middle(geometry))
    slab = slab_through(geometry, centre, shown.onward)
    covered = whole(geometry, swept(geometry, centre, centre, R_MM, slab=slab))
    assert len(np.flatnonzero(covered.any(axis=(1, 2)))) == 1


@pytest.mark.parametrize("plane", PLANES)
def test_discs_on_neighbouring_slices_share_no_voxel_and_leave_none_out(plane: str) -> None:
    geometry, shown = GRIDS["tilted"], PLANES[plane]
    centre = np.array(middle(geometry))
    step = 2 * slab_through(geometry, tuple(centre), shown.onward).half_mm
    painted = np.zeros(geometry.shape_kji, int)
    for n in range(-2, 3):
        here = tuple(centre + n * step * np.array(shown.onward))
        slab = slab_through(geometry, here, shown.onward)
        offset = places(geometry) - here
        off = offset @ np.array(shown.onward)
        flat = np.sqrt(np.maximum((offset**2).sum(axis=-1) - off**2, 0))
        dab = swept(geometry, here, here, R_MM, slab=slab)
        assert np.all(flat[whole(geometry, dab)] <= R_MM + 0.001)
        painted += whole(geometry, dab)
    offset = places(geometry) - centre
    off = offset @ np.array(shown.onward)
    flat = np.sqrt(np.maximum((offset**2).sum(axis=-1) - off**2, 0))
    inner = (np.abs(off) < 1.9 * step) & (flat < R_MM - 0.01)
    assert painted.max() == 1 and np.all(painted[inner] == 1)


@pytest.mark.parametrize("name", GRIDS)
def test_a_quick_hand_leaves_no_gaps(name: str) -> None:
    geometry = GRIDS[name]
    centre = np.array(middle(geometry))
    a, b = np.add(centre, (-7, -4, -3)), np.add(centre, (6, 5, 2))
    covered = whole(geometry, swept(geometry, tuple(a), tuple(b), 2.5))
    assert np.array_equal(covered, to_segment_mm(places(geometry), a, b) <= 2.5)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(GRIDS)),
    st.tuples(*[st.floats(-60, 60)] * 3),
    st.tuples(*[st.floats(-8, 8)] * 3),
    st.floats(0.2, 12.0),
)
def test_wherever_the_brush_goes_it_covers_what_is_in_reach(
    name: str, offset: tuple[float, ...], way: tuple[float, ...], radius_mm: float
) -> None:
    geometry = GRIDS[name]
    a = np.add(middle(geometry), offset)
    b = a + way
    away = to_segment_mm(places(geometry), a, b)
    covered = whole(geometry, swept(geometry, tuple(a), tuple(b), radius_mm))
    if geometry.nearest_voxel(b) is not None:
        to_end = np.linalg.norm(places(geometry) - b, axis=-1)
        assert np.any(covered & (to_end <= to_end.min() + 0.01))
        covered[(to_end <= to_end.min() + 0.01) & (away > radius_mm)] = False
    sure = np.abs(away - radius_mm) > 0.01
    assert np.array_equal(covered[sure], (away <= radius_mm)[sure])


def test_a_brush_smaller_than_a_voxel_covers_the_one_under_it() -> None:
    geometry = GRIDS["thick slices"]
    point = tuple(geometry.lps_of((4.3, 20.4, 11.6)))
    covered = whole(geometry, swept(geometry, point, point, 0.1))
    assert np.argwhere(covered).tolist() == [[4, 20, 12]]


def test_outside_of_the_scan_it_covers_nothing() -> None:
    geometry = GRIDS["cubes"]
    assert swept(geometry, (300.0, 0, 0), (310.0, 0, 0), 5.0) is None
