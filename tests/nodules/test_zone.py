from __future__ import annotations

import numpy as np
import pytest

from ai.nodules.zone import extents, zone_of
from ai.scan.geometry import Geometry
from tests.nodules.scans import grid, lungs_on


@pytest.fixture
def two_lungs():
    """Right lung 60 mm high, left lung 30 mm high; x grows to the left of the patient."""
    geometry = Geometry.axial((80, 40, 80), spacing_kji_mm=(1, 1, 1), origin_lps=(-40, -20, -100))
    labels = np.zeros(geometry.shape_kji, dtype=np.uint8)
    labels[10:71, 5:35, 5:30] = 1
    labels[10:41, 5:35, 50:75] = 2
    return lungs_on(geometry, labels)


@pytest.mark.parametrize(
    ("z_mm", "right", "left"),
    [(-85, "RLZ", "LLZ"), (-75, "RLZ", "LMZ"), (-63, "RMZ", "LUZ"), (-40, "RUZ", "")],
)
def test_each_lung_is_cut_into_thirds_of_its_own_height(two_lungs, z_mm, right, left) -> None:
    assert zone_of(two_lungs, (-22.0, 0.0, z_mm)) == right
    if left:
        assert zone_of(two_lungs, (22.0, 0.0, z_mm)) == left


def test_a_place_on_the_pleura_belongs_to_the_lung_beside_it(two_lungs) -> None:
    assert zone_of(two_lungs, (38.0, 0.0, -85.0)) == "LLZ"
    assert zone_of(two_lungs, (-22.0, 0.0, -25.0)) == "RUZ"


def test_a_place_far_from_both_lungs_has_no_zone(two_lungs) -> None:
    assert zone_of(two_lungs, (22.0, 0.0, -35.0)) == ""
    assert zone_of(two_lungs, (500.0, 0.0, 0.0)) == ""


def test_without_lungs_there_is_no_zone() -> None:
    geometry = grid((20, 20, 20))
    assert zone_of(lungs_on(geometry, np.zeros(geometry.shape_kji)), (0.0, 0.0, 0.0)) == ""


def test_slices_stored_head_to_feet_give_the_same_zones(two_lungs) -> None:
    affine = two_lungs.geometry.affine.copy()
    affine[:3, 3] = two_lungs.geometry.lps_of((79, 0, 0))
    affine[:3, 0] *= -1
    flipped = lungs_on(Geometry((80, 40, 80), affine), two_lungs.labels[::-1].copy())
    for z_mm in (-85.0, -63.0, -40.0):
        place = (-22.0, 0.0, z_mm)
        assert zone_of(flipped, place) == zone_of(two_lungs, place)


def test_tilted_slices_are_measured_along_the_patient() -> None:
    geometry = grid((40, 40, 40), (1, 1, 1), tilt_degrees=30)
    labels = np.zeros(geometry.shape_kji)
    labels[10:30, 10:30, 10:30] = 1
    extent = extents(lungs_on(geometry, labels))[1]
    half = 9.5 * (np.cos(np.radians(30)) + np.sin(np.radians(30)))
    assert extent.head_mm == pytest.approx(half, abs=0.1)
    assert extent.foot_mm == pytest.approx(-half, abs=0.1)
