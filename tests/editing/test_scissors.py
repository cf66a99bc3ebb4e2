"""A closed line cuts out what lies inside it, on one slice or all along."""

from __future__ import annotations

import numpy as np
import pytest

from ai.scan.geometry import Geometry
from tests.editing.grids import GRIDS, middle, places
from viewer.editing.brush import slab_through
from viewer.editing.difference import cut_of
from viewer.editing.scissors import cut_out
from viewer.views.planes import PLANES, Plane, on_a_slice


def all_of(geometry: Geometry):  # type: ignore[no-untyped-def]
    return cut_of((0, 0, 0), geometry.shape_kji)


def circle(plane: Plane, centre: np.ndarray, radius_mm: float, corners: int = 400) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    right, down = np.array(plane.right), np.array(plane.down)
    return centre + radius_mm * (np.cos(angle)[:, None] * right + np.sin(angle)[:, None] * down)


def drawn(geometry: Geometry, dab) -> np.ndarray:  # type: ignore[no-untyped-def]
    made = np.zeros(geometry.shape_kji, bool)
    if dab is not None:
        made[dab.box] = dab.voxels
    return made


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("name", GRIDS)
def test_a_circle_cuts_a_cylinder_through_the_scan(name: str, plane: str) -> None:
    geometry, shown = GRIDS[name], PLANES[plane]
    centre = np.array(middle(geometry))
    line = circle(shown, centre, 6.0)
    found = drawn(geometry, cut_out(geometry, line, shown.onward, within=all_of(geometry)))
    offset = places(geometry) - centre
    off = offset @ np.array(shown.onward)
    flat = np.sqrt(np.maximum((offset**2).sum(axis=-1) - off**2, 0))
    sure = np.abs(flat - 6.0) > 0.01
    assert np.array_equal(found[sure], (flat < 6.0)[sure])
    assert found.any()


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("name", GRIDS)
def test_on_one_slice_it_cuts_only_the_voxels_of_that_slice(name: str, plane: str) -> None:
    geometry, shown = GRIDS[name], PLANES[plane]
    centre = np.array(on_a_slice(geometry, shown, middle(geometry)))
    slab = slab_through(geometry, tuple(centre), shown.onward)
    line = circle(shown, centre, 6.0)
    through = drawn(geometry, cut_out(geometry, line, shown.onward, within=all_of(geometry)))
    one = drawn(geometry, cut_out(geometry, line, shown.onward, within=all_of(geometry), slab=slab))
    off = (places(geometry) - centre) @ np.array(shown.onward)
    near = (off > -slab.half_mm + 1e-4) & (off <= slab.half_mm + 1e-4)
    assert np.array_equal(one, through & near) and one.any()


def test_a_bay_is_not_cut_and_what_is_inside_twice_is_outside() -> None:
    geometry = Geometry.axial((3, 20, 20))
    u_shape = [(2, 2), (17, 2), (17, 17), (12, 17), (12, 7), (7, 7), (7, 17), (2, 17)]
    line = np.array([(x + 0.5, y + 0.5, 1.0) for x, y in u_shape])
    found = drawn(geometry, cut_out(geometry, line, (0, 0, 1), within=all_of(geometry)))
    assert found[0, 15, 5] and found[2, 5, 10] and not found[1, 12, 10]
    assert found.sum() == 3 * (15 * 15 - 5 * 10)
    twice = np.concatenate([line, line])
    assert cut_out(geometry, twice, (0, 0, 1), within=all_of(geometry)) is None


def test_only_the_box_that_was_asked_for_is_looked_at() -> None:
    geometry = GRIDS["cubes"]
    centre = np.array(middle(geometry))
    line = circle(PLANES["axial"], centre, 9.0)
    box = cut_of((3, 18, 10), (4, 9, 20))
    found = cut_out(geometry, line, (0, 0, -1), within=box)
    assert found is not None
    assert all(a.start >= b.start and a.stop <= b.stop for a, b in zip(found.box, box, strict=True))


def test_a_line_needs_three_corners_and_one_outside_cuts_nothing() -> None:
    geometry = GRIDS["cubes"]
    with pytest.raises(ValueError, match="three"):
        cut_out(geometry, np.zeros((2, 3)), (0, 0, 1), within=all_of(geometry))
    far = circle(PLANES["axial"], np.array((400.0, 0, 0)), 5.0)
    assert cut_out(geometry, far, (0, 0, 1), within=all_of(geometry)) is None
