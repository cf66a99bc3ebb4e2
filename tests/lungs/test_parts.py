"""The single steps, where one of them alone decides."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ai.lungs.airway import find_airway
from ai.lungs.body import body_mask, distance_mm
from ai.lungs.close import close_lungs
from ai.lungs.split import part_lungs
from ai.lungs.upright import onto_own_grid, stand_up, turn_of
from ai.scan.geometry import Geometry
from ai.scan.volume import Volume

SPACING = (2.0, 2.0, 2.0)


def nothing(like: NDArray[Any]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Nothing to keep out, and no airway."""
    return np.zeros(like.shape, bool), np.zeros(like.shape, bool)


@given(
    order=st.permutations([0, 1, 2]),
    signs=st.tuples(*[st.sampled_from([-1.0, 1.0])] * 3),
)
@settings(max_examples=48, deadline=None)
def test_turning_upright_and_back_gives_the_stored_array(
    order: list[int], signs: tuple[float, float, float]
) -> None:
    affine = np.eye(4)
    affine[:3, :3] = 0
    for stored, lps in enumerate(order):
        affine[lps, stored] = signs[stored]
    geometry = Geometry((2, 3, 4), affine)
    turn = turn_of(geometry)
    array = np.arange(24).reshape(2, 3, 4)
    assert np.array_equal(turn.stored(turn.upright(array)), array)
    z = turn.upright(geometry.lps_of(np.moveaxis(np.indices((2, 3, 4)), 0, -1))[..., 2])
    x = turn.upright(geometry.lps_of(np.moveaxis(np.indices((2, 3, 4)), 0, -1))[..., 0])
    assert (np.diff(z, axis=0) > 0).all()
    assert (np.diff(x, axis=2) > 0).all()


def test_the_working_grid_lies_where_the_scan_lies() -> None:
    geometry = Geometry.axial((30, 40, 50), spacing_kji_mm=(3.0, 0.7, 0.7))
    z, y, x = np.indices(geometry.shape_kji).astype(np.float32)
    ramp = (10 * z + 3 * y - 5 * x).astype(np.int16)
    upright = stand_up(Volume(geometry, ramp), spacing_mm=SPACING)
    box = (slice(4, 20), slice(5, 30), slice(6, 40))
    back = onto_own_grid(upright, upright.hu, box)
    assert np.abs(back - ramp[box]).max() < 3


def test_the_couch_is_no_body() -> None:
    hu = np.full((20, 80, 80), -1000, np.float32)
    rows, columns = np.mgrid[:80, :80] - 40
    hu[:, np.hypot(rows / 0.7, columns) < 30] = 40
    hu[:, 72:74] = 100
    body = body_mask(hu, SPACING)
    assert body[10, 40, 40]
    assert not body[:, 70:].any()


def test_air_inside_the_body_belongs_to_it() -> None:
    hu = np.full((20, 80, 80), -1000, np.float32)
    hu[:, 10:70, 10:70] = 40
    hu[:, 25:55, 25:55] = -850
    assert body_mask(hu, SPACING)[:, 25:55, 25:55].all()


def test_a_scan_without_a_trachea_has_no_airway() -> None:
    hu = np.full((60, 80, 80), -1000, np.float32)
    hu[:, 10:70, 10:70] = 40
    hu[:30, 20:60, 20:60] = -850
    assert not find_airway(hu, body_mask(hu, SPACING), SPACING).any()


def test_two_lungs_that_touch_are_parted_at_the_junction() -> None:
    air = np.zeros((40, 60, 100), bool)
    air[5:35, 10:50, 10:46] = True
    air[5:35, 10:50, 54:90] = True
    air[10:30, 12:18, 44:56] = True  # the bridge in front of the heart
    hu = np.where(air, -850, 40).astype(np.float32)
    hu[:, :, 48] = np.where(air[:, :, 48], -600, 40)  # the junction line, off the middle
    sides = part_lungs(air, hu, middle_x=52.0, spacing_mm=SPACING)
    assert (sides > 0).tolist() == air.tolist()
    assert set(np.unique(sides[:, :, :48])) <= {0, 1}
    assert set(np.unique(sides[:, :, 49:])) <= {0, 2}


def test_closing_takes_in_a_nodule_at_the_wall_and_not_the_heart() -> None:
    lung = np.zeros((60, 80, 80), np.uint8)
    lung[5:55, 5:75, 5:75] = 1
    z, y, x = np.indices(lung.shape)
    nodule = (z - 30) ** 2 + (y - 40) ** 2 + (x - 6) ** 2 <= 4**2
    heart = (z - 30) ** 2 + (y - 40) ** 2 + (x - 75) ** 2 <= 20**2
    lung[nodule | heart] = 0
    closed = close_lungs(
        lung, *nothing(lung), radius_mm=10.0, wall_radius_mm=20.0, spacing_mm=SPACING
    )
    inside = nodule & (x >= 5)
    assert (closed[inside] == 1).mean() > 0.75
    assert (closed[heart & (x < 75)] == 1).mean() < 0.1


def test_closing_never_crosses_what_must_stay_out() -> None:
    lung = np.zeros((40, 40, 40), np.uint8)
    lung[5:35, 5:35, 5:35] = 1
    lung[5:35, 18:21, 18:21] = 0
    keep_out = np.zeros(lung.shape, bool)
    keep_out[5:35, 18:21, 18:21] = True
    closed = close_lungs(
        lung, keep_out, nothing(lung)[0], radius_mm=10.0, wall_radius_mm=20.0, spacing_mm=SPACING
    )
    assert not closed[keep_out].any()


def test_a_bronchus_inside_a_lung_is_lung_and_a_main_bronchus_is_not() -> None:
    lung = np.zeros((40, 40, 60), np.uint8)
    lung[5:35, 5:35, 5:35] = 1
    lumen = np.zeros(lung.shape, bool)
    lumen[10:30, 18:22, 18:22] = True  # surrounded
    lumen[10:30, 28:32, 33:50] = True  # comes in from the middle
    lung[lumen] = 0
    closed = close_lungs(
        lung, nothing(lung)[0], lumen, radius_mm=10.0, wall_radius_mm=20.0, spacing_mm=SPACING
    )
    assert closed[10:30, 18:22, 18:22].all()
    assert not closed[10:30, 28:32, 33:50].any()


@pytest.mark.parametrize("spacing", [(2.0, 2.0, 2.0), (4.0, 1.0, 2.0)])
def test_distances_are_in_millimetres(spacing: tuple[float, float, float]) -> None:
    mask = np.zeros((21, 21, 21), bool)
    mask[10, 10, 10] = True
    far = distance_mm(mask, spacing)
    assert far[10, 10, 20] == pytest.approx(-10 * spacing[2], abs=1e-3)
    assert far[20, 10, 10] == pytest.approx(-10 * spacing[0], abs=1e-3)
